import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  handleMessage,
  jsonrpcProtocol,
  markFloats,
  type MessageService,
  type Protocol,
  pyrpcProtocol,
  RpcDispatcher,
  tinyrpcJsonrpcProtocol,
  type WireValue,
} from "../../lib/rpc/mod.ts";
import { WireFloat } from "../../lib/json/mod.ts";
import { decodeMsgpack, encodeMsgpack, msgpackrpcProtocol } from "../../lib/rpc/msgpack/mod.ts";

const context = { transport: "test", remote: "" };

function service(protocol: Protocol): MessageService {
  const dispatcher = new RpcDispatcher();
  dispatcher.addMethod(function add(a: number, b: number) {
    return a + b;
  });
  dispatcher.addMethod((name: string) => `Hello, ${name}!`, "greet");
  dispatcher.addMethod(() => {
    throw new Error("boom");
  }, "fail");
  dispatcher.addMethod(() => {
    throw Object.assign(new Error("no stock"), { code: 7, data: { sku: "A" } });
  }, "coded");
  dispatcher.addMethod(() => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    return circle;
  }, "circle");
  dispatcher.addMethod((value: unknown) => Promise.resolve(value), "later");
  return { protocol, dispatcher };
}

async function ask(protocol: Protocol, message: string | Uint8Array): Promise<unknown> {
  const reply = await handleMessage(service(protocol), Buffer.from(message as string), context);
  return typeof reply === "string" ? JSON.parse(reply) : reply;
}

describe("tinyrpcJsonrpcProtocol answers as tinyrpc", () => {
  const rows: readonly (readonly [message: string, reply: unknown])[] = [
    ['{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}', { id: 1, result: 3 }],
    ['{"jsonrpc":"2.0","id":1,"method":"add","params":{"a":1,"b":2}}', { id: 1, result: 3 }],
    ['{"jsonrpc":"2.0","id":"x","method":"later","params":["é"]}', { id: "x", result: "é" }],
    ['{"jsonrpc":"2.0","id":1.5,"method":"add","params":[1,2]}', { id: 1.5, result: 3 }],
    ['{"jsonrpc":"2.0","id":0,"method":"add","params":[1,2]}', { id: 0, result: 3 }],
    ['{"jsonrpc":"2.0","id":[1],"method":"add","params":[1,2]}', { id: [1], result: 3 }],
    ['{"jsonrpc":"2.0","id":1,"method":"add"}', error(1, -32602, "Invalid params")],
    ['{"jsonrpc":"2.0","id":1,"method":"add","params":null}', error(1, -32602, "Invalid params")],
    ['{"jsonrpc":"2.0","id":1,"method":"add","params":"x"}', error(1, -32602, "Invalid params")],
    ['{"jsonrpc":"2.0","id":1,"method":"add","params":[1]}', error(1, -32602, "Invalid params")],
    ['{"jsonrpc":"2.0","id":1,"method":"nope"}', error(1, -32601, "Method not found")],
    ['{"jsonrpc":"2.0","id":1,"method":"fail"}', error(1, -32000, "boom")],
    ['{"jsonrpc":"2.0","id":1,"method":"coded"}', error(1, 7, "no stock", { sku: "A" })],
    // tinyrpc does not say why.
    [
      '{"jsonrpc":"2.0","id":1,"method":"circle"}',
      error(
        1,
        -32603,
        "Internal error",
        "Result of circle: self is a circular reference, which JSON cannot represent",
      ),
    ],
    ["{bad", error(null, -32700, "Parse error")],
    ["", error(null, -32700, "Parse error")],
    ["[]", error(null, -32600, "Invalid Request")],
    ["5", error(null, -32600, "Invalid Request")],
    ['{"id":1,"method":"add"}', error(1, -32600, "Invalid Request")],
    ['{"jsonrpc":"1.0","method":"add"}', error(null, -32600, "Invalid Request")],
    ['{"jsonrpc":"2.0","id":1}', error(1, -32600, "Invalid Request")],
    ['{"jsonrpc":"2.0","id":1,"method":"add","x":1}', error(1, -32600, "Invalid Request")],
  ];
  for (const [message, reply] of rows) {
    it(message, async () => {
      assert.deepEqual(await ask(tinyrpcJsonrpcProtocol, message), {
        jsonrpc: "2.0",
        ...reply as object,
      });
    });
  }

  it("a notification is not answered, whatever becomes of it", async () => {
    for (const call of ['"add","params":[1,2]', '"nope"', '"fail"', '"add","params":3']) {
      assert.equal(
        await ask(tinyrpcJsonrpcProtocol, `{"jsonrpc":"2.0","method":${call}}`),
        undefined,
      );
    }
    const nullId = '{"jsonrpc":"2.0","id":null,"method":"add","params":[1,2]}';
    assert.equal(await ask(tinyrpcJsonrpcProtocol, nullId), undefined);
  });

  it("a batch is answered in its order, without its notifications, with an error in the place of a malformed item", async () => {
    const batch = [
      { jsonrpc: "2.0", id: 1, method: "later", params: ["a"] },
      { jsonrpc: "2.0", method: "add", params: [1, 2] },
      5,
      { jsonrpc: "2.0", id: 2, method: "add", params: [1, 2] },
    ];
    assert.deepEqual(await ask(tinyrpcJsonrpcProtocol, JSON.stringify(batch)), [
      { jsonrpc: "2.0", id: 1, result: "a" },
      { jsonrpc: "2.0", ...error(null, -32600, "Invalid Request") },
      { jsonrpc: "2.0", id: 2, result: 3 },
    ]);
    assert.equal(await ask(jsonrpcProtocol, JSON.stringify([batch[1]])), undefined);
  });
});

describe("jsonrpcProtocol", () => {
  it("answers an id of null, refuses ids of other kinds, lets further members pass", async () => {
    const call = '"method":"add","params":[1,2],"trace":1';
    assert.deepEqual(await ask(jsonrpcProtocol, `{"jsonrpc":"2.0","id":null,${call}}`), {
      jsonrpc: "2.0",
      id: null,
      result: 3,
    });
    assert.deepEqual(await ask(jsonrpcProtocol, `{"jsonrpc":"2.0","id":[1],${call}}`), {
      jsonrpc: "2.0",
      ...error(null, -32600, "Invalid Request"),
    });
  });
});

describe("msgpackrpcProtocol answers as tinyrpc, byte for byte", () => {
  const rows: readonly (readonly [request: string, reply: string])[] = [
    ["940001a3616464920102", "940101c003"],
    ["940000a3616464920102", "940100c003"],
    ["940001a46661696c90", "94010192d18300a4626f6f6dc0"],
    ["940001a66e6f7375636890", "94010192d180a7b04d6574686f64206e6f7420666f756e64c0"],
    ["940001a3616464c0", "94010192d180a6ae496e76616c696420706172616d73c0"],
    ["930001a3616464", "94010192d180a8af496e76616c69642072657175657374c0"],
    ["c1", "9401c092d18044ab5061727365206572726f72c0"],
    ["", "9401c092d18044ab5061727365206572726f72c0"],
    ["940001a5677265657491a2c3a9", "940101c0aa48656c6c6f2c20c3a921"],
    ["9400c3a3616464920102", "9401c3c003"],
  ];
  for (const [request, reply] of rows) {
    it(request === "" ? "nothing" : request, async () => {
      const bytes = await ask(msgpackrpcProtocol, Buffer.from(request, "hex"));
      assert.equal(Buffer.from(bytes as Uint8Array).toString("hex"), reply);
    });
  }

  it("a notification is not answered", async () => {
    const message = Buffer.from("9302a3616464920102", "hex");
    assert.equal(await ask(msgpackrpcProtocol, message), undefined);
  });

  it("a list with a length beyond the message is rejected before it is allocated", async () => {
    const bytes = await ask(msgpackrpcProtocol, Buffer.from("ddffffffff", "hex"));
    assert.match(Buffer.from(bytes as Uint8Array).toString("latin1"), /Parse error/);
  });
});

describe("msgpackrpcProtocol rejects the same messages as tinyrpc's tests", () => {
  const rows: readonly (readonly [request: string, code: number | undefined])[] = [
    ["81a3666f6fa4626172", -32700],
    ["94000181a3616161a36262", -32700],
    ["67617262616765", -32700],
    ["c0", -32600],
    ["9400c0a361616190", -32600],
    ["950002a361616190c0", -32600],
    ["9402a361616190c0", -32600],
    ["93020190", -32600],
    ["940003a675706461746509", -32602],
    ["940003a6666f6f626172c0", -32602],
    // tinyrpc answers this notification; the specification does not allow that.
    ["9302a3616161c0", undefined],
  ];
  for (const [request, code] of rows) {
    it(request, async () => {
      const reply = await ask(msgpackrpcProtocol, Buffer.from(request, "hex"));
      const [, , error] = reply === undefined
        ? []
        : decodeMsgpack(reply as Uint8Array, 10) as readonly WireValue[];
      assert.equal((error as readonly WireValue[] | undefined)?.[0], code);
    });
  }
});

describe("pyrpcProtocol", () => {
  const rows: readonly (readonly [message: string, reply: unknown])[] = [
    ['{"id":true,"method":"add","params":[1,2]}', { id: 1, result: 3, error: null }],
    ['{"id":1.0,"method":"add","params":[1,2]}', { id: 1, result: 3, error: null }],
    [
      '{"id":1.5,"method":"add","params":[1,2]}',
      envelope(null, -32600, "Invalid request", {
        field: "id.str",
        message: "Input should be a valid string",
        type: "string_type",
      }),
    ],
    ['{"id":1,"method":"coded"}', envelope(1, 7, "no stock", { sku: "A" })],
    ['{"id":1,"method":"circle"}', undefined],
    ['{"id":1,"method":"__proto__"}', envelope(1, -32601, "Method not found: __proto__", null)],
    ['{"id":1,"method":"constructor"}', envelope(1, -32601, "Method not found: constructor", null)],
  ];
  for (const [message, reply] of rows) {
    it(message, async () => {
      const got = await ask(pyrpcProtocol, message);
      if (reply !== undefined) assert.deepEqual(got, reply);
      else assert.equal((got as { error: { code: number } }).error.code, -32603);
    });
  }

  it("echoes an id and a value beyond 2^53 exactly", async () => {
    const message = '{"id":9007199254740993,"method":"later","params":[12345678901234567890]}';
    const reply = await handleMessage(service(pyrpcProtocol), Buffer.from(message), context);
    assert.equal(reply, '{"id":9007199254740993,"result":12345678901234567890,"error":null}');
  });

  it("rejects messages nested deeper than 100", async () => {
    const message = `{"id":1,"method":"later","params":[${"[".repeat(200)}${"]".repeat(200)}]}`;
    assert.match(JSON.stringify(await ask(pyrpcProtocol, message)), /nested more than 100/);
  });

  it("answers a batch that is far too large with one error, not one for each of its items", async () => {
    const message = `[${"0,".repeat(100_000)}0]`;
    assert.deepEqual(
      await ask(pyrpcProtocol, message),
      envelope(null, -32600, "Batch too large: 100001 operations (max 100)", null),
    );
  });
});

describe("every protocol answers any bytes without throwing", () => {
  for (
    const protocol of [pyrpcProtocol, jsonrpcProtocol, tinyrpcJsonrpcProtocol, msgpackrpcProtocol]
  ) {
    it(protocol.name, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map((text) => Buffer.from(text))),
          async (bytes) => {
            await handleMessage(service(protocol), bytes, context);
          },
        ),
        { numRuns: 300, seed: 6 },
      );
    });
  }
});

describe("decodeMsgpack(encodeMsgpack(value)) is the value", () => {
  it("for any JSON value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as WireValue;
        assert.deepEqual(decodeMsgpack(encodeMsgpack(plain), 100), plain);
      }),
      { numRuns: 500, seed: 6 },
    );
  });

  it("for integers of 64 bits and bytes", () => {
    for (const value of [2n ** 64n - 1n, -(2n ** 63n), 2n ** 53n, -1, 255, 65_536, 2 ** 32]) {
      assert.deepEqual(decodeMsgpack(encodeMsgpack(value), 1), value);
    }
    assert.deepEqual(decodeMsgpack(encodeMsgpack(Uint8Array.of(1, 2)), 1), Buffer.of(1, 2));
    assert.throws(() => encodeMsgpack(2n ** 64n), RangeError);
  });

  it("a whole number with a float schema is sent as a float", () => {
    const schema = {
      type: "object",
      properties: {
        price: { type: "number" },
        count: { type: "integer" },
        either: { anyOf: [{ type: "integer" }, { type: "number" }] },
        item: { $ref: "#/$defs/Item" },
      },
      $defs: { Item: { type: "array", prefixItems: [{ type: "number" }, { type: "integer" }] } },
    };
    const marked = markFloats({ price: 2, count: 2, either: 2, item: [1, 1] }, schema);
    assert.deepEqual(marked, {
      price: new WireFloat(2),
      count: 2,
      either: 2,
      item: [new WireFloat(1), 1],
    });
    assert.equal(
      Buffer.from(encodeMsgpack(new WireFloat(2))).toString("hex"),
      "cb4000000000000000",
    );
  });
});

function error(id: unknown, code: number, message: string, data?: unknown) {
  return { id, error: { message, code, ...(data === undefined ? {} : { data }) } };
}

function envelope(id: unknown, code: number, message: string, data: unknown) {
  return { id, result: null, error: { code, message, data } };
}
