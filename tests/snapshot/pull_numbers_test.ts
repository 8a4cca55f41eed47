import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { pullSnapshot } from "../../lib/snapshot/mod.ts";
import { contextOf } from "../support/load_context.ts";
import { serveHttp } from "../support/http_server.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Numbers as Python's `json` writes them. */
const NUMBER = fc.oneof(
  fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(String),
  fc.integer({ min: -1000, max: 1000 }).map(String),
  fc.integer({ min: -1000, max: 1000 }).map((whole) => `${whole}.0`),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-3, max: 1e3 })
    .filter((value) => !Number.isInteger(value)).map(String),
  fc.constantFrom("-0.0", "1e+16", "1.5e+300", "1.7976931348623157e+308", "9007199254740993"),
);

const NUMBERS = fc.array(NUMBER, { minLength: 8, maxLength: 8 });

function pyrpcText(n: readonly string[]): string {
  return `{"f": {"parameters": [{"name": "a", "type": "float", "required": false, "default": ${
    n[0]
  },
    "schema_": {"type": "number", "minimum": ${n[1]}, "enum": [${n[2]}, {"x": ${
    n[3]
  }}], "x-other": [${n[4]}],
    "properties": {"p": {"multipleOf": ${n[5]}, "default": {"deep": [${n[6]}]}}}}}],
    "return_schema": {"$defs": {"M": {"const": ${n[7]}}}, "$ref": "#/$defs/M"}}}`;
}

function openrpcText(n: readonly string[]): string {
  return `{"openrpc": "1.2.6", "info": {"title": "t", "version": "1"}, "methods": [{"name": "f", "params": [
    {"name": "a", "schema": {"type": "number", "minimum": ${n[1]}, "enum": [${n[2]}, {"x": ${
    n[3]
  }}], "x-other": [${n[4]}],
    "properties": {"p": {"multipleOf": ${n[5]}, "default": {"deep": [${n[6]}]}}}}}],
    "result": {"name": "r", "schema": {"$ref": "#/components/schemas/M"}}}],
    "components": {"schemas": {"M": {"const": ${n[7]}}}}}`;
}

function numbersIn(text: string): string[] {
  return (text.replace(/"(?:[^"\\]|\\.)*"/g, "").match(/-?\d[\d.]*(?:e[+-]?\d+)?/gi) ?? []).sort();
}

async function pulled(source: string, text: string, cwd: string): Promise<string> {
  const request = {
    source,
    out: undefined,
    mode: "write",
    allowEmpty: false,
    selection: { include: [], exclude: [] },
    onLoaded: () => {},
  } as const;
  const stdin = { readAll: () => Promise.resolve(Buffer.from(text)) };
  return (await pullSnapshot(request, {}, contextOf({ stdin, cwd }))).text;
}

test("A snapshot has the numbers of the document: large integers, and distinguishes 5.0 from 5", async () => {
  await fc.assert(
    fc.asyncProperty(NUMBERS, fc.boolean(), async (numbers, isOpenrpc) => {
      const text = isOpenrpc ? openrpcText(numbers) : pyrpcText(numbers);
      const expected = numbersIn(isOpenrpc ? text.replace(/"version": "1"/, "") : text);
      assert.deepEqual(numbersIn(await pulled("-", text, ".")), expected);
    }),
    { numRuns: 300 },
  );
});

test("A snapshot of a file, a server and standard input has the same text", async () => {
  const text = pyrpcText(["5.0", "0.0", "2", "1e+16", "-0.0", "0.5", "9007199254740993", "3.0"]);
  await using folder = await tempFolder({ "contract.json": text });
  await using server = await serveHttp((_, response) => response.end(text));
  const [file, url, stdin] = await Promise.all(
    ["contract.json", server.url, "-"].map((source) => pulled(source, text, folder.path)),
  );
  assert.match(file ?? "", /"default": 5\.0/);
  assert.equal(url, file);
  assert.equal(stdin, file);
});
