import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import {
  type CallEvent,
  handleMessage,
  jsonrpcProtocol,
  type MessageService,
  type Protocol,
  pyrpcProtocol,
  RpcDispatcher,
} from "../../lib/rpc/mod.ts";
import { msgpackrpcProtocol } from "../../lib/rpc/msgpack/mod.ts";
import { decodeMsgpack, encodeMsgpack } from "../../lib/rpc/msgpack/mod.ts";
import { whyUnsendable } from "../../lib/rpc/unsendable.ts";

class Point {
  readonly x = 1;
}
class Empty {}

const ring: Record<string, unknown> = { name: "ring" };
ring["next"] = [ring];
const shared = { a: 1 };
const deep = (levels: number): unknown => levels === 0 ? null : [deep(levels - 1)];

test("whyUnsendable() finds values that JSON would change, and their location", () => {
  const cases: readonly (readonly [unknown, string | undefined])[] = [
    [NaN, "it is NaN"],
    [{ rates: [1, { eur: -Infinity }] }, "rates[1].eur is -Infinity"],
    [{ "by day": new Map([[1, 2]]) }, '["by day"] is a Map'],
    [[new Set([1])], "[0] is a Set"],
    [{ a: { b: Promise.resolve(1) } }, "a.b is a Promise"],
    [new Map().keys(), "it is a Map Iterator"],
    [[new TypeError("x")], "[0] is an Error"],
    [new WeakMap(), "it is a WeakMap"],
    [() => 1, "it is a function"],
    [[Symbol("s")], "[0] is a symbol"],
    [{ at: new Date(NaN) }, "at is an invalid Date"],
    [ring, "next[0] is a circular reference"],
    [{ toJSON: () => [NaN] }, "[0] is NaN"],
    // Values with an equivalent in JSON.
    [undefined, undefined],
    [[undefined, null, -0, 1n, "null", "{}"], undefined],
    [{ left: undefined, method() {} }, undefined],
    [[new Point(), new Empty(), Object.create(null), {}, []], undefined],
    [[new Date(0), new Number(1)], undefined],
    [[new Uint8Array(0)], "[0] is a Uint8Array"],
    [{ a: new Uint8Array([1]) }, "a is a Uint8Array"],
    [Buffer.from("x"), "it is a Uint8Array"],
    [new Float32Array(2), "it is a Float32Array"],
    [new DataView(new ArrayBuffer(1)), "it is a DataView"],
    [new ArrayBuffer(1), "it is an ArrayBuffer"],
    [[shared, shared], undefined],
    [deep(5_000), undefined],
  ];
  for (const [value, wanted] of cases) {
    const found = whyUnsendable(value, "JSON");
    assert.equal(
      found,
      wanted === undefined ? undefined : `${wanted}, which JSON cannot represent`,
    );
  }
  assert.equal(whyUnsendable([NaN], "MessagePack"), undefined, "it has NaN");
  assert.equal(whyUnsendable([Uint8Array.of(1)], "MessagePack"), undefined, "it has bytes");
  assert.match(whyUnsendable([new Float32Array(1)], "MessagePack") ?? "", /is a Float32Array/);
});

const RESULTS: Readonly<Record<string, unknown>> = {
  nan: { rate: NaN },
  map: { byDay: new Map([["monday", 1]]) },
  set: new Set([1]),
  ring,
  nothing: undefined,
  nulls: [null, undefined, {}],
  bytes: { file: [Uint8Array.of(1, 2)] },
  buffer: Buffer.from("ab"),
  floats: new Float64Array(1),
};

/** The answer to a client and the log, by method. */
async function answers(protocol: Protocol, request: (method: string) => string | Uint8Array) {
  const dispatcher = new RpcDispatcher();
  for (const [name, value] of Object.entries(RESULTS)) dispatcher.addMethod(() => value, name);
  dispatcher.addMethod(() => {
    throw Object.assign(new Error("boom"), { code: 7, data: { ring } });
  }, "fail");
  const events: CallEvent[] = [];
  const service: MessageService = { protocol, dispatcher, observe: (event) => events.push(event) };
  const replies: Record<string, unknown> = {};
  for (const method of [...Object.keys(RESULTS), "fail"]) {
    const asked = request(method);
    const message = typeof asked === "string" ? new TextEncoder().encode(asked) : asked;
    const reply = await handleMessage(service, message, { transport: "test", remote: "" });
    replies[method] = typeof reply === "string" ? JSON.parse(reply) : decodeMsgpack(reply!, 9);
  }
  const seen = Object.fromEntries(events.map(({ method, outcome }) => [method, outcome.ok]));
  return { replies, seen };
}

const WATCHED = {
  nan: false,
  map: false,
  set: false,
  ring: false,
  nothing: true,
  nulls: true,
  bytes: false,
  buffer: false,
  floats: false,
};

test("a result that JSON cannot represent is an error with its location, for the caller and for observers", async () => {
  const pyrpc = await answers(pyrpcProtocol, (method) => `{"id":1,"method":"${method}"}`);
  const refused = (message: string) => ({
    id: 1,
    result: null,
    error: {
      code: -32603,
      message: `Result of ${message}, which JSON cannot represent`,
      data: null,
    },
  });
  assert.deepEqual(pyrpc.replies, {
    nan: refused("nan: rate is NaN"),
    map: refused("map: byDay is a Map"),
    set: refused("set: it is a Set"),
    ring: refused("ring: next[0] is a circular reference"),
    nothing: { id: 1, result: null, error: null },
    nulls: { id: 1, result: [null, null, {}], error: null },
    bytes: refused("bytes: file[0] is a Uint8Array"),
    buffer: refused("buffer: it is a Uint8Array"),
    floats: refused("floats: it is a Float64Array"),
    fail: { id: 1, result: null, error: { code: 7, message: "boom", data: null } },
  });
  assert.deepEqual(pyrpc.seen, { ...WATCHED, fail: false });

  const jsonrpc = await answers(
    jsonrpcProtocol,
    (method) => `{"jsonrpc":"2.0","id":1,"method":"${method}"}`,
  );
  assert.deepEqual(jsonrpc.replies["map"], {
    jsonrpc: "2.0",
    id: 1,
    error: {
      code: -32603,
      message: "Internal error",
      data: "Result of map: byDay is a Map, which JSON cannot represent",
    },
  });
  assert.deepEqual(jsonrpc.seen, { ...WATCHED, fail: false });
});

test("MessagePack has NaN and bytes, and refuses the rest like JSON", async () => {
  const { replies, seen } = await answers(
    msgpackrpcProtocol,
    (method) => encodeMsgpack([0, 1, method, []]),
  );
  const refused = (message: string) => [
    1,
    1,
    [-32603, `Internal error: Result of ${message}, which MessagePack cannot represent`],
    null,
  ];
  assert.deepEqual(replies, {
    nan: [1, 1, null, { rate: NaN }],
    map: refused("map: byDay is a Map"),
    set: refused("set: it is a Set"),
    ring: refused("ring: next[0] is a circular reference"),
    nothing: [1, 1, null, null],
    nulls: [1, 1, null, [null, null, {}]],
    bytes: [1, 1, null, { file: [Buffer.of(1, 2)] }],
    buffer: [1, 1, null, Buffer.from("ab")],
    floats: refused("floats: it is a Float64Array"),
    fail: [1, 1, [7, "boom"], null],
  });
  assert.deepEqual(seen, { ...WATCHED, nan: true, bytes: true, buffer: true, fail: false });
});
