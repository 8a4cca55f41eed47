import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { chmod, readFile } from "node:fs/promises";
import process from "node:process";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { serveHttp, type TestServer } from "../support/http_server.ts";
import { runCli } from "../support/run_cli.ts";
import { type PlainCall, serving } from "../support/serving.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";

const text = { type: "string" };
const anything = {};

// Members by name, and their schemas.
const ACCOUNT = {
  type: "object",
  properties: {
    id: { type: "integer" },
    pass_word: { anyOf: [{ type: "string", format: "password" }, { type: "null" }] },
    pin: { $ref: "#/$defs/Pin" },
    keys: { type: "array", items: { type: "string", writeOnly: true } },
    by_host: { type: "object", additionalProperties: { type: "string", format: "password" } },
    session: { type: "integer" },
    is_token_valid: { type: "boolean" },
  },
  required: ["id", "session"],
};

const parameter = (name: string, schema_: object, more: object = { required: true }) => ({
  name,
  schema_,
  ...more,
});

const CONTRACT = {
  echo: { parameters: [parameter("v", anything)], return_schema: anything },
  add: {
    parameters: [
      parameter("a", { type: "integer" }),
      parameter("b", { type: "integer" }, { required: false, default: 2 }),
    ],
    return_schema: { type: "integer" },
  },
  count: { parameters: [], return_schema: { type: "integer" } },
  log_in: {
    parameters: [parameter("name", text), parameter("password", text)],
    return_schema: {
      anyOf: [{ $ref: "#/$defs/Account" }, { type: "null" }],
      $defs: { Account: ACCOUNT, Pin: { type: "integer", writeOnly: true } },
    },
  },
  "users.get_token": { parameters: [], return_schema: text },
};

const SECRETS = [
  "hunter2",
  "s3cret",
  "Bearer abc",
  "sid=1",
  "4111111111111111",
  "321",
  "1234",
  "key-1",
  "host-1",
  "987654",
  "tok-1",
];

function upstream(): Promise<TestServer> {
  let count = 0;
  return serveHttp((request, response, body) => {
    if (request.method === "GET") return void response.end(JSON.stringify(CONTRACT));
    const { id, method, params } = JSON.parse(body);
    const results: Record<string, () => unknown> = {
      echo: () => params.v,
      add: () => params.a + (params.b ?? 2),
      count: () => ++count,
      log_in: () => ({
        id: 7,
        pass_word: "hunter2",
        pin: 1234,
        keys: ["key-1"],
        by_host: { a: "host-1" },
        session: 987654,
        is_token_valid: true,
      }),
      "users.get_token": () => "tok-1",
    };
    response.end(JSON.stringify({ id, result: results[method]?.(), error: null }));
  });
}

const NESTED = {
  deep: [{ Password: "hunter2", client_secret: "s3cret", Authorization: "Bearer abc" }],
  setCookie: "sid=1",
  "card-number": 4111111111111111,
  CVV: 321,
  apiKey: "key-1",
  kept: "a value",
  none_token: null,
};

async function callAll(call: PlainCall): Promise<void> {
  await call("echo", { v: NESTED });
  await call("log_in", { name: "ada", password: "hunter2" });
  await call("users.get_token", {});
}

async function record(
  folder: TempFolder,
  args: readonly string[],
  use: (call: PlainCall) => Promise<void>,
): Promise<void> {
  await using server = await upstream();
  const options = { cwd: folder.path, env: { XDG_CACHE_HOME: folder.path } };
  await serving(() => ["proxy", server.url, ...args], options, use);
}

/** Answers of a mock that replays a recording of the folder. */
async function replay(
  folder: TempFolder,
  file: string,
  calls: readonly (readonly [method: string, params: object])[],
): Promise<unknown[]> {
  await folder.write({ "contract.json": JSON.stringify(CONTRACT) });
  const results: unknown[] = [];
  const args = ["mock", "contract.json", "--examples", file];
  await serving(() => args, { cwd: folder.path }, async (call) => {
    for (const [method, params] of calls) results.push((await call(method, params)).result);
  });
  return results;
}

function assertPrivate(path: string): void {
  if (process.platform !== "win32") assert.equal(statSync(path).mode & 0o777, 0o600, path);
}

describe("secrets in recordings", () => {
  for (const file of ["calls.json", "calls.yaml"]) {
    it(`are replaced in ${file}, which still replays`, async () => {
      await using folder = await tempFolder();
      await record(folder, ["--record", file], callAll);
      const content = await readFile(folder.at(file), "utf8");
      for (const secret of SECRETS) assert.ok(!content.includes(secret), `${secret}: ${content}`);
      const recorded = parse(content);
      assert.deepEqual(recorded.echo.cases[0].result, {
        deep: [{ Password: "***", client_secret: "***", Authorization: "***" }],
        setCookie: "***",
        "card-number": "***",
        CVV: "***",
        apiKey: "***",
        kept: "a value",
        none_token: null,
      });
      assert.deepEqual(recorded.log_in.cases[0], {
        args: { name: "ada", password: "***" },
        result: {
          id: 7,
          pass_word: "***",
          pin: "***",
          keys: ["***"],
          by_host: { a: "***" },
          session: "***",
          is_token_valid: true,
        },
      });
      assert.equal(recorded["users.get_token"].cases[0].result, "***");
      const [echoed, account, token] = await replay(folder, file, [
        ["echo", { v: NESTED }],
        ["log_in", { name: "ada", password: "another" }],
        ["users.get_token", {}],
      ]);
      assert.equal((echoed as { kept: string }).kept, "a value");
      assert.equal(token, "***");
      const { id, session, pin, keys } = account as Record<string, unknown>;
      assert.deepEqual([id, keys], [7, ["***"]]);
      // The contract has integers there.
      assert.equal(typeof session, "number");
      assert.equal(typeof pin, "number");
    });
  }

  it("are kept by --record-secrets", async () => {
    await using folder = await tempFolder();
    await record(folder, ["--record", "calls.yml", "--record-secrets"], callAll);
    const content = await readFile(folder.at("calls.yml"), "utf8");
    for (const secret of SECRETS) assert.ok(content.includes(secret), `${secret}: ${content}`);
    const [echoed] = await replay(folder, "calls.yml", [["echo", { v: NESTED }]]);
    assert.deepEqual(echoed, NESTED);
  });

  for (const flags of [[], ["--record-secrets"]]) {
    it(`of a dump ${flags.join("")} follow the same rules`, async () => {
      await using folder = await tempFolder();
      await using server = await upstream();
      const args = ["mock", "--proxy", server.url, "--dump", "answers", ...flags];
      const { files } = await runCli(args, {
        cwd: folder.path,
        env: { XDG_CACHE_HOME: folder.at("cache") },
      });
      const account = JSON.parse(files["answers/log_in.json"] ?? "");
      assert.equal(account.session, flags.length === 0 ? "***" : 987654);
      assert.equal(account.keys[0], flags.length === 0 ? "***" : "key-1");
      for (const name of ["log_in.json", "add.json", ".pyrpc-dump.json"]) {
        assertPrivate(folder.at("answers", name));
      }
    });
  }
});

describe("recordings and dumps", () => {
  it("are readable by their owner only, present ones as well", async () => {
    await using folder = await tempFolder();
    const path = folder.at("calls.json");
    await record(folder, ["--record", "calls.json"], async (call) => void await call("count"));
    assertPrivate(path);
    await chmod(path, 0o644);
    const append = ["--record", "calls.json", "--record-append"];
    await record(folder, append, async (call) => void await call("count"));
    assertPrivate(path);
    const dump = ["mock", "--dump", "answers"];
    await runCli(dump, { cwd: folder.path });
    await chmod(folder.at("answers", "add.json"), 0o644);
    await runCli(dump, { cwd: folder.path });
    assertPrivate(folder.at("answers", "add.json"));
  });
});

describe("--record-append", () => {
  for (const file of ["calls.json", "calls.yaml"]) {
    it(`adds to ${file}; without it the recording is replaced`, async () => {
      await using folder = await tempFolder();
      const append = ["--record", file, "--record-append"];
      const counts = () => {
        const { answers } = parse(readFileSync(folder.at(file), "utf8")).count.cases[0];
        return answers.map(({ result }: { result: number }) => result);
      };
      const twice = async (call: PlainCall) => {
        await call("count");
        await call("count");
      };
      await record(folder, append, twice);
      await record(folder, append, async (call) => {
        await twice(call);
        await call("add", { a: 1 });
      });
      assert.deepEqual(counts(), [1, 2, 1, 2]);
      // Nothing is lost if no call passes.
      await record(folder, append, () => Promise.resolve());
      assert.deepEqual(counts(), [1, 2, 1, 2]);
      await record(folder, ["--record", file], twice);
      assert.deepEqual(counts(), [1, 2]);
    });
  }

  it("refuses a file that is not a recording, or that was edited", async () => {
    const files = { "hand.yaml": "add: { result: 42 } # mine\n" };
    await using folder = await tempFolder(files);
    await using server = await upstream();
    const args = ["proxy", server.url, "--port", "0", "--record", "hand.yaml", "--record-append"];
    const { code, files: changed } = await runCli(args, {
      cwd: folder.path,
      env: { XDG_CACHE_HOME: folder.at("cache") },
    });
    assert.equal(code, 3);
    assert.equal(changed["hand.yaml"], undefined);
  });

  it("needs --record, and --record-secrets needs something to write", async () => {
    for (
      const [flag, fix] of [
        ["--record-append", /needs --record FILE/],
        ["--record-secrets", /needs --record FILE or --dump FOLDER/],
      ] as const
    ) {
      const { code, stderr } = await runCli(["mock", "--port", "0", flag]);
      assert.equal(code, 2);
      assert.match(stderr, fix);
    }
  });
});

describe("replaying a recording", () => {
  it("answers each call with its own answer", async () => {
    await using folder = await tempFolder();
    const calls = [
      ["echo", { v: { limit: 5 } }],
      ["echo", { v: { page: 2, limit: 5 } }],
      ["add", { a: 1 }],
      ["count", {}],
      ["count", {}],
      ["count", {}],
    ] as const;
    const recorded: unknown[] = [];
    await record(folder, ["--record", "calls.yaml"], async (call) => {
      for (const [method, params] of calls) recorded.push((await call(method, params)).result);
    });
    assert.deepEqual(recorded.slice(3), [1, 2, 3]);
    assert.deepEqual(await replay(folder, "calls.yaml", calls), recorded);
    // Not recorded: a generated value, not the answer of `add(1)`.
    const [other, same] = await replay(folder, "calls.yaml", [
      ["add", { a: 1, b: 7 }],
      ["add", { a: 1, b: 2 }],
    ]);
    assert.notEqual(other, 3);
    assert.equal(same, 3, "the default that was left out");
  });

  it("works for the answers of a mock's own handlers", async () => {
    await using folder = await tempFolder({
      "h.mjs": "export const add = (a, b) => a * 10 + b;",
      "contract.json": JSON.stringify(CONTRACT),
    });
    const args = ["mock", "contract.json", "--handlers", "h.mjs", "--record", "calls.json"];
    await serving(() => args, { cwd: folder.path }, async (call) => {
      assert.equal((await call("add", { a: 4, b: 2 })).result, 42);
    });
    assert.deepEqual(await replay(folder, "calls.json", [["add", { a: 4, b: 2 }]]), [42]);
  });
});
