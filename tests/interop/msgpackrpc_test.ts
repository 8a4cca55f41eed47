import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runPython, startCommand } from "../support/rpyc.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { casesToRun } from "../support/verify.ts";

const skip = pythonSkip();

const HANDLERS = `
let notified = 0;
export const hello = () => "world";
export const sum = (x, y) => x + y;
export const nil = () => null;
export const raise_error = () => { throw new Error("error"); };
export const later = (ms) => new Promise((resolve) => setTimeout(() => resolve("finish!"), ms));
export const big = (size) => "x".repeat(size);
export const echo = (value) => value;
export const notify = () => { notified++; };
export const count = () => notified;
`;

/** The calls of the client's own tests, and those that show the framing. */
const CLIENT = `
import sys, msgpackrpc
from msgpackrpc import error
client = msgpackrpc.Client(msgpackrpc.Address("127.0.0.1", int(sys.argv[1])), timeout=30, unpack_encoding="utf-8")
print(client.call("hello"), client.call("sum", 1, 2), client.call("nil"))
futures = {name: client.call_async(*call) for name, call in
    {"slow": ("later", 300), "sum": ("sum", 1, 2), "hello": ("hello",)}.items()}
order = []
for name, future in futures.items(): future.attach_callback(lambda _, name=name: order.append(name))
for future in futures.values(): future.join()
print([future.result for future in futures.values()], order)
for _ in range(3): client.notify("notify")
client.notify("raise_error")
print(client.call("count"))
for method, *args in (("raise_error",), ("unknown", True), ("sum", 1)):
    try: client.call(method, *args)
    except error.RPCError as failure: print(type(failure).__name__, failure.args[0])
print(len(client.call("big", 1_000_000)), len(client.call("echo", "a" * 300_000)))
print(client.call("echo", [0, -1, 2**63, 1.5, True, None, "\\u00e9", {"a": [1, {"b": []}]}]))
others = [msgpackrpc.Client(client.address, timeout=30, unpack_encoding="utf-8") for _ in range(3)]
print([other.call("sum", index, 1) for index, other in enumerate(others)])
`;

const ANSWERS = `world 3 None
['finish!', 3, 'world'] ['sum', 'hello', 'slow']
3
RPCError [-32000, 'error']
RPCError [-32601, 'Method not found']
RPCError [-32602, 'Invalid params']
1000000 300000
[0, -1, 9223372036854775808, 1.5, True, None, 'é', {'a': [1, {'b': []}]}]
[1, 2, 3]
`;

const MODES = ["async", "threaded", "forking", "pool", "sync"];

for (const mode of casesToRun(MODES, (mode) => mode === "async")) {
  test(
    `msgpack-rpc-python calls serve --protocol msgpackrpc --mode ${mode}`,
    { skip },
    async () => {
      await using folder = await tempFolder({ "handlers.mjs": HANDLERS });
      await using server = await startCommand([
        ...["serve", "--protocol", "msgpackrpc", "--transport", "tcp", "--port", "0", "--quiet"],
        ...["--json", "--mode", mode, "--handlers", folder.at("handlers.mjs")],
      ], /tcp:\/\/127\.0\.0\.1:(\d+)/);
      const environment = await pythonEnvironment("msgpackrpc");
      // Under sync the other clients would wait for the end of the first.
      const code = mode === "sync" ? CLIENT.split("others =")[0] ?? "" : CLIENT;
      const wanted = mode === "sync" ? ANSWERS.split("[1, 2, 3]")[0] : ANSWERS;
      assert.equal(await runPython({ code }, [server.match[1] ?? ""], environment), wanted);
    },
  );
}
