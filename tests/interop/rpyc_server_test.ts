import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { waitUntil } from "../support/wait_until.ts";
import { tempFolder } from "../support/temp_folder.ts";
import {
  programArguments,
  rpycFixture,
  runPython,
  startCommand,
  startRpyc,
} from "../support/rpyc.ts";
import { makeCertificates, opensslSkip } from "../support/rpyc_certificates.ts";

const skip = pythonSkip();

/** rpyc's own limit for the connection and the handshake is three seconds, which a busy machine can exceed. */
const CONNECT_PATIENTLY = `
from rpyc.core.stream import SocketStream
connect = SocketStream._connect
SocketStream._connect = lambda *args, **given: connect(*args, timeout=60, **given)`;

const BLOCKING = `
import { existsSync } from "node:fs";
/** Computes until the file exists; false if it does not appear in time. */
export function compute(file, ms) {
  const end = performance.now() + ms;
  while (!existsSync(file)) if (performance.now() > end) return false;
  return true;
}
export function spin(ms) { const end = performance.now() + ms; while (performance.now() < end); return ms; }
export function add(a, b) { return a + b; }
export function exit() { process.exit(7); }
export function crash() { setTimeout(() => { throw new Error("later"); }, 1); return 1; }
export function reject() { Promise.resolve().then(() => { throw new Error("later"); }); return 1; }
export async function who() { return this.credentials ?? null; }
`;

/** {@link BLOCKING} for those whose first six bytes are the word. */
const MAGICAL = `${BLOCKING}
export const authenticator = {
  async authenticateConnection(connection, info) {
    // Paused in the very event: what comes before the promise is looked at would be nobody's.
    const first = await new Promise((done) => connection.once("data", (chunk) => {
      connection.pause();
      done(chunk);
    }));
    if (first.length > 6) connection.unshift(first.subarray(6));
    return String(first.subarray(0, 6)) === "magic!" ? { connection, identity: { name: "magician" } } : undefined;
  },
};`;

/** One client's handler computes until the call of another client has returned, or until the time is over. */
const CONCURRENT = `
import sys, rpyc
port, file, ms = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
a = rpyc.connect("127.0.0.1", port); b = rpyc.connect("127.0.0.1", port)
a.root.add(1, 1); b.root.add(1, 1)
compute = rpyc.async_(a.root.compute)(file, ms)
b.root.add(1, 1)
open(file, "w").close()
print(compute.value)
`;

const TRACEBACK = `
import sys, rpyc
c = rpyc.connect("127.0.0.1", int(sys.argv[1]))
for call in (c.root.direct, c.root.later):
    try:
        call()
    except Exception as error:
        print(str(error).split("Remote Traceback")[1].split("\\n", 1)[1].strip())
`;

for (const mode of ["threaded", "forking", "pool", "async"]) {
  test(
    `--mode ${mode}: tracebacks show the user's files and lines, and nothing else`,
    { skip },
    async () => {
      await using folder = await tempFolder({
        "handlers.ts": `import { boom } from "./beside/helper.ts";
interface Unused { a: number }
export function direct(): never { throw new RangeError("direct"); }
export async function later() { await null; return boom(); }
`,
        "beside/helper.ts": `/** Lines differ from those of a bundle. */
export function boom(): never {
  throw new TypeError("boom");
}
`,
      });
      await using server = await startRpyc(["--mode", mode], folder.at("handlers.ts"));
      const printed = await runPython({ code: TRACEBACK }, [String(server.port)]);
      assert.equal(
        printed.replaceAll("\r", "").trim(),
        `Traceback (most recent call last):
  File "${folder.at("handlers.ts")}", line 3, in direct
ValueError: direct
Traceback (most recent call last):
  File "${folder.at("handlers.ts")}", line 4, in later
  File "${folder.at("beside", "helper.ts")}", line 3, in boom
TypeError: boom`,
      );
    },
  );
}

for (const mode of ["threaded", "forking", "pool", "async"]) {
  const expects = mode === "async" ? "blocks every connection" : "blocks only its own connection";
  test(`--mode ${mode}: a handler that computes ${expects}`, { skip }, async () => {
    await using folder = await tempFolder({ "handlers.mjs": BLOCKING });
    await using server = await startRpyc(["--mode", mode], folder.at("handlers.mjs"));
    const timeout = mode === "async" ? "300" : "20000";
    const args = [String(server.port), folder.at("returned"), timeout];
    const wasConcurrent = await runPython({ code: CONCURRENT }, args);
    assert.equal(wasConcurrent.trim(), mode === "async" ? "False" : "True");
  });
}

for (const mode of ["threaded", "forking", "pool"]) {
  test(
    `--mode ${mode}: a handler that exits ends its own connection only, a late error none`,
    { skip },
    async () => {
      await using folder = await tempFolder({ "handlers.mjs": BLOCKING });
      await using server = await startRpyc(["--mode", mode], folder.at("handlers.mjs"));
      const code = `
import sys, time, rpyc
port = int(sys.argv[1])
other = rpyc.connect("127.0.0.1", port)
other.root.add(1, 1)
for name in ["exit", "crash", "reject"]:
    c = rpyc.connect("127.0.0.1", port)
    try:
        getattr(c.root, name)()
        time.sleep(0.3)
        c.root.add(1, 1)
        print(name, "goes on")
    except EOFError: print(name, "ends")
    print(other.root.add(1, 1), rpyc.connect("127.0.0.1", port).root.add(2, 2))
`;
      const out = await runPython({ code }, [String(server.port)]);
      assert.equal(out, "exit ends\n2 4\ncrash goes on\n2 4\nreject goes on\n2 4\n");
      assert.match(server.stderr(), /^ERROR:PYRPC\/\d+:client connection terminated abruptly/m);
    },
  );
}

// The publish/subscribe pattern of rpyc's own documentation.
const PUBLISHER = `export function subscribe(callback) {
  setInterval(() => {
    callback("tick");
  }, 10);
  return 1;
}
export function add(a, b) { return a + b; }
`;

for (
  const mode of [["async"], ["threaded"], ["forking"], [
    ...["pool", "--pool-size", "1", "--pool-policy", "queue"],
  ]]
) {
  test(
    `--mode ${
      mode.join(" ")
    }: a callback whose client left stops no process, and is logged with its line`,
    {
      skip,
    },
    async () => {
      await using folder = await tempFolder({ "handlers.mjs": PUBLISHER });
      await using server = await startRpyc(["--mode", ...mode], folder.at("handlers.mjs"));
      const code = `
import sys, rpyc
port = int(sys.argv[1])
other = rpyc.connect("127.0.0.1", port)
other.root.add(1, 1)
for leave in [lambda c: c.close(), lambda c: c._channel.stream.sock.shutdown(2)]:
    c = rpyc.connect("127.0.0.1", port)
    ticks = []
    c.root.subscribe(ticks.append)
    while len(ticks) < 3: c.serve(0.1)
    leave(c)
print(input() or other.root.add(1, 1), rpyc.connect("127.0.0.1", port).root.add(2, 2))
`;
      const { python, env } = await pythonEnvironment("rpyc");
      const client = spawn(python, ["-c", code, String(server.port)], {
        env: { ...process.env, ...env },
        stdio: ["pipe", "pipe", "inherit"],
      });
      let out = "";
      client.stdout.on("data", (chunk) => out += String(chunk));
      const place = `${folder.at("handlers.mjs")}:3:`;
      const isNamed = () =>
        server.stderr().split("\n").some((line) =>
          line.includes(place) &&
          /^ERROR:PYRPC\/\d+:Uncaught error in handlers: EOFError/.test(line)
        );
      // A worker or child of one client ends with it, perhaps before the next callback.
      if (mode[0] === "async" || mode[0] === "pool") await waitUntil(isNamed);
      client.stdin.end("\n");
      await once(client, "close");
      assert.equal(out, "2 4\n");
      assert.doesNotMatch(server.stderr(), /terminated abruptly/);
    },
  );
}

test("--mode pool drops a connection beyond its size, and accepts one again when there is room", {
  skip,
}, async () => {
  await using server = await startRpyc(["--mode", "pool", "--pool-size", "2"]);
  const code = `
import sys, time, rpyc
port = int(sys.argv[1])
a = rpyc.connect("127.0.0.1", port); b = rpyc.connect("127.0.0.1", port)
print(a.root.add(1, 1), b.root.add(2, 2))
try: print(rpyc.connect("127.0.0.1", port).root.add(3, 3))
except (EOFError, ConnectionError) as e: print("dropped")
a.close()
for _ in range(100):
    try:
        print(rpyc.connect("127.0.0.1", port).root.add(4, 4)); break
    except (EOFError, ConnectionError): time.sleep(0.05)
`;
  assert.equal(await runPython({ code }, [String(server.port)]), "2 4\ndropped\n8\n");
  assert.match(server.stderr(), /^WARNING:CALC\/\d+:.* dropped/m);
});

test(
  "--mode pool --pool-policy queue lets connections beyond its size wait",
  { skip },
  async () => {
    await using folder = await tempFolder({ "handlers.mjs": BLOCKING });
    await using server = await startRpyc(
      ["--mode", "pool", "--pool-size", "2", "--pool-policy", "queue"],
      folder.at("handlers.mjs"),
    );
    // As measured with the real pool: four calls of 400 ms on two workers take two waves, and all succeed.
    const code = `
import sys, time, rpyc
from concurrent.futures import ThreadPoolExecutor
port = int(sys.argv[1])
conns = [rpyc.connect("127.0.0.1", port) for _ in range(4)]
for c in conns: c.root.add(1, 1)
start = time.time()
with ThreadPoolExecutor(4) as pool: print(list(pool.map(lambda c: c.root.spin(400), conns)))
print(0.75 < time.time() - start)
`;
    assert.equal(await runPython({ code }, [String(server.port)]), "[400, 400, 400, 400]\nTrue\n");
  },
);

test("--mode sync serves one connection after the other", { skip }, async () => {
  await using server = await startRpyc(["--mode", "sync"]);
  const code = `
import sys, rpyc
port = int(sys.argv[1])
a = rpyc.connect("127.0.0.1", port); print(a.root.add(1, 1))
b = rpyc.connect("127.0.0.1", port)
waiting = b.async_request(1, "hi")
waiting.set_expiry(0.3)
try: waiting.wait()
except TimeoutError: print("waits")
a.close()
print(b.root.add(2, 2))
`;
  assert.equal(await runPython({ code }, [String(server.port)]), "2\nwaits\n4\n");
});

test("--mode oneshot prints its address, serves one connection and ends", { skip }, async () => {
  await using server = await startRpyc(["--mode", "oneshot"]);
  // Standard output is another pipe than the one that reported the port.
  const announced = `rpyc-oneshot\n127.0.0.1\t${server.port}\n`;
  await waitUntil(() => server.stdout().length >= announced.length);
  assert.equal(server.stdout(), announced);
  const code =
    `import sys, rpyc; c = rpyc.connect("127.0.0.1", int(sys.argv[1])); print(c.root.add(1, 2)); c.close()`;
  assert.equal(await runPython({ code }, [String(server.port)]), "3\n");
  assert.equal(await server.ended(), 0);
  assert.match(server.stderr(), /server has terminated\nINFO:.*listener closed\n$/);
});

test("--mode stdio serves a client that started the program itself", { skip }, async () => {
  await using folder = await tempFolder({
    "handlers.mjs": `console.log("printed by the handlers");\n${BLOCKING}`,
  });
  const command = [...programArguments(), "serve", "--protocol", "rpyc", "--mode", "stdio"];
  const code = `
import sys, json, rpyc
c = rpyc.connect_subproc(json.loads(sys.argv[1]))
print(c.root.add(1, 2), list(c.root.get_service_aliases()))
c.ping("q" * 100000)
c.close()
print(c.proc.wait(10))
`;
  const args = [JSON.stringify([...command, "--handlers", folder.at("handlers.mjs")])];
  assert.equal(await runPython({ code }, args), "3 ['PYRPC']\n0\n");
});

test("serve --protocol rpyc listens on a Unix socket in every mode", { skip }, async () => {
  for (const mode of ["async", "threaded", "forking"]) {
    await using folder = await tempFolder();
    const path = folder.at("calc.sock");
    const args = ["--transport", "unix", "--path", path, "--mode", mode];
    await using _server = await startCommand(
      ["serve", "--protocol", "rpyc", "--handlers", rpycFixture("handlers.ts"), ...args],
      /server started on/,
    );
    const code =
      `import sys, rpyc; c = rpyc.utils.factory.unix_connect(sys.argv[1]); print(c.root.add(1, 2))`;
    assert.equal(await runPython({ code }, [path]), "3\n");
  }
});

/** rpyc's stream over a WebSocket: what a user who has to go through an HTTP proxy would write. */
const WEB_SOCKET_STREAM = `
import sys, rpyc, websocket
from rpyc.core.stream import Stream

class WebSocketStream(Stream):
    MAX_IO_CHUNK = 64000
    def __init__(self, url, **options):
        self.ws = websocket.create_connection(url, **options); self.buffer = b""
    def close(self): self.ws.close()
    @property
    def closed(self): return not self.ws.connected
    def fileno(self): return self.ws.sock.fileno()
    def poll(self, timeout):
        import select
        if self.buffer or (self.ws.connected and getattr(self.ws.sock, "pending", int)()): return True
        seconds = timeout.timeleft() if hasattr(timeout, "timeleft") else timeout
        return bool(select.select([self.ws.sock], [], [], seconds)[0])
    def read(self, count):
        while len(self.buffer) < count:
            try: data = self.ws.recv()
            except websocket.WebSocketException as error: raise EOFError(str(error))
            if not data and not self.ws.connected: raise EOFError("closed")
            self.buffer += data
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data
    def write(self, data): self.ws.send_binary(data)

def connect(url, **options): return rpyc.connect_stream(WebSocketStream(url, **options))
url = f"ws://127.0.0.1:{sys.argv[1]}/ws"
`;

for (const mode of ["async", "threaded", "forking", "pool", "sync"]) {
  test(`rpyc over WebSocket is served by --mode ${mode}`, { skip }, async () => {
    await using server = await startRpyc(["--transport", "ws", "--mode", mode]);
    const code = `${WEB_SOCKET_STREAM}
c = connect(url)
print(c.root.add(1, 2), c.root.get_user(7)["tags"][0], c.root.apply(lambda n: n * 2, 21))
print(len(c.root.echo("ä" * 1_000_000)), c.root.total([1, 2, 3]))
try: c.root.fail()
except ValueError as error: print(error.args)
c.close()
`;
    assert.equal(
      await runPython({ code }, [String(server.port)]),
      "3 a 42\n1000000 6\n('boom',)\n",
    );
    await waitUntil(() => /goodbye/.test(server.stderr()));
    assert.match(server.stderr(), /:welcome \[127\.0\.0\.1\]:\d+/);
  });
}

test("rpyc over WebSocket asks for the token in the header, and the handlers' own authenticator", {
  skip,
}, async () => {
  await using folder = await tempFolder({
    "handlers.mjs": BLOCKING,
    "own.mjs": MAGICAL,
  });
  const args = ["serve", "--protocol", "rpyc", "-p", "0", "--transport", "ws"];
  const ready = /server started on .*:(\d+)/;
  const token = ["--auth-token-env", "PYRPC_TOKEN"];
  await using flags = await startCommand(
    [...args, "--handlers", folder.at("handlers.mjs"), ...token],
    ready,
    { env: { PYRPC_TOKEN: "open-sesame" } },
  );
  const byHeader = `${WEB_SOCKET_STREAM}
print(connect(url, header=["Authorization: Bearer open-sesame"]).root.who())
for options in ({}, {"header": ["Origin: https://evil.example"]}):
    try: print(connect(url, **options).root.who())
    except (EOFError, OSError, websocket.WebSocketException): print("refused")
`;
  assert.equal(
    await runPython({ code: byHeader }, [flags.match[1]!]),
    "token\nrefused\nrefused\n",
  );
  await using own = await startCommand([...args, "--handlers", folder.at("own.mjs")], ready);
  const byLine = `${WEB_SOCKET_STREAM}
for word in (b"magic!", b"wrong!"):
    stream = WebSocketStream(url); stream.write(word)
    try: print(rpyc.connect_stream(stream).root.who())
    except (EOFError, OSError): print("refused")
`;
  assert.equal(
    await runPython({ code: byLine }, [own.match[1]!]),
    "{'name': 'magician'}\nrefused\n",
  );
});

test("--mode FILE accepts a user's mode", { skip }, async () => {
  await using folder = await tempFolder({
    "mode.mjs": `
export default ({ serveHere }) => {
  let served = 0;
  return {
    async serve(connection, info) {
      console.error("mine " + ++served + " " + info.transport);
      await serveHere(connection, info);
    },
    async close() { console.error("mine closes"); },
  };
};
`,
  });
  await using server = await startRpyc(["--mode", folder.at("mode.mjs")]);
  const code = `import sys, rpyc
for _ in range(2):
    c = rpyc.connect("127.0.0.1", int(sys.argv[1])); print(c.root.add(1, 2)); c.close()`;
  assert.equal(await runPython({ code }, [String(server.port)]), "3\n3\n");
  await waitUntil(() => server.stderr().includes("mine 2 tcp"));
  server.child.kill("SIGINT");
  assert.equal(await server.ended(), 130);
  assert.match(server.stderr(), /mine closes/);
});

test(
  "serve --protocol rpyc logs in the form of rpyc's own programs and ends on Ctrl+C",
  { skip },
  async () => {
    await using folder = await tempFolder();
    const logfile = folder.at("calc.log");
    await using loud = await startRpyc([]);
    await using filed = await startCommand([
      ...[
        "serve",
        "--protocol",
        "rpyc",
        "--handlers",
        rpycFixture("handlers.ts"),
        "-p",
        "0",
        "--json",
      ],
      ...["--logfile", logfile, "--service", "Billing,cash"],
    ], /"listening"/);
    const code = `
import sys, rpyc
c = rpyc.connect("127.0.0.1", int(sys.argv[1])); print(c.root.get_service_name(), c.root.get_service_aliases()); c.close()`;
    const port = String(JSON.parse(filed.stdout()).url.split(":").at(-1));
    assert.equal(await runPython({ code }, [port]), "BILLING ('BILLING', 'CASH')\n");
    await runPython({ code }, [String(loud.port)]);
    await waitUntil(() => loud.stderr().includes("goodbye"));
    for (const server of [loud, filed]) {
      server.child.kill("SIGINT");
      assert.equal(await server.ended(), 130);
    }
    const shown = (text: string) => text.replace(/:\d+$/gm, ":PORT").replace(/\/\d+:/g, "/PORT:");
    assert.equal(
      shown(loud.stderr()),
      `INFO:CALC/PORT:server started on [127.0.0.1]:PORT
INFO:CALC/PORT:welcome [127.0.0.1]:PORT
INFO:CALC/PORT:goodbye [127.0.0.1]:PORT
WARNING:CALC/PORT:keyboard interrupt!
INFO:CALC/PORT:server has terminated
INFO:CALC/PORT:listener closed
`,
    );
    assert.equal(filed.stderr(), "");
    assert.match(
      await readFile(logfile, "utf8"),
      /^INFO:BILLING\/\d+:server started on \[127\.0\.0\.1\]:\d+\n/,
    );
  },
);

test("--quiet logs nothing but errors", { skip }, async () => {
  await using server = await startCommand(
    [
      "serve",
      "--protocol",
      "rpyc",
      "--handlers",
      rpycFixture("handlers.ts"),
      "-p",
      "0",
      "-q",
      "--json",
    ],
    /"listening"/,
  );
  server.child.kill("SIGTERM");
  assert.equal(await server.ended(), 143);
  assert.equal(server.stderr(), "");
});

for (const mode of ["async", "threaded", "forking", "pool"]) {
  test(`every reply of many requests reaches a client over TLS (${mode})`, {
    skip: skip || opensslSkip(),
  }, async () => {
    await using folder = await tempFolder({ "handlers.mjs": BLOCKING });
    const tls = await makeCertificates(folder.path);
    const files = ["--ssl-keyfile", tls.serverKey, "--ssl-certfile", tls.serverCert];
    await using server = await startRpyc([...files, "--mode", mode], folder.at("handlers.mjs"));
    const code = `
import sys, rpyc
${CONNECT_PATIENTLY}
connection = rpyc.ssl_connect("127.0.0.1", int(sys.argv[1]), ca_certs=sys.argv[2])
add = rpyc.async_(connection.root.add)
for count in range(1, 12):
    results = [add(count, i) for i in range(count)]
    assert [result.value for result in results] == [count + i for i in range(count)]
print("all")
`;
    assert.equal(await runPython({ code }, [String(server.port), tls.ca]), "all\n");
  });
}

for (const mode of ["async", "threaded", "forking"]) {
  test(
    `TLS asks for a client's certificate only with an authority, and shows it to the handlers (${mode})`,
    {
      skip: skip || opensslSkip(),
    },
    async () => {
      await using folder = await tempFolder({ "handlers.mjs": BLOCKING });
      const tls = await makeCertificates(folder.path);
      const code = `
import sys, rpyc
${CONNECT_PATIENTLY}
port, key, cert, ca = int(sys.argv[1]), *sys.argv[2:5]
def attempt(**given):
    try:
        c = rpyc.ssl_connect("127.0.0.1", port, **given)
        print(c.root.add(1, 2), dict(c.root.who() or {}))
        c.close()
    except Exception as e: print("refused", isinstance(e, (EOFError, OSError)))
attempt(ca_certs=ca)
attempt(keyfile=key, certfile=cert, ca_certs=ca)
attempt(keyfile=sys.argv[5], certfile=sys.argv[6], ca_certs=ca)
attempt(keyfile=sys.argv[5], certfile=sys.argv[7], ca_certs=ca)
try:
    rpyc.connect("127.0.0.1", port, config={"sync_request_timeout": 0.3}).root
    print("plain works")
except Exception as e: print("plain refused")
`;
      const clients = [
        tls.clientKey,
        tls.clientCert,
        tls.ca,
        tls.otherKey,
        tls.otherCert,
        tls.expiredCert,
      ];
      const server = ["--ssl-keyfile", tls.serverKey, "--ssl-certfile", tls.serverCert];
      await using open = await startRpyc([...server, "--mode", mode], folder.at("handlers.mjs"));
      const all = await runPython({ code }, [String(open.port), ...clients]);
      assert.equal(all, "3 {}\n3 {}\n3 {}\n3 {}\nplain refused\n", mode);
      await using closed = await startRpyc(
        [...server, "--ssl-cafile", tls.ca, "--mode", mode],
        folder.at("handlers.mjs"),
      );
      const some = await runPython({ code }, [String(closed.port), ...clients]);
      assert.equal(
        some,
        "refused True\n3 {'CN': 'client'}\nrefused True\nrefused True\nplain refused\n",
        mode,
      );
      const refused =
        /^INFO:PYRPC\/\d+:\[.*\]:\d+ failed to authenticate\.\.\. rejecting connection$/gm;
      await waitUntil(() => closed.stderr().match(refused)?.length === 4);
    },
  );
}

test("an authenticator lets in who sends the token first, and shows the handlers who it is", {
  skip,
}, async () => {
  await using folder = await tempFolder({
    "handlers.mjs": BLOCKING,
    "own.mjs": MAGICAL,
    "passwords": "ann:secret\n",
  });
  const code = `
import sys, socket, rpyc
def attempt(first):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    s.sendall(first)
    try:
        c = rpyc.connect_stream(rpyc.SocketStream(s))
        print(c.root.add(1, 2), c.root.who())
        c.close()
    except (EOFError, OSError): print("refused")
for word in sys.argv[2:]: attempt(word.encode().decode("unicode_escape").encode())
`;
  const handlers = folder.at("handlers.mjs");
  const env = { PYRPC_TOKEN: "open-sesame" };
  const flags = ["--auth-token-env", "PYRPC_TOKEN", "--auth-basic-file", folder.at("passwords")];
  for (const mode of ["async", "threaded", "forking"]) {
    await using server = await startCommand(
      ["serve", "--protocol", "rpyc", "--handlers", handlers, "-p", "0", "-m", mode, ...flags],
      /server started on .*:(\d+)/,
      { env },
    );
    const words = [
      "open-sesame\\n",
      "wrong\\n",
      "Bearer open-sesame\\n",
      "ann:secret\\n",
      "ann:wrong\\n",
    ];
    const out = await runPython({ code }, [server.match[1]!, ...words]);
    assert.equal(out, "3 token\nrefused\n3 token\n3 ann\nrefused\n", mode);
    assert.match(server.stderr(), /failed to authenticate\.\.\. rejecting connection/);
  }
  await using own = await startRpyc(["--mode", "async"], folder.at("own.mjs"));
  assert.equal(
    await runPython({ code }, [String(own.port), "magic!", "nothing"]),
    "3 {'name': 'magician'}\nrefused\n",
  );
});

test("rpyc.classic.connect() gets an AttributeError with the reason", { skip }, async () => {
  await using server = await startRpyc(["--mode", "async"]);
  const code = `
import sys, rpyc
try: rpyc.classic.connect("127.0.0.1", int(sys.argv[1]))
except AttributeError as e: print("classic service" in str(e) and "conn.root" in str(e))`;
  assert.equal(await runPython({ code }, [String(server.port)]), "True\n");
});

test("a contract validates the arguments of rpyc clients, floats that stay floats, and groups", {
  skip,
}, async () => {
  const number = { type: "number" };
  const procedure = (name: string, parameters: Record<string, object>, result: object) => ({
    name,
    parameters: Object.entries(parameters).map(([name, schema]) => ({
      name,
      schema_: schema,
      required: !("default" in schema),
      default: "default" in schema ? schema.default : null,
      type: "",
    })),
    return_schema: result,
    return_type: "",
    doc: `Says ${name}.`,
  });
  await using folder = await tempFolder({
    "schema.json": JSON.stringify({
      half: procedure("half", { value: { type: "integer" } }, number),
      point: procedure("point", {}, {
        type: "object",
        properties: { x: number, n: { type: "integer" }, all: { type: "array", items: number } },
      }),
      "admin.version": procedure("admin.version", {}, { type: "string" }),
      greet: procedure("greet", {
        name: { type: "string" },
        greeting: { type: "string", default: "Hi" },
      }, {
        type: "string",
      }),
      boom: procedure("boom", {}, { type: "string" }),
    }),
    "handlers.mjs": `
export const half = (value) => value / 2;
export const point = () => ({ x: 2, n: 2, all: [1, 2.5] });
export const admin = { version: () => "1.0" };
export const greet = (name, greeting) => greeting + ", " + name;
export const boom = () => { throw Object.assign(new Error("no stock"), { name: "OutOfStock" }); };
`,
  });
  await using server = await startCommand([
    ...["serve", folder.at("schema.json"), "--protocol", "rpyc", "-m", "threaded", "-p", "0"],
    ...["--handlers", folder.at("handlers.mjs")],
  ], /server started on .*:(\d+)/);
  const code = `
import sys, rpyc
r = rpyc.connect("127.0.0.1", int(sys.argv[1])).root
def show(run):
    try: print(repr(run()))
    except Exception as e: print(type(e).__name__, e.args)
show(lambda: r.half(4))
show(lambda: r.half(value=5))
show(lambda: r.half("x"))
show(lambda: r.half())
p = r.point()
show(lambda: (p["x"], p["n"], list(p["all"]), str(p)))
show(lambda: r.admin.version())
show(lambda: r.greet("Ann"))
show(lambda: r.greet(greeting="Yo", name="Bob"))
show(lambda: r.boom())
show(lambda: r.half.__doc__)
`;
  assert.equal(
    await runPython({ code }, [server.match[1]!]),
    `2.0
2.5
ValueError ('value: Input should be a valid integer, unable to parse string as an integer',)
TypeError ("PyrpcService.exposed_half() missing 1 required positional argument: 'value'",)
(2.0, 2, [1.0, 2.5], "{'x': 2.0, 'n': 2, 'all': [1.0, 2.5]}")
'1.0'
'Hi, Ann'
'Yo, Bob'
pyrpc.OutOfStock ('no stock',)
'Says half.'
`,
  );
});
