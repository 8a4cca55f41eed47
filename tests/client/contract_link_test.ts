import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import {
  type ContractChange,
  type ContractHashes,
  contractHashes,
  contractLink,
} from "../../lib/client/contract/mod.ts";
import { createClient, httpLink } from "../../lib/client/pyrpc_client.ts";
import { generateTypes, moduleText } from "../../lib/codegen/mod.ts";
import { type Json, type JsonObject, parseContract } from "../../lib/contract/mod.ts";
import { parseJson } from "../../lib/json/mod.ts";
import { ROOT } from "../../scripts/project.ts";
import { arbitrarySchema, withDefinitions } from "../support/arbitrary_schema.ts";
import { denoPath } from "../support/engines.ts";
import { serveHttp } from "../support/http_server.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

const procedure = (schema: Json, result: Json = { type: "integer" }) => ({
  name: "f",
  parameters: [{ name: "a", type: "", schema_: schema, required: true, default: null }],
  return_type: "",
  return_schema: result,
  doc: "",
  kind: "query",
});

/** The hashes in the generated types of a document, evaluated as JavaScript. */
function generatedHashes(document: JsonObject): ContractHashes {
  const { text } = generateTypes(parseContract(document, { where: "test" }));
  const exports: { contract?: ContractHashes } = {};
  new Function("exports", moduleText(text, "cjs"))(exports);
  return exports.contract!;
}

/** Returns the value with the keys of each object in another order. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).reverse().map(([key, member]) => [key, reversed(member)]),
  );
}

test("generated types have the hashes that the client computes from GET /rpc, in any order of keys", () => {
  fc.assert(
    fc.property(arbitrarySchema, arbitrarySchema, fc.string(), (schema, result, name) => {
      const document = {
        [name]: procedure(withDefinitions(schema), withDefinitions(result)),
      } as JsonObject;
      const text = JSON.stringify(
        document,
        (_, value) => typeof value === "bigint" ? Number(value) : value,
      );
      const { hash, procedures } = generatedHashes(document);
      const deployed = contractHashes(JSON.parse(text));
      assert.deepEqual({ hash, procedures: { ...procedures } }, deployed);
      assert.deepEqual(contractHashes(reversed(JSON.parse(text)) as never), deployed);
    }),
    { numRuns: 100 },
  );
});

test("contractHashes ignores documentation and formatting, and nothing that a call depends on", () => {
  const base = procedure({
    type: "object",
    properties: { title: { type: "string", maxLength: 5 } },
    required: ["title"],
  });
  const hash = (value: Json) => contractHashes({ f: value as never }).procedures["f"];
  const change = (path: string, to: Json): Json => {
    const copy = JSON.parse(JSON.stringify(base));
    const steps = path.split(".");
    const last = steps.pop()!;
    steps.reduce((part, step) => part[step], copy)[last] = to;
    return copy;
  };
  const same: [string, Json][] = [
    ["doc", "other"],
    ["kind", "mutation"],
    ["is_async", true],
    ["return_type", "int"],
    ["parameters.0.type", "str"],
    ["parameters.0.default", 3],
    ["parameters.0.schema_.title", "Item"],
    ["parameters.0.schema_.properties.title.description", "text"],
    ["parameters.0.schema_.properties.title.maxLength", 5.0],
  ];
  for (const [path, to] of same) assert.equal(hash(change(path, to)), hash(base), path);
  const others: [string, Json][] = [
    ["parameters.0.name", "b"],
    ["parameters.0.required", false],
    ["parameters.0.schema_.properties.title.maxLength", 6],
    ["parameters.0.schema_.properties.title.type", "integer"],
    // A property is not documentation, whatever its name.
    ["parameters.0.schema_.properties.description", { type: "string" }],
    ["parameters.0.schema_.required", []],
    ["return_schema", { type: "number" }],
    ["parameters", []],
  ];
  const seen = new Set([hash(base)]);
  for (const [path, to] of others) {
    const found = hash(change(path, to));
    assert.ok(!seen.has(found), path);
    seen.add(found);
  }
});

test("contractHashes is the same for integers that JSON.parse rounds", () => {
  const text = `{"f":${
    JSON.stringify(procedure({ type: "integer", maximum: 0 })).replace(
      '"maximum":0',
      '"maximum":9223372036854775807',
    )
  }}`;
  assert.deepEqual(
    contractHashes(JSON.parse(text)),
    { ...generatedHashes(parseJson(text) as JsonObject) },
  );
});

interface Deployed {
  document: JsonObject;
  etag: boolean;
}

async function serve(deployed: Deployed) {
  return await serveHttp((request, response, body) => {
    const text = JSON.stringify(deployed.document);
    const etag = `"${contractHashes(deployed.document as never).hash}"`;
    if (deployed.etag) response.setHeader("etag", etag);
    if (request.method === "GET") {
      if (request.headers["if-none-match"] === etag) response.statusCode = 304;
      return void response.end(response.statusCode === 304 ? "" : text);
    }
    const { id, method } = JSON.parse(body);
    const code = method === "f" ? -32602 : method === "gone" ? -32601 : -32603;
    const error = method === "ok" ? null : { code, message: "wrong", data: null };
    response.end(JSON.stringify({ id, result: 1, error }));
  });
}

test("contractLink asks at the start and after rejected calls, at most once a minute, and reports each version once", async () => {
  const generated = { f: procedure({ type: "integer" }), gone: procedure({}), ok: procedure({}) };
  const deployed: Deployed = { document: generated, etag: true };
  await using server = await serve(deployed);
  const changes: ContractChange[] = [];
  let time = 0;
  const rpc = createClient<Record<string, () => Promise<number>>>({
    headers: { authorization: "Bearer x" },
    links: [
      contractLink({
        contract: generatedHashes(generated),
        onChange: (change) => changes.push(change),
        url: server.url,
        now: () => time,
      }),
      httpLink({ url: server.url }),
    ],
  });
  const asked = () => server.requests.filter(({ method }) => method === "GET");
  const call = (name: string) => rpc[name]!().catch(() => undefined);
  await waitUntil(() => asked().length === 1);
  assert.equal(asked()[0]?.headers["authorization"], "Bearer x");

  deployed.document = { f: procedure({ type: "string" }), ok: procedure({}), added: procedure({}) };
  time = 59_999;
  await call("f");
  time = 60_000;
  // Neither a result nor an error of the procedure is a reason to ask.
  await call("ok");
  await call("fails");
  assert.equal(asked().length, 1);
  await call("f");
  await waitUntil(() => changes.length === 1);
  const { hash, ...change } = changes[0]!;
  assert.deepEqual(change, { added: ["added"], removed: ["gone"], changed: ["f"] });
  assert.equal(hash, contractHashes(deployed.document as never).hash);
  assert.equal(
    asked()[1]?.headers["if-none-match"],
    `"${contractHashes(generated as never).hash}"`,
  );

  time = 120_000;
  await call("gone");
  await waitUntil(() => asked().length === 3);
  assert.equal(asked()[2]?.headers["if-none-match"], `"${hash}"`);
  // The same version is not reported again, whether the server answers 304 or not.
  deployed.etag = false;
  time = 180_000;
  await call("f");
  await waitUntil(() => asked().length === 4);
  deployed.document = { ...deployed.document, more: procedure({}) };
  time = 240_000;
  await call("f");
  await waitUntil(() => changes.length === 2);
  assert.deepEqual(changes[1]?.added, ["added", "more"]);
});

test("contractLink ignores a server that does not answer, and passes calls on unchanged", async () => {
  const changes: ContractChange[] = [];
  const rpc = createClient<{ f: () => Promise<number> }>({
    fetch: (_, { method }) => {
      if (method !== "POST") throw new Error("offline");
      return Promise.resolve({
        ok: true,
        status: 200,
        headers: { get: () => null },
        text: () => Promise.resolve('{"result":7,"error":null}'),
      });
    },
    links: [
      contractLink({
        contract: { hash: "", procedures: {} },
        onChange: (change) => changes.push(change),
        url: "http://127.0.0.1:1",
      }),
      httpLink({ url: "http://127.0.0.1:1" }),
    ],
  });
  assert.equal(await rpc.f(), 7);
  assert.deepEqual(changes, []);
});

test("contractLink ignores answers that are not a contract, and prints an error of onChange", async () => {
  const generated = { f: procedure({}) };
  const answers = [
    "<!doctype html><title>Log in</title>",
    "",
    "null",
    "[]",
    '"maintenance"',
    '{"detail":"Not Found"}',
    '{"f":null}',
    '{"f":{"parameters":{}}}',
    JSON.stringify({ f: procedure({}), detail: "x" }),
  ];
  let text = "";
  const printed: unknown[] = [];
  const output = (globalThis as unknown as { console: { error(error: unknown): void } }).console;
  const original = output.error;
  output.error = (error: unknown) => void printed.push(error);
  try {
    let time = 0;
    let hasThrown = false;
    const rpc = createClient<{ f: () => Promise<number> }>({
      fetch: (_, { method }) => {
        const call = '{"result":null,"error":{"code":-32602,"message":"wrong"}}';
        const body = method === "POST" ? call : text;
        return Promise.resolve({
          ok: true,
          status: 200,
          headers: { get: () => null },
          text: () => Promise.resolve(body),
        });
      },
      links: [
        contractLink({
          contract: generatedHashes(generated),
          url: "http://127.0.0.1:1",
          now: () => time,
          async onChange() {
            await Promise.resolve();
            hasThrown = true;
            throw new Error("own");
          },
        }),
        httpLink({ url: "http://127.0.0.1:1" }),
      ],
    });
    for (text of answers) {
      time += 60_000;
      await assert.rejects(rpc.f());
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(!hasThrown, text);
    }
    text = "{}";
    time += 60_000;
    await assert.rejects(rpc.f());
    await waitUntil(() => printed.length === 1);
    assert.match(String(printed[0]), /own/);
  } finally {
    output.error = original;
  }
});

test("hashes and contractLink are not in a bundle that does not import them", async () => {
  const schema = await readFile(join(ROOT, "tests/fixtures/shop.schema.json"), "utf8");
  const { text } = generateTypes(parseContract(JSON.parse(schema), { where: "shop" }));
  await using folder = await tempFolder({
    "types.ts": text,
    "package.json": '{ "type": "module" }',
    "index.js": moduleText(text, "esm"),
    "used.ts": `import { contract } from "./types.ts";\nconsole.log(contract.hash);\n`,
    "unused.ts":
      `import { procedureKinds } from "./types.ts";\nimport { type Types } from "./types.ts";\nconsole.log(procedureKinds.add as keyof Types);\n`,
    "unused_js.ts":
      `import { procedureKinds } from "./index.js";\nconsole.log(procedureKinds.add);\n`,
    "client.ts": `export { createClient } from ${
      JSON.stringify(join(ROOT, "lib/client/pyrpc_client.ts"))
    };\n`,
  });
  const { hash } = contractHashes(JSON.parse(schema));
  for (
    const [entry, isIncluded] of [
      ["used.ts", true],
      ["unused.ts", false],
      ["unused_js.ts", false],
      ["client.ts", false],
    ] as const
  ) {
    const args = ["bundle", "--quiet", "--minify", "--platform=browser", folder.at(entry)];
    const { stdout } = await promisify(execFile)(denoPath(), args, {
      cwd: ROOT,
      maxBuffer: 1 << 26,
    });
    assert.ok(stdout.length > 20);
    assert.equal(stdout.includes(hash), isIncluded, entry);
    assert.ok(!stdout.includes("if-none-match"), entry);
  }
});
