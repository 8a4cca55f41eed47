import {
  generatorRow,
  highestCpu,
  type MeasuredRow,
  pythonRow,
  ROUND_SECONDS,
  setUpComparison,
  startProgram,
} from "./server_comparison.ts";
import type { LoadKind } from "./load.ts";
import type { BenchOptions, BenchResult } from "./mod.ts";

/** tinyrpc's own server over each transport, started as in its documentation. */
const SERVER_MODULE = `
import sys
kind, port = sys.argv[1], int(sys.argv[2])
if kind != "zmq":
    from gevent import monkey; monkey.patch_all()
from tinyrpc.dispatch import RPCDispatcher
from tinyrpc.protocols.jsonrpc import JSONRPCProtocol
dispatcher = RPCDispatcher()
dispatcher.public("add")(lambda a, b: a + b)
if kind == "zmq":
    import zmq
    from tinyrpc.server import RPCServer
    from tinyrpc.transports.zmq import ZmqServerTransport
    transport = ZmqServerTransport.create(zmq.Context(), f"tcp://127.0.0.1:{port}")
    RPCServer(transport, JSONRPCProtocol(), dispatcher).serve_forever()
import gevent, gevent.pywsgi, gevent.queue
from tinyrpc.server.gevent import RPCServerGreenlets
if kind == "http":
    from tinyrpc.transports.wsgi import WsgiServerTransport
    transport = WsgiServerTransport(queue_class=gevent.queue.Queue)
    server = gevent.pywsgi.WSGIServer(("127.0.0.1", port), transport.handle, log=None)
else:
    from geventwebsocket.handler import WebSocketHandler
    from tinyrpc.transports.websocket import WSServerTransport
    transport = WSServerTransport(queue_class=gevent.queue.Queue)
    # The stock application factory is not recognised by the current gevent-websocket.
    def application(environ, start_response):
        socket = environ["wsgi.websocket"]
        class Connection: ws = socket
        while True:
            message = socket.receive()
            if not message: return []
            context = gevent.queue.Queue()
            transport.messages.put((context, message))
            socket.send(context.get(), binary=True)
    server = gevent.pywsgi.WSGIServer(("127.0.0.1", port), application, handler_class=WebSocketHandler, log=None)
gevent.spawn(server.serve_forever)
RPCServerGreenlets(transport, JSONRPCProtocol(), dispatcher).serve_forever()
`;

const CONNECT = `
from tinyrpc import RPCClient
from tinyrpc.protocols.jsonrpc import JSONRPCProtocol
def connect(port):
    kind, = args
    if kind == "http":
        import requests
        from tinyrpc.transports.http import HttpPostClientTransport
        transport = HttpPostClientTransport(f"http://127.0.0.1:{port}/", requests.Session().post, timeout=20)
    elif kind == "zmq":
        import zmq
        from tinyrpc.transports.zmq import ZmqClientTransport
        transport = ZmqClientTransport.create(zmq.Context(), f"tcp://127.0.0.1:{port}")
    else:
        import geventwebsocket, websocket
        geventwebsocket.create_connection = websocket.create_connection
        from tinyrpc.transports.websocketclient import HttpWebSocketClientTransport
        transport = HttpWebSocketClientTransport(f"ws://127.0.0.1:{port}/ws", timeout=20)
    client = RPCClient(JSONRPCProtocol(), transport)
    return lambda a, b: client.call("add", [a, b], None)
`;

const TRANSPORTS: readonly (readonly [LoadKind, string, readonly string[]])[] = [
  ["http", "HTTP", ["--transport", "http", "--path", "/"]],
  ["zmq", "ZeroMQ", ["--transport", "zmq"]],
  ["ws", "WebSocket", ["--transport", "ws"]],
];

/** Minimum ratios of our rate to that of tinyrpc's server; the Python client limits its rows. */
const TARGET = 1.5;
const PYTHON_TARGET = 1;

/** Calls per second of JSON-RPC over each transport, compared with tinyrpc 1.1.7's own servers. */
export async function benchTinyrpc({ runs: rounds }: BenchOptions): Promise<BenchResult> {
  await using comparison = await setUpComparison("tinyrpc", { "server.py": SERVER_MODULE });
  const { binary, generator, python, folder } = comparison;
  const generated: MeasuredRow[] = [];
  const fromPython: MeasuredRow[] = [];
  for (const [kind, name, flags] of TRANSPORTS) {
    const serve = [
      "serve",
      "--handlers",
      folder.at("api.mjs"),
      "--protocol",
      "jsonrpc-tinyrpc",
      "-q",
    ];
    await using ours = await startProgram((port) => [
      binary,
      ...serve,
      ...flags,
      ...["--port", String(port)],
    ]);
    await using theirs = await startProgram((port) => [
      python,
      folder.at("server.py"),
      kind,
      String(port),
    ]);
    const options = {
      name,
      ports: [ours.port, theirs.port],
      warm: 1,
      seconds: ROUND_SECONDS,
      rounds,
    } as const;
    for (const connections of [1, 16]) {
      generated.push(
        await generatorRow(generator, kind, { ...options, connections, target: TARGET }),
      );
    }
    fromPython.push(
      await pythonRow(python, CONNECT, [kind], { ...options, target: PYTHON_TARGET }),
    );
  }
  return {
    title: "tinyrpc",
    note:
      `JSON-RPC's \`add(a, b)\` against tinyrpc 1.1.7's own server of each transport, connections kept; arguments and ids never repeat. Both servers run at the same time and take turns, ${ROUND_SECONDS} s each per round; each rate is the median of ${rounds} rounds. The generator (\`load.c\`) used at most ${
        highestCpu(generated)
      } of a core, a Python client up to ${
        highestCpu(fromPython)
      }: its rows show what a user sees and less than what the server can do. tinyrpc's HTTP server sends the head and the body of an answer separately, and a kept connection then waits 40 ms for the client's acknowledgement, which is nearly all that its row with one connection shows. The rows do not show handlers that compute or wait, TLS, a network, or large messages.`,
    rows: [...generated, ...fromPython].map(({ row }) => row),
  };
}
