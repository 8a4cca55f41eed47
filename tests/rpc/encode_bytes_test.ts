import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { type Json, type JsonSchema, parseContract } from "../../lib/contract/mod.ts";
import { createMockDispatcher } from "../../lib/mock/mod.ts";
import {
  collectHandlers,
  type Dispatcher,
  dispatcherOf,
  handleMessage,
  procedureDocument,
  pyrpcProtocol,
} from "../../lib/rpc/mod.ts";
import { encodeBytes } from "../../lib/rpc/encode_bytes.ts";

const BYTES: JsonSchema = { type: "string", format: "binary" };
const TEXT: JsonSchema = { type: "string" };
const raw = Uint8Array.of(0xfb, 0xff, 0xfe, 0x00);

/** A schema, a value with bytes, and the value that is sent; the bytes themselves where the schema has none. */
const CASES:
  readonly (readonly [name: string, schema: JsonSchema, value: unknown, sent: unknown])[] = [
    ["binary", BYTES, raw, "+//+AA=="],
    ["byte, as in OpenAPI", { type: "string", format: "byte" }, raw, "+//+AA=="],
    ["base64", { type: "string", format: "base64" }, raw, "+//+AA=="],
    ["base64url", { type: "string", format: "base64url" }, raw, "-__-AA=="],
    ["a content encoding", { type: "string", contentEncoding: "base64" }, raw, "+//+AA=="],
    ["a Buffer, and a part of one", BYTES, Buffer.from([0, ...raw, 0]).subarray(1, 5), "+//+AA=="],
    ["no bytes", BYTES, new Uint8Array(), ""],
    ["a text where bytes may be", BYTES, "+//+AA==", "+//+AA=="],
    ["an optional value", { anyOf: [BYTES, { type: "null" }] }, raw, "+//+AA=="],
    ["items", { type: "array", items: BYTES }, [raw, raw], ["+//+AA==", "+//+AA=="]],
    ["a tuple", { type: "array", prefixItems: [TEXT, BYTES] }, ["x", raw], ["x", "+//+AA=="]],
    ["a dictionary", { type: "object", additionalProperties: BYTES }, { a: raw }, {
      a: "+//+AA==",
    }],
    [
      "a member of a model",
      {
        $defs: { F: { type: "object", properties: { data: BYTES, name: TEXT } } },
        $ref: "#/$defs/F",
      },
      { data: raw, name: "x" },
      { data: "+//+AA==", name: "x" },
    ],
    ["a text", TEXT, raw, raw],
    ["another member", { type: "object", properties: { a: BYTES, b: TEXT } }, { a: raw, b: raw }, {
      a: "+//+AA==",
      b: raw,
    }],
    ["anything", {}, raw, raw],
  ];

for (const [name, schema, value, sent] of CASES) {
  test(`encodeBytes() of ${name}`, () => {
    assert.deepEqual(encodeBytes(value as Json, schema), sent);
  });
}

/** Answers a call of `get` whose handler returns `value`, with a contract or with schemas of the handler itself. */
async function answer(dispatcher: Dispatcher) {
  const message = new TextEncoder().encode('{"id":1,"method":"get","params":[]}');
  const reply = await handleMessage({ protocol: pyrpcProtocol, dispatcher }, message, {
    transport: "test",
    remote: "",
  });
  const { result, error } = JSON.parse(String(reply));
  return error === null ? result : `${error.message} ${error.data?.message ?? ""}`.trim();
}

function withContract(schema: JsonSchema, value: unknown): Dispatcher {
  const document = procedureDocument({
    name: "get",
    parameters: [],
    result: schema,
    resultType: "x",
    doc: "",
    isAsync: false,
    kind: "query",
  });
  const contract = parseContract({ get: document }, { where: "x" });
  const handlers = collectHandlers({ get: () => value }, "x");
  return createMockDispatcher({ contract, handlers, random: () => 0.5 });
}

function withSchemas(schema: JsonSchema, value: unknown): Dispatcher {
  const get = Object.assign(() => Promise.resolve(value), { parameters: {}, result: schema });
  return dispatcherOf(collectHandlers({ get }, "x"));
}

for (const [kind, serve] of [["a contract", withContract], ["own schemas", withSchemas]] as const) {
  test(`handlers with ${kind}: bytes are base64 where the schema has bytes, and an error elsewhere`, async () => {
    assert.equal(await answer(serve(BYTES, raw)), "+//+AA==");
    assert.match(await answer(serve(TEXT, raw)), /Return type validation failed .*valid string/);
    assert.equal(
      await answer(serve({}, raw)),
      "Result of get: it is a Uint8Array, which JSON cannot represent",
    );
  });
}

test("handlers without schemas: bytes are an error for JSON", async () => {
  const dispatcher = dispatcherOf(collectHandlers({ get: () => ({ data: raw }) }, "x"));
  assert.match(await answer(dispatcher), /data is a Uint8Array, which JSON cannot represent/);
});
