import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareProcedures } from "../../lib/compare/mod.ts";
import { formatContract, parseContract } from "../../lib/contract/mod.ts";
import { parseJson } from "../../lib/json/mod.ts";
import { serveHttp } from "../support/http_server.ts";
import { TINY_TEXT } from "../support/tiny_contract.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

test("pull accepts every flag of a server's SOURCE", async () => {
  const statuses = [503, 200];
  await using server = await serveHttp((_, response) => {
    const status = statuses.shift() ?? 200;
    response.writeHead(status).end(status === 200 ? TINY_TEXT : "");
  });
  const { code, files, stderr } = await runCli([
    "pull",
    server.url,
    "-o",
    "out/schema.json",
    ...["--header", "X-One: 1", "--header", "X-Two: 2"],
    ...["--token-env", "API_TOKEN", "--timeout", "5", "--retries", "2", "--max-size", "1MiB"],
  ], { env: { API_TOKEN: "t0ken-x" } });
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^✓ http:.*\/rpc → out\/schema\.json {2}1 procedure, 0 types, \+1 ~0 -0 procedures, \d+ ms\n$/,
  );
  assert.deepEqual(Object.keys(files), ["out/schema.json"]);
  assert.equal(server.requests.length, 2);
  const { headers } = server.requests[1]!;
  assert.deepEqual([headers["x-one"], headers["x-two"], headers.authorization], [
    "1",
    "2",
    "Bearer t0ken-x",
  ]);
});

test("pull replaces a snapshot, also a damaged one, and no other file", async () => {
  const damaged = `<<<<<<< HEAD\n${TINY_TEXT}`;
  await using folder = await tempFolder({
    "source.json": TINY_TEXT,
    "note.txt": "precious\n",
    "package.json": `{ "name": "app" }\n`,
    "tsconfig.json": "{ // comment\n}\n",
    "empty.json": "",
    "none.json": "{}\n",
    "damaged.json": damaged,
    "cut.json": TINY_TEXT.slice(0, -5),
  });
  const pull = (out: string) => runCli(["pull", "source.json", "-o", out], { cwd: folder.path });
  for (const name of ["note.txt", "package.json", "tsconfig.json"]) {
    const { code, files, stderr } = await pull(name);
    assert.deepEqual([code, files], [3, {}], name);
    assert.match(stderr, /was not written by pyrpc and would be overwritten/);
  }
  for (const name of ["empty.json", "none.json", "damaged.json", "cut.json"]) {
    assert.deepEqual(Object.keys((await pull(name)).files), [name]);
  }
});

test("pull keeps the file that is there when the server fails in any way", async () => {
  const answers: Record<string, [number, string]> = {
    "/a/rpc": [500, "x"],
    "/b/rpc": [200, "<html>"],
    "/c/rpc": [200, '{"add": {'],
    "/d/rpc": [200, "[]"],
    "/e/rpc": [200, "{}"],
  };
  await using server = await serveHttp((request, response) => {
    const [status, body] = answers[request.url!]!;
    response.writeHead(status).end(body);
  });
  await using folder = await tempFolder({ "schema.json": "kept" });
  for (const path of ["a", "b", "c", "d", "e"]) {
    const result = await runCli(["pull", `${server.url}/${path}`, "-o", "schema.json"], {
      cwd: folder.path,
    });
    assert.equal(result.code, path === "e" ? 1 : 5, path);
    assert.deepEqual(result.files, {});
  }
});

test("formatContract() returns the same bytes for any order of procedures and keywords, and loses nothing", () => {
  const key = fc.oneof(
    fc.string(),
    fc.constantFrom("name", "schema_", "type", "__proto__", "1", "é"),
  );
  const value = fc.jsonValue({ maxDepth: 2 });
  const extra = fc.dictionary(key, value, { maxKeys: 4 });
  const parameter = extra.map((more) => ({ ...more, name: "p", required: true, schema_: {} }));
  const procedure = fc.tuple(extra, parameter).map(([more, one]) => ({
    ...more,
    doc: "x",
    parameters: [one],
    return_schema: {},
  }));
  const read = (document: unknown) => parseContract(document, { where: "x" });
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ minLength: 3 }), procedure, { maxKeys: 4 }),
      (document) => {
        if (
          ["openapi", "swagger", "$schema", "error"].some((name) => Object.hasOwn(document, name))
        ) return;
        const text = formatContract(read(document));
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(document)));
        const reversed = read(JSON.parse(JSON.stringify(reverseKeys(document))));
        const regrouped = read(JSON.parse(JSON.stringify(reverseMembers(document))));
        assert.equal(formatContract(regrouped), text);
        assert.deepEqual(compareProcedures(read(document), reversed), {
          added: [],
          changed: [],
          removed: [],
        });
      },
    ),
    { numRuns: 200, seed: 11 },
  );
});

test("formatContract() keeps the order of properties, definitions and data, and exact numbers", () => {
  const result = {
    $defs: { Zoo: { type: "integer", minimum: 9007199254740993n }, Ape: { maximum: -(2n ** 63n) } },
    type: "object",
    properties: {
      zeta: { $ref: "#/$defs/Zoo", default: { y: 1e16, b: 10n ** 30n } },
      alpha: { type: "number", exclusiveMinimum: 1e300, examples: [2 ** 60] },
    },
    required: ["zeta", "alpha"],
  };
  const document = { get: { parameters: [], return_schema: result } };
  const text = formatContract(parseContract(document, { where: "x" }));
  for (
    const written of [
      "9007199254740993",
      "-9223372036854775808",
      "1e+16",
      "1000000000000000000000000000000",
      "1e+300",
      "1.152921504606847e+18",
    ]
  ) assert.ok(text.includes(` ${written}`), written);
  const order = ["Zoo", "Ape", "zeta", "y", "b", "alpha"].map((name) => text.indexOf(`"${name}":`));
  assert.deepEqual(order, order.toSorted((a, b) => a - b));
  const read = parseContract(parseJson(text), { where: "x" });
  assert.deepEqual(read.document, document);
  assert.equal(formatContract(read), text);
});

test("pull restores the order of properties in a snapshot, which --check accepts in any order", async () => {
  const documentOf = (...names: string[]) => ({
    get: {
      name: "get",
      parameters: [],
      return_schema: {
        type: "object",
        properties: Object.fromEntries(names.map((name) => [name, { type: "integer" }])),
        required: ["name", "age"],
      },
    },
  });
  const source = documentOf("name", "age");
  // Flask sorts members, so that the same contract has another order from its URL.
  const files = {
    "source.json": JSON.stringify(source),
    "schema.json": formatContract(parseContract(documentOf("age", "name"), { where: "x" })),
  };
  const command = ["pull", "source.json", "-o", "schema.json"];
  assert.equal((await runCli([...command, "--check"], { files })).code, 0);
  assert.deepEqual((await runCli(command, { files })).files, {
    "schema.json": formatContract(parseContract(source, { where: "x" })),
  });
});

function reverseMembers(document: Readonly<Record<string, unknown>>): unknown {
  return reversed(Object.fromEntries(
    Object.entries(document).map(([name, procedure]) => {
      const { parameters, ...rest } = procedure as { parameters: readonly object[] };
      return [name, reversed({ ...rest, parameters: parameters.map(reversed) })];
    }),
  ));
}

function reversed(object: object): object {
  return Object.fromEntries(Object.entries(object).reverse());
}

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).reverse().map(([key, each]) => [key, reverseKeys(each)]),
  );
}
