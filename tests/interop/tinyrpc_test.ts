import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { RpcDispatcher, tinyrpcJsonrpcProtocol } from "../../lib/rpc/mod.ts";
import { msgpackrpcProtocol } from "../../lib/rpc/msgpack/mod.ts";
import { listen, type ListenAddress } from "../../lib/server/mod.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** A real tinyrpc client, which prints its answers as lines of JSON. */
const CLIENT = `
import json, sys
from tinyrpc import RPCClient
from tinyrpc.client import RPCCall
kind, url, protocol = sys.argv[1:4]
if protocol == "jsonrpc":
    from tinyrpc.protocols.jsonrpc import JSONRPCProtocol as Protocol
else:
    from tinyrpc.protocols.msgpackrpc import MSGPACKRPCProtocol as Protocol
if kind == "http":
    from tinyrpc.transports.http import HttpPostClientTransport
    transport = HttpPostClientTransport(url, timeout=5)
elif kind == "zmq":
    import zmq
    from tinyrpc.transports.zmq import ZmqClientTransport
    transport = ZmqClientTransport.create(zmq.Context(), url, timeout=5)
else:
    # The stock client imports a module that has no create_connection.
    import geventwebsocket, websocket
    geventwebsocket.create_connection = websocket.create_connection
    from tinyrpc.transports.websocketclient import HttpWebSocketClientTransport
    transport = HttpWebSocketClientTransport(url, timeout=5)
client = RPCClient(Protocol(), transport)

def show(call):
    try:
        print(json.dumps(call()))
    except Exception as error:
        print(json.dumps([type(error).__name__, str(error)]))

show(lambda: client.call("add", [1, 2], None))
show(lambda: client.call("greet", ["é"], None))
show(lambda: client.call("half", [5], None))
show(lambda: client.call("big", [], None))
show(lambda: client.call("fail", [], None))
show(lambda: client.call("nosuch", [], None))
show(lambda: client.call("add", [1], None))
show(lambda: client.call("add", [1, 2], None, one_way=True))
show(lambda: client.get_proxy("math.").double(4))
if protocol == "jsonrpc":
    show(lambda: client.call("add", [], {"b": 1, "a": 2}))
    show(lambda: [getattr(r, "result", None) or r.error for r in client.batch_call(
        [RPCCall("add", [1, 2], None), RPCCall("nosuch", [], None), RPCCall("greet", ["x"], None)])])
`;

const ANSWERS = {
  jsonrpc: [
    3,
    "Hello, é!",
    2.5,
    9007199254740993n,
    ["JSONRPCError", "boom"],
    ["JSONRPCError", "Method not found"],
    ["JSONRPCError", "Invalid params"],
    null,
    8,
    3,
    [3, "Method not found", "Hello, x!"],
  ],
  msgpackrpc: [
    3,
    "Hello, é!",
    2.5,
    9007199254740993n,
    ["MSGPACKRPCError", "boom"],
    ["MSGPACKRPCError", "Method not found"],
    ["MSGPACKRPCError", "Invalid params"],
    null,
    8,
  ],
};

const PROTOCOLS = { jsonrpc: tinyrpcJsonrpcProtocol, msgpackrpc: msgpackrpcProtocol };

function makeDispatcher(): RpcDispatcher {
  return new RpcDispatcher()
    .addMethod((a: number, b: number) => a + b, "add")
    .addMethod((name: string) => `Hello, ${name}!`, "greet")
    .addMethod((n: number) => n / 2, "half")
    .addMethod(() => 9007199254740993n, "big")
    .addMethod(() => {
      throw new Error("boom");
    }, "fail")
    .addSubdispatch(new RpcDispatcher().addMethod((n: number) => n * 2, "double"), "math.");
}

const HOST = { host: "127.0.0.1", port: 0 };
const TRANSPORTS: readonly (readonly [
  ListenAddress,
  (port: number) => string,
])[] = [
  [{ transport: "http", ...HOST, path: "/" }, (port) => `http://127.0.0.1:${port}/anything?x=1`],
  [{ transport: "ws", ...HOST, path: "/ws" }, (port) => `ws://127.0.0.1:${port}/ws`],
  [{ transport: "zmq", ...HOST }, (port) => `tcp://127.0.0.1:${port}`],
];

describe("a real tinyrpc client gets the answers of a real tinyrpc server", {
  skip: pythonSkip(),
}, () => {
  for (const protocol of ["jsonrpc", "msgpackrpc"] as const) {
    for (const [description, urlOf] of TRANSPORTS) {
      it(`${protocol} over ${description.transport}`, async () => {
        const environment = await pythonEnvironment("tinyrpc");
        await using folder = await tempFolder({ "client.py": CLIENT });
        const service = { protocol: PROTOCOLS[protocol], dispatcher: makeDispatcher() };
        const listener = await listen(description, service, {});
        try {
          const { stdout } = await promisify(execFile)(
            environment.python,
            [
              join(folder.path, "client.py"),
              description.transport,
              urlOf(listener.port!),
              protocol,
            ],
            { timeout: 30_000 },
          );
          const wanted = ANSWERS[protocol].map((answer) =>
            typeof answer === "bigint" ? String(answer) : JSON.stringify(answer)
          );
          const got = stdout.trim().split("\n").map((line) =>
            /^\d{16,}$/.test(line) ? line : JSON.stringify(JSON.parse(line))
          );
          assert.deepEqual(got, wanted);
        } finally {
          await listener.close();
        }
      });
    }
  }
});
