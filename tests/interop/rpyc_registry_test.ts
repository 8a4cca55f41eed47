import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonSkip } from "../support/python.ts";
import { waitUntil } from "../support/wait_until.ts";
import { runCommand, runPython, startCommand, startRpyc } from "../support/rpyc.ts";
import { tempFolder } from "../support/temp_folder.ts";

const skip = pythonSkip();

async function startRegistry(args: readonly string[]) {
  const command = await startCommand(
    ["registry", "-p", "0", ...args],
    /server started on \S*:(\d+)/,
  );
  return { ...command, port: command.match[1]! };
}

const CLIENT = `
import sys
from rpyc.utils.registry import UDPRegistryClient, TCPRegistryClient
kind, port = sys.argv[1], int(sys.argv[2])
r = (UDPRegistryClient if kind == "udp" else TCPRegistryClient)(sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1", port=port)
`;

for (const kind of ["udp", "tcp"]) {
  test(
    `registry -m ${kind}: the real clients register, query, list and unregister`,
    { skip },
    async () => {
      await using registry = await startRegistry(["-m", kind.toUpperCase(), "--listing"]);
      const code = `${CLIENT}
print(r.register(("CALC", "math"), 18812), r.register(("calc",), 18813))
print(r.discover("Calc"), r.discover("MATH"), r.discover("nope"))
print(r.list(), r.list("127.0.0.1"), r.list("10.9.9.9"))
r.register(("calc",), 18812)
print(r.discover("calc"))
r.unregister(18812)
import time
for _ in range(50):
    if r.discover("math") == (): break
    time.sleep(0.05)
print(r.discover("calc"), r.discover("math"), r.list())
`;
      assert.equal(
        await runPython({ code }, [kind, registry.port]),
        `True True
(('127.0.0.1', 18812), ('127.0.0.1', 18813)) (('127.0.0.1', 18812),) ()
('CALC', 'MATH') ('CALC', 'MATH') ()
(('127.0.0.1', 18813), ('127.0.0.1', 18812))
(('127.0.0.1', 18813),) () ('CALC',)
`,
      );
      // The real client does not wait for the answer to its UNREGISTER.
      assert.doesNotMatch(registry.stderr(), /ERROR/);
      assert.match(
        registry.stderr(),
        new RegExp(`^DEBUG:REGSRV/${kind.toUpperCase()}/${registry.port}:registering `, "m"),
      );
    },
  );

  test(
    `serve --register -m ${kind}: discover and connect_by_service of the real library find ours`,
    { skip },
    async () => {
      await using registry = await startRegistry(["-m", kind, "-l", "true"]);
      await using server = await startRpyc([
        ...["--mode", "async", "--register", "--registry-type", kind.toUpperCase()],
        ...["--registry-host", "127.0.0.1", "--registry-port", registry.port],
      ]);
      await waitUntil(() => server.stderr().includes("acknowledged"));
      const code = `${CLIENT}
import rpyc
print(rpyc.discover("math", registrar=r), r.list())
c = rpyc.connect_by_service("calc", registrar=r)
print(c.root.add(1, 2)); c.close()
`;
      const out = await runPython({ code }, [kind, registry.port]);
      assert.equal(out, `(('127.0.0.1', ${server.port}),) ('CALC', 'MATH')\n3\n`);
      const ask = ["registry", "-m", kind, "--host", "127.0.0.1", "-p", registry.port];
      const query = await runCommand([...ask, "query", "calc"]);
      assert.deepEqual([query.code, query.stdout], [0, `127.0.0.1\t${server.port}\n`]);
      const list = await runCommand([...ask, "--json", "list"]);
      assert.deepEqual(JSON.parse(list.stdout), ["CALC", "MATH"]);
      server.child.kill("SIGINT");
      await server.ended();
      const gone = await runCommand([...ask, "query", "calc"]);
      assert.deepEqual([gone.code, gone.stdout], [1, ""]);
      assert.match(gone.stderr, /No server of "calc" is registered/);
    },
  );

  test(`registry -m ${kind}: a real server that registers itself is found`, { skip }, async () => {
    await using registry = await startRegistry(["-m", kind]);
    const code = `${CLIENT}
import rpyc, threading, time
class FooService(rpyc.Service):
    ALIASES = ["foo", "bar"]
    def exposed_hi(self): return "hi"
from rpyc.utils.server import ThreadedServer
s = ThreadedServer(FooService, hostname="127.0.0.1", port=0, registrar=r, auto_register=True)
threading.Thread(target=s.start, daemon=True).start()
for _ in range(100):
    if r.discover("bar"): break
    time.sleep(0.05)
c = rpyc.connect_by_service("FOO", registrar=r); print(c.root.hi()); c.close()
s.close(); time.sleep(0.3); print(r.discover("foo"))
try: r.list() is None and print("listing is disabled")
except Exception as e: print(type(e).__name__)
`;
    const out = await runPython({ code }, [kind, registry.port]);
    assert.equal(out, "hi\n()\nlisting is disabled\n");
  });
}

test("serve --register reports that no registry answers, and keeps trying", { skip }, async () => {
  await using registry = await startRegistry(["-m", "tcp"]);
  registry.child.kill("SIGTERM");
  await registry.ended();
  await using server = await startRpyc([
    ...["--mode", "async", "--register", "--registry-type", "tcp"],
    ...["--registry-host", "127.0.0.1", "--registry-port", registry.port],
  ]);
  await waitUntil(() => /^WARNING:.*no registry acknowledged/m.test(server.stderr()));
  await using _later = await startCommand(
    ["registry", "-m", "tcp", "-p", registry.port],
    /server started/,
  );
  await waitUntil(() => /^INFO:.*acknowledged/m.test(server.stderr()));
});

test("registry over IPv6 keeps the address that registered", { skip }, async () => {
  await using registry = await startRegistry(["--ipv6"]);
  const code = `${CLIENT.replace("port=port)", "port=port, ipv6=True)")}
print(r.register(("SIX",), 18812), r.discover("six"))
`;
  assert.equal(
    await runPython({ code }, ["udp", registry.port, "::1"]),
    "True (('::1', 18812),)\n",
  );
});

test("registry --state keeps registrations across a restart, -t drops them", { skip }, async () => {
  await using folder = await tempFolder();
  const state = folder.at("state.json");
  await using first = await startRegistry(["--state", state]);
  const register = `${CLIENT}\nprint(r.register(("KEPT",), 18812))`;
  assert.equal(await runPython({ code: register }, ["udp", first.port]), "True\n");
  first.child.kill("SIGTERM");
  assert.equal(await first.ended(), 143);
  const discover = `${CLIENT}\nprint(r.discover("kept"))`;
  {
    await using second = await startRegistry(["--state", state]);
    assert.equal(
      await runPython({ code: discover }, ["udp", second.port]),
      "(('127.0.0.1', 18812),)\n",
    );
  }
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await using third = await startRegistry(["--state", state, "-t", "1"]);
  assert.equal(await runPython({ code: discover }, ["udp", third.port]), "()\n");
});
