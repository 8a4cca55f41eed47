import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonSkip } from "../support/python.ts";
import { runCommand, runPython, startCommand, startRpyc } from "../support/rpyc.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { casesToRun } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";

const skip = pythonSkip();

const HANDLERS = `
export function fail(name) { throw Object.assign(new Error("boom"), { name }); }
export function failAsClass(name) {
  throw new ({ [name]: class extends Error {} })[name]("boom");
}
export async function rename(object, name) {
  await object.set("name", name);
  return await object.get("name");
}
export async function forget(object) { await object.delete("name"); }
export function tag(id, labels) { return { id, labels }; }
tag.parameters = ["id", "**labels"];
export function each(labels) { return labels.callback(labels.list); }
each.parameters = ["**labels"];
`;

test("an error arrives as every exception of Python's builtins", { skip }, async () => {
  await using folder = await tempFolder({ "handlers.mjs": HANDLERS });
  await using server = await startRpyc(["--mode", "async"], folder.at("handlers.mjs"));
  // rpyc's client cannot create the groups: with rpyc's server it raises a TypeError about its own call.
  const code = `
import builtins, sys, rpyc
assert sys.version_info >= (3, 11)
missing = []
known = 0
for name, wanted in vars(builtins).items():
    if not (isinstance(wanted, type) and issubclass(wanted, BaseException)): continue
    if name.endswith("ExceptionGroup"): wanted = Exception
    elif name not in sys.argv[2].split(): continue  # of a later Python
    known += 1
    for how in ("fail", "failAsClass"):
        conn = rpyc.connect("127.0.0.1", int(sys.argv[1]))
        try: getattr(conn.root, how)(name)
        except BaseException as error:
            if not isinstance(error, wanted) or error.args != ("boom",) and name != "StopIteration" or "boom" not in str(error): missing.append((how, name, repr(error)))
        else: missing.append((how, name))
print(known, missing)
`;
  const { BUILTIN_EXCEPTIONS } = await import("../../lib/rpyc/builtin_exceptions.ts");
  const names = [...BUILTIN_EXCEPTIONS].join(" ");
  const output = await runPython({ code }, [String(server.port), names]);
  assert.equal(output, `${BUILTIN_EXCEPTIONS.size} []\n`);
});

test("a handler sets and deletes attributes of a client's object, if the client allows it", {
  skip,
}, async () => {
  await using folder = await tempFolder({ "handlers.mjs": HANDLERS });
  await using server = await startRpyc(["--mode", "threaded"], folder.at("handlers.mjs"));
  const code = `
import sys, rpyc
class Box:
    exposed_name = "old"
    name = "old"
port = int(sys.argv[1])
allowed = {"allow_public_attrs": True, "allow_setattr": True, "allow_delattr": True}
conn = rpyc.connect("127.0.0.1", port, config=allowed)
box = Box(); box.name = "mine"
print(conn.root.rename(box, "new"), box.name)
conn.root.forget(box)
print(box.name)
conn = rpyc.connect("127.0.0.1", port)
try: conn.root.rename(Box(), "new")
except AttributeError as error: print(str(error).splitlines()[0])
`;
  assert.equal(
    await runPython({ code }, [String(server.port)]),
    "new new\nold\ncannot access 'name'\n",
  );
});

test("keyword arguments without a parameter reach **kwargs", { skip }, async () => {
  await using folder = await tempFolder({ "handlers.mjs": HANDLERS });
  await using server = await startRpyc(["--mode", "async"], folder.at("handlers.mjs"));
  const code = `
import sys, rpyc
root = rpyc.connect("127.0.0.1", int(sys.argv[1])).root
show = lambda d: print(d["id"], dict(d["labels"]))
show(root.tag(1))
show(root.tag(1, colour="red", size=2))
show(root.tag(colour="red", id=3))
print(root.each(callback=lambda items: sum(items), list=[1, 2, 3]))
for call in (lambda: root.tag(1, 2), lambda: root.tag(colour="red"), lambda: root.tag(1, id=2)):
    try: call()
    except TypeError as error: print(str(error).splitlines()[0])
`;
  assert.equal(
    await runPython({ code }, [String(server.port)]),
    `1 {}
1 {'colour': 'red', 'size': 2}
3 {'colour': 'red'}
6
PyrpcService.exposed_tag() takes 2 positional arguments but 3 were given
PyrpcService.exposed_tag() missing 1 required positional argument: 'id'
PyrpcService.exposed_tag() got multiple values for argument 'id'
`,
  );
});

const CLASSES = `
class Base { inherited() { return "inherited"; } }
class MyClass extends Base {
  pub = 5;
  _hidden = 6;
  foo() { return "foo"; }
  get computed() { return "computed"; }
  next() { return "next"; }
  _privy() { return "privy"; }
  exposed_foobar() { return "foobar"; }
}
export class MyService {
  exposed_MyClass = MyClass;
  version = "1.0";
  exposed_hello() { return "hello"; }
  plain() { return "plain"; }
}
`;

const NAMES = `
import sys, rpyc
root = rpyc.connect("127.0.0.1", int(sys.argv[1])).root
o = root.MyClass()
def show(get):
    try: print(get())
    except AttributeError as error: print(str(error).splitlines()[0])
for name in ("foobar", "foo", "inherited", "next", "_privy", "constructor", "toString", "onConnect"):
    show(lambda: getattr(o, name)())
for name in ("pub", "computed", "_hidden"): show(lambda: getattr(o, name))
show(lambda: root.plain())
show(lambda: root.version)
show(lambda: o.foo == o.foo)
`;

for (
  const [args, wanted] of [
    [[], [
      "foobar",
      "cannot access 'foo'",
      "cannot access 'inherited'",
      "'MyClass' object has no attribute 'next'",
      "cannot access '_privy'",
      "cannot access 'constructor'",
      "cannot access 'toString'",
      "cannot access 'onConnect'",
      "cannot access 'pub'",
      "cannot access 'computed'",
      "cannot access '_hidden'",
      "cannot access 'plain'",
      "cannot access 'version'",
      "cannot access 'foo'",
    ]],
    [["--allow-public-attrs"], [
      "foobar",
      "foo",
      "inherited",
      "next",
      "cannot access '_privy'",
      "'MyClass' object has no attribute 'constructor'",
      "'MyClass' object has no attribute 'toString'",
      "'MyClass' object has no attribute 'onConnect'",
      "5",
      "computed",
      "cannot access '_hidden'",
      "plain",
      "1.0",
      "True",
    ]],
  ] as const
) {
  test(
    `members of a service and an instance ${args.join(" ") || "by default"}`,
    { skip },
    async () => {
      await using folder = await tempFolder({ "handlers.mjs": CLASSES });
      await using server = await startRpyc(["-m", "ASYNC", ...args], folder.at("handlers.mjs"));
      const output = await runPython({ code: NAMES }, [String(server.port)]);
      assert.deepEqual(output.trimEnd().split("\n"), wanted);
    },
  );
}

test(
  "--mode pool drops no client while fewer clients than workers are connected",
  { skip },
  async () => {
    const code = `
import sys, threading, rpyc
port = int(sys.argv[1])
def row():
    for i in range(100):
        conn = rpyc.connect("127.0.0.1", port)
        assert conn.root.add(i, 1) == i + 1
        conn.close()
def together():
    held, dropped = [], []
    def one():
        try:
            conn = rpyc.connect("127.0.0.1", port)
            conn.root.add(1, 1)
            held.append(conn)
        except EOFError: dropped.append(1)
    for _ in range(3):
        threads = [threading.Thread(target=one) for _ in range(20)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        assert len(held) == 20, len(dropped)
        one()
        assert len(held) == 20 and len(dropped) == 1
        dropped.clear()
        for conn in held: conn.close()
        held.clear()
(row if sys.argv[2] == "1" else together)()
print("none")
`;
    for (const size of casesToRun(["1", "20"], (size) => size === "1")) {
      // The grace period of a test machine that is busy.
      await using server = await startRpyc([
        "--mode",
        "pool",
        "--pool-size",
        size,
        "--pool-grace",
        "2s",
      ]);
      assert.equal(await runPython({ code }, [String(server.port), size]), "none\n");
    }
  },
);

test("several service classes in one module are an error that names them", async () => {
  await using folder = await tempFolder({
    "unnamed.mjs": "export class Calc { add() {} }\n",
    "two.mjs": "export class AService { a() {} }\nexport class BService { b() {} }\n",
    "chosen.mjs":
      "export class AService { a() {} }\nexport class BService { b() {} }\nexport { BService as service };\n",
  });
  const serve = ["serve", "--protocol", "rpyc", "--handlers", folder.at("two.mjs"), "--port", "0"];
  const { code, stderr } = await runCommand(serve);
  assert.equal(code, 3);
  assert.match(stderr, /The handlers module exports several services: AService, BService/);
  await using server = await startRpyc(["--mode", "async"], folder.at("chosen.mjs"));
  assert.match(server.stderr(), /:B\/\d+:server started/);
  await using unnamed = await startRpyc(["--mode", "async"], folder.at("unnamed.mjs"));
  await waitUntil(() => /WARNING:.*name it CalcService/.test(unnamed.stderr()));
});

test("serve --register on a loopback address warns that other machines cannot reach it", async () => {
  await using folder = await tempFolder({ "handlers.mjs": HANDLERS });
  const registry = ["--register", "--registry-host", "127.0.0.1", "--registry-port", "1"];
  for (const protocol of ["rpyc", "jsonrpc"]) {
    const transport = protocol === "rpyc" ? ["--mode", "async"] : ["--transport", "tcp"];
    await using server = await startCommand([
      ...["serve", "--protocol", protocol, ...transport, "--port", "0"],
      ...["--handlers", folder.at("handlers.mjs"), ...registry],
    ], /Registering 127\.0\.0\.1, which other machines cannot reach/);
    assert.ok(server);
  }
});
