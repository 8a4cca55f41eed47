import { generatorRow, pythonRow, SECONDS, setUpBeside, startProgram } from "./beside.ts";
import type { LoadKind } from "./load.ts";
import type { BenchOptions, BenchResult, BenchRow } from "./mod.ts";

/** tinyrpc's own server over each transport, as its documentation starts it. */
const REAL_SERVER = `
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
            if message is None: return []
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
def connect():
    kind, port = args
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
    return lambda: client.call("add", [1, 2], None)
`;

const TRANSPORTS: readonly (readonly [LoadKind, string, readonly string[]])[] = [
  ["http", "HTTP", ["--transport", "http", "--path", "/"]],
  ["zmq", "ZeroMQ", ["--transport", "zmq"]],
  ["ws", "WebSocket", ["--transport", "ws"]],
];

/** Calls per second of JSON-RPC over each transport, beside tinyrpc 1.1.7's own servers. */
export async function benchTinyrpc({ runs }: BenchOptions): Promise<BenchResult> {
  await using beside = await setUpBeside("tinyrpc", { "server.py": REAL_SERVER });
  const { binary, generator, python, folder } = beside;
  const rows: BenchRow[] = [];
  for (const [kind, name, flags] of TRANSPORTS) {
    const serve = ["serve", "--handlers", folder.at("api.mjs"), "--protocol", "jsonrpc", "-q"];
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
    const ports = [ours.port, theirs.port] as const;
    for (const count of [1, 16]) {
      rows.push(await generatorRow(generator, kind, { what: name, ports, count, runs }, 1));
    }
    for (const count of [1, 16]) {
      rows.push(await pythonRow(python, CONNECT, [kind], { what: name, ports, count, runs }));
    }
  }
  return {
    title: "tinyrpc",
    note:
      `JSON-RPC's \`add(1, 2)\` against tinyrpc 1.1.7's own server of each transport, connections kept, ${SECONDS} s each in turns, the round of the median ratio, each server in a session of its own. The lines of Python clients say how many cores the clients took: they are the limit there.`,
    rows,
  };
}
