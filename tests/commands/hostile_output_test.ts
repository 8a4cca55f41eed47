import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serveHttp } from "../support/http_server.ts";
import { type CliResult, runCli } from "../support/run_cli.ts";
import { serving } from "../support/serving.ts";

// Each would do something in a terminal or in GitHub's log: C0, C1 (CSI, NEL), bidirectional controls, workflow commands.
const HOSTILE = [
  "::error file=app.py::pwned",
  " ::add-mask::x",
  "##[error]pwned",
  "\u001b[2J\u0007\u0000",
  "\u009b31m\u0085\u0090",
  "\u202e\u2066\u061c\u200f\u2028",
  "\r::warning::x\n::error::y",
];
const TEXT = HOSTILE.join("");

const parameter = (name: string, description: string) => ({
  name,
  required: true,
  schema_: { type: "string", description, title: name },
});

/** A contract with hostile names, docs, titles, models and values. */
function contract(type: string): Record<string, unknown> {
  const procedures = [...HOSTILE, TEXT].map((text) => [text, {
    doc: `${text}\n${text}`,
    kind: "query",
    parameters: [parameter(text, text)],
    return_schema: {
      type: "object",
      title: text,
      description: text,
      properties: { [text]: { type, description: text }, kept: { enum: [text, "b"] } },
      required: [text],
    },
  }]);
  return Object.fromEntries(procedures);
}

const FILES = {
  "old.json": JSON.stringify(contract("string")),
  "new.json": JSON.stringify(contract("integer")),
  "pyrpc-client.json": JSON.stringify({
    distribution: "server",
    server_url: `http://127.0.0.1:9/${TEXT}`,
    output: "types.ts",
  }),
};

// Tabs and line breaks remain; everything else that moves a cursor does not.
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

function assertSafe({ stdout, stderr, files, block }: CliResult, isGithub = false): void {
  for (const [name, text] of [["stdout", stdout], ["stderr", stderr], ...Object.entries(files)]) {
    const found = UNSAFE.exec(text ?? "");
    assert.equal(found, null, `${name}: ${JSON.stringify(found?.[0])} in ${JSON.stringify(text)}`);
  }
  const commands = `${stdout}\n${stderr}`.match(/^\s*::.*::.*$|^.*##\[.*$/gm) ?? [];
  const own = isGithub ? /^::(error|warning|notice) (file=[^,:]*,)?title=pyrpc[^:]*::/ : /^$/;
  assert.deepEqual(commands.filter((line) => !own.test(line)), [], block);
}

/** A server of the contract, whose every answer is a hostile result or error. */
function hostileServer() {
  return serveHttp((request, response, body) => {
    if (request.method !== "POST") return void response.end(FILES["old.json"]);
    const { id, params } = JSON.parse(body);
    const fails = JSON.stringify(params).includes("fail");
    const error = { code: -32000, message: TEXT, data: { [TEXT]: TEXT } };
    const answer = fails ? { error, result: null } : { error: null, result: { [TEXT]: TEXT } };
    // The raw characters, which `JSON.stringify` does not escape.
    response.end(JSON.stringify({ id, ...answer }));
  });
}

const OFFLINE: readonly (readonly [name: string, args: readonly string[], mayFail?: boolean])[] = [
  ["inspect", ["inspect", "old.json"]],
  ...[...HOSTILE, TEXT].map((name) =>
    [`inspect ${JSON.stringify(name)}`, ["inspect", "old.json", "--", name]] as const
  ),
  ["inspect of an unknown name", ["inspect", "old.json", "--", "x"]],
  ["inspect --json", ["inspect", "old.json", "--json"]],
  ...["text", "json", "github", "junit", "markdown"].flatMap((format) =>
    [
      [`diff --format ${format}`, ["diff", "old.json", "new.json", "--format", format]],
      [`check --format ${format}`, ["check", "old.json", "--format", format]],
    ] as const
  ),
  ["codegen", ["codegen", "old.json", "--out", "-"]],
  ["codegen --out", ["codegen", "old.json", "--out", "types.ts"]],
  ["codegen --out --json", ["codegen", "old.json", "--out", "types.ts", "--json"]],
  ["export", ["export", "openrpc", "old.json"]],
  ["export -o", ["export", "openrpc", "old.json", "-o", "openrpc.json"]],
  ["pull", ["pull", "old.json"]],
  ["pull -o", ["pull", "old.json", "-o", "snapshot.json"]],
  ["pull -o --json", ["pull", "old.json", "-o", "snapshot.json", "--json"]],
  ["mock --dump", ["mock", "old.json", "--dump", "answers"]],
  ["mock --dump --json", ["mock", "old.json", "--dump", "answers", "--json"]],
  ["config", ["config"]],
  ["config --json", ["config", "--json"]],
  ["doctor", ["doctor"]],
  ["doctor --json", ["doctor", "--json"]],
  ["sync", ["sync", "--server-url", `http://127.0.0.1:9/${TEXT}`]],
];

describe("a hostile contract", () => {
  for (const [name, args] of OFFLINE) {
    it(`${name} prints no control character and no workflow command`, async () => {
      const result = await runCli(args, { files: FILES });
      assert.notEqual(result.code, 70, result.block);
      assertSafe(result, args.includes("github"));
      if (args.includes("--json") && result.stdout !== "") JSON.parse(result.stdout);
    });
  }

  it("keeps its values: a snapshot has the same contract", async () => {
    const { stdout } = await runCli(["pull", "old.json"], { files: FILES });
    assert.deepEqual(JSON.parse(stdout), JSON.parse(FILES["old.json"]));
  });

  const online: readonly (readonly string[])[] = [
    ["inspect"],
    ["sync", "--json", "--out", "types.ts", "--server-url"],
    ["pull"],
    ["call", "--json", "--no-check"],
    ["call", "--no-check"],
    ["call", "--curl", "--no-check"],
  ];
  for (const args of online) {
    for (const argument of ["x", "fail"]) {
      it(`of a server, ${args.join(" ")} with ${argument}`, async () => {
        await using server = await hostileServer();
        const rest = args[0] === "call" ? ["--", server.url, TEXT, argument] : [server.url];
        const result = await runCli([...args, ...rest], { files: {} });
        assert.notEqual(result.code, 70, result.block);
        assertSafe(result);
      });
    }
  }

  const formats = [["--format", "github"], ["--format", "junit"]];
  for (
    const flags of [[], ["--json"], ["--trace", "--trace-file", "trace.jsonl"], ...formats]
  ) {
    for (const command of flags[0] === "--format" ? ["proxy"] : ["mock", "proxy"]) {
      it(`${command} ${flags.join(" ")} prints calls of hostile clients`, async () => {
        await using server = await hostileServer();
        const source = command === "mock" ? "old.json" : server.url;
        const record = command === "proxy" ? ["--record", "calls.json"] : [];
        const args = [command, source, ...flags, ...record];
        const result = await serving(() => args, { files: FILES }, async (call) => {
          for (const method of [...HOSTILE, TEXT]) {
            await call(method, [TEXT]);
            await call(method, ["fail"]);
            await call(method, [TEXT, 1]);
          }
        });
        assertSafe(result, flags.includes("github"));
      });
    }
  }
});
