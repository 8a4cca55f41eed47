import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { jsonrpcProtocol, RpcDispatcher } from "../../lib/rpc/mod.ts";
import {
  MESSAGE_TRANSPORTS,
  type MessageClient,
  withMessageClient,
} from "../support/message_clients.ts";
import { natsSkip } from "../support/nats.ts";
import { waitUntil } from "../support/wait_until.ts";

/** A message and its reply, without `jsonrpc`; `undefined` for none. An error's text is not compared. */
type Row = readonly [message: string, reply: unknown];

const error = (code: number, id: unknown = null) => ({ error: { code }, id });
const invalid = error(-32600);

/** The examples of the JSON-RPC 2.0 specification, section 7. */
const SPECIFICATION: readonly Row[] = [
  [
    '{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}',
    { result: 19, id: 1 },
  ],
  [
    '{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}',
    { result: -19, id: 2 },
  ],
  [
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}',
    { result: 19, id: 3 },
  ],
  [
    '{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}',
    { result: 19, id: 4 },
  ],
  ['{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', undefined],
  ['{"jsonrpc": "2.0", "method": "foobar"}', undefined],
  ['{"jsonrpc": "2.0", "method": "foobar", "id": "1"}', error(-32601, "1")],
  ['{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', error(-32700)],
  ['{"jsonrpc": "2.0", "method": 1, "params": "bar"}', invalid],
  [
    '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},{"jsonrpc": "2.0", "method"]',
    error(-32700),
  ],
  ["[]", invalid],
  ["[1]", [invalid]],
  ["[1,2,3]", [invalid, invalid, invalid]],
  [
    '[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},' +
    '{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},' +
    '{"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},' +
    '{"foo": "boo"},' +
    '{"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},' +
    '{"jsonrpc": "2.0", "method": "get_data", "id": "9"}]',
    [
      { result: 7, id: "1" },
      { result: 19, id: "2" },
      invalid,
      error(-32601, "5"),
      { result: ["hello", 5], id: "9" },
    ],
  ],
  [
    '[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},' +
    '{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]',
    undefined,
  ],
];

/** The calls of go-ethereum's tests of its own server (its `rpc/testdata`). */
const GO_ETHEREUM: readonly Row[] = [
  ['{"id":[],"method":"echo"}', invalid],
  ['{"id":{},"method":"echo"}', invalid],
  ...["2.1", "go-ethereum"].map((version): Row => [
    `{"jsonrpc":"${version}","id":1,"method":"echo","params":["x",3]}`,
    error(-32600, 1),
  ]),
  ...["1", "2.0"].map((version): Row => [
    `{"jsonrpc":${version},"id":1,"method":"echo","params":["x",3]}`,
    error(-32600, 1),
  ]),
  ['{"id":1,"method":"echo","params":["x",3]}', error(-32600, 1)],
  ["[null]", [invalid]],
  [
    '[{"jsonrpc":"2.0","id":1,"method":"echo","params":["foo",1]},55,' +
    '{"jsonrpc":"2.0","id":2,"method":"unknown_method"},{"foo":"bar"}]',
    [{ result: ["foo", 1], id: 1 }, invalid, error(-32601, 2), invalid],
  ],
  ['{"id":1}', error(-32600, 1)],
  ['{"jsonrpc":"2.0","id":1}', error(-32600, 1)],
  ["1", invalid],
  ["null", invalid],
  ["'f", error(-32700)],
  ['[{"jsonrpc":"2.0","method":"echo","params":["x",99]}]', undefined],
  [
    '[{"jsonrpc":"2.0","id":2,"method":"echo","params":[]},{"jsonrpc":"2.0","id":3,"method":"echo","params":["x",3]}]',
    [error(-32602, 2), { result: ["x", 3], id: 3 }],
  ],
  ['{"jsonrpc":"2.0","id":2,"method":"echo","params":["x"]}', error(-32602, 2)],
  ['{"jsonrpc":"2.0","id":"foo","method":"nothing","params":[]}', { result: null, id: "foo" }],
  ['{"jsonrpc":"2.0","method":"nothing","id":3}', { result: null, id: 3 }],
  ['{"jsonrpc":"2.0","method":"nothing","params":null,"id":3}', { result: null, id: 3 }],
  ['{"jsonrpc":"2.0","id":2,"method":"crash"}', error(-32000, 2)],
];

/** Rules of the specification about ids and further members. */
const IDS: readonly Row[] = [
  ...['""', '"é"', "0", "-1", "1.5", "12345678901234567890", "null"].map((id): Row => [
    `{"jsonrpc":"2.0","id":${id},"method":"nothing"}`,
    `{"jsonrpc":"2.0","id":${id},"result":null}`,
  ]),
  ...["true", "false", "[]", "[1]", "{}", '{"a":1}'].map((id): Row => [
    `{"jsonrpc":"2.0","id":${id},"method":"nothing"}`,
    invalid,
  ]),
  ['{"jsonrpc":"2.0","id":null,"method":"foobar"}', error(-32601)],
  [
    '{"jsonrpc":"2.0","id":1,"method":"nothing","meta":{"trace":1},"auth":"x"}',
    { result: null, id: 1 },
  ],
  ['{"jsonrpc":"2.0","method":"nothing","meta":1}', undefined],
];

function makeDispatcher(): RpcDispatcher {
  return new RpcDispatcher()
    .addMethod((minuend: number, subtrahend: number) => minuend - subtrahend, "subtract")
    .addMethod((...numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0), "sum")
    .addMethod(() => ["hello", 5], "get_data")
    .addMethod((text: string, n: number) => [text, n], "echo")
    .addMethod(() => undefined, "nothing")
    .addMethod(() => undefined, "update")
    .addMethod(() => undefined, "notify_hello")
    .addMethod(() => undefined, "notify_sum")
    .addMethod(() => {
      throw new Error("crashed");
    }, "crash");
}

const LAST = '{"jsonrpc":"2.0","id":"last","method":"nothing"}';

/** Sends a message, and a call after it, so that a reply that must not come would come before the call's. */
async function ask(client: MessageClient, message: string): Promise<string | undefined> {
  const before = client.replies.length;
  await client.send(message);
  await client.send(LAST);
  await waitUntil(
    () => client.replies.slice(before).some((reply) => reply.includes('"last"')),
  );
  const replies = client.replies.slice(before);
  assert.ok(replies.length <= 2, replies.join("\n"));
  return replies.length === 1 ? undefined : replies[0];
}

function check(reply: string | undefined, wanted: unknown): void {
  if (typeof wanted === "string" || reply === undefined) return assert.equal(reply, wanted);
  const withoutText = (
    item: { jsonrpc?: string; error?: { message?: string; data?: unknown } },
  ) => {
    assert.equal(item.jsonrpc, "2.0");
    delete item.jsonrpc;
    if (item.error !== undefined) {
      assert.equal(typeof item.error.message, "string");
      delete item.error.message;
      delete item.error.data;
    }
    return item;
  };
  const value: unknown = JSON.parse(reply);
  assert.deepEqual(
    Array.isArray(value) ? value.map(withoutText) : withoutText(value as object),
    wanted,
  );
}

const TABLES = { specification: SPECIFICATION, "go-ethereum": GO_ETHEREUM, ids: IDS };

describe("jsonrpcProtocol is JSON-RPC 2.0", () => {
  for (const transport of [...MESSAGE_TRANSPORTS, "nats"] as const) {
    const skip = transport === "nats" ? natsSkip : false;
    for (const [name, rows] of Object.entries(TABLES)) {
      it(`${name} over ${transport}`, { skip }, async () => {
        const service = { protocol: jsonrpcProtocol, dispatcher: makeDispatcher() };
        await withMessageClient(transport, service, async (client) => {
          for (const [message, wanted] of rows) check(await ask(client, message), wanted);
        });
      });
    }
  }
});
