import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { WebSocket } from "ws";
import { runCli } from "../support/run_cli.ts";
import { startCommand } from "../support/rpyc.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

const HANDLERS = { "api.mjs": "export const add = (a, b) => a + b;\n" };
const SERVE = ["serve", "--handlers", "api.mjs", "--protocol", "rpyc", "--port", "0"];

/** rpyc's rules: what is refused, and the flag that the sentence names. */
const REFUSED: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    "a registry's type without --register",
    [...SERVE, "--registry-type", "tcp"],
    /--registry-type.*--register/,
  ],
  [
    "a registry's port without --register",
    [...SERVE, "--registry-port", "1"],
    /--registry-port.*--register/,
  ],
  [
    "a registry's host without --register",
    [...SERVE, "--registry-host", "h"],
    /--registry-host.*--register/,
  ],
  [
    "an interval without --register",
    [...SERVE, "--registry-interval", "5"],
    /--registry-interval.*--register/,
  ],
  ["TCP without a host", [...SERVE, "--register", "--registry-type", "TCP"], /--registry-host/],
  [
    "another registry type",
    [...SERVE, "--register", "--registry-type", "carrier-pigeon"],
    /registry-type/,
  ],
  ["a key alone", [...SERVE, "--ssl-keyfile", "k.pem"], /--ssl-certfile/],
  ["a certificate alone", [...SERVE, "--ssl-certfile", "c.pem"], /--ssl-keyfile/],
  ["an authority alone", [...SERVE, "--ssl-cafile", "ca.pem"], /--ssl-keyfile/],
  ["--vdb", [...SERVE, "--vdb", "users"], /vdb/],
  ["an unknown mode", [...SERVE, "--mode", "gevent"], /mode/],
  [
    "a pool's size without a pool",
    [...SERVE, "--mode", "async", "--pool-size", "3"],
    /--pool-size/,
  ],
  [
    "a pool's policy without a pool",
    [...SERVE, "--mode", "async", "--pool-policy", "drop"],
    /--pool-policy/,
  ],
  ["rpyc over HTTP", [...SERVE, "--transport", "http"], /--transport http/],
  [
    "rpyc at an HTTP URL",
    ["serve", "--handlers", "api.mjs", "--protocol", "rpyc", "--listen", "http://127.0.0.1:0/rpc"],
    /--listen http/,
  ],
  [
    "a port beside a URL",
    [...SERVE, "--listen", "tcp://127.0.0.1:0"],
    /--port is not for --listen/,
  ],
  ["a port for stdio", [...SERVE, "--mode", "stdio"], /--port/],
  [
    "a host for stdio",
    ["serve", "--handlers", "api.mjs", "--protocol", "rpyc", "--mode", "stdio", "--host", "::1"],
    /--host/,
  ],
  ["IPv6 at an IPv4 address", [...SERVE, "--ipv6", "--host", "0.0.0.0"], /--ipv6.*--host/],
  ["a trace of rpyc", [...SERVE, "--trace"], /--trace is not supported/],
  ["a framing of rpyc", [...SERVE, "--framing", "line"], /--framing/],
  ["an adapter of rpyc", [...SERVE, "--adapter", "flask"], /--adapter/],
  ["longer batches of rpyc", [...SERVE, "--max-batch", "5"], /--max-batch/],
  [
    "origins without WebSocket",
    [...SERVE, "--cors-origin", "http://a.example"],
    /--cors-origin.*--transport ws/,
  ],
  ["nothing to serve", ["serve", "--protocol", "rpyc"], /--handlers/],
  [
    "rpyc's log for another protocol",
    ["serve", "--handlers", "api.mjs", "--logfile", "x"],
    /--logfile/,
  ],
  [
    "pickles for another protocol",
    ["serve", "--handlers", "api.mjs", "--allow-pickle"],
    /--allow-pickle/,
  ],
  ["threads for HTTP", ["serve", "--handlers", "api.mjs", "--mode", "threaded"], /--mode threaded/],
  [
    "a name without --register",
    ["serve", "--handlers", "api.mjs", "--service", "X"],
    /--service.*--register/,
  ],
  ["a mock's name without --register", ["mock", "--service", "X"], /--service.*--register/],
  ["a registry mode", ["registry", "--mode", "sctp"], /mode/],
  ["a listing that is neither", ["registry", "--listing", "maybe"], /true or false/],
  ["a query without a name", ["registry", "query"], /name/],
  ["a state for a question", ["registry", "list", "--state", "x"], /--state/],
  ["a TCP registry without a host", ["registry", "list", "-m", "tcp"], /--host/],
];

for (const [name, args, wanted] of REFUSED) {
  test(`serve and registry refuse ${name} with exit code 2`, async () => {
    const { code, stderr } = await runCli(args, { files: HANDLERS });
    assert.match(stderr, wanted);
    assert.equal(code, 2, stderr);
  });
}

test("registry --json prints the address that it listens at", async () => {
  const args = ["registry", "-p", "0", "--host", "127.0.0.1", "--json"];
  await using registry = await startCommand(args, /^\{.*\}$/m);
  const { port, ...line } = JSON.parse(registry.match[0]);
  assert.deepEqual(line, { event: "listening", host: "127.0.0.1", mode: "udp" });
  assert.ok(port > 0);
});

test("serve --mode FILE refuses a file without a mode, and none", async () => {
  const files = { ...HANDLERS, "mode.mjs": "export default 5;\n" };
  const { code, stderr } = await runCli([...SERVE, "--mode", "./mode.mjs"], { files });
  assert.equal(code, 3);
  assert.match(stderr, /--mode cannot be used: it has no function/);
  const missing = await runCli([...SERVE, "--mode", "./none.mjs"], { files });
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /--mode cannot be used: it does not exist\n {2}at .*none\.mjs/);
});

test("registry --state refuses a file that is something else, and one that cannot be written", async () => {
  const files = { "package.json": '{ "name": "precious" }\n', "broken.json": '{ "services": [' };
  for (
    const [path, why] of [
      ["package.json", /contains no registrations/],
      ["broken.json", /contains no registrations/],
      ["nowhere/state.json", /cannot be written/],
    ] as const
  ) {
    const found = await runCli(["registry", "-p", "0", "--state", path], { files });
    assert.equal(found.code, 3, found.stderr);
    assert.match(found.stderr, why);
    assert.deepEqual(found.files, {}, "nothing was written over");
  }
});

/** Clients that connect and go without a byte. */
const COME_AND_GO: Readonly<Record<"tcp" | "ws", (port: number) => Promise<unknown>>> = {
  async tcp(port) {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.end();
    socket.resume();
    await once(socket, "close");
  },
  async ws(port) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
    await once(socket, "open");
    socket.terminate();
    await once(socket, "close");
  },
};

for (
  const [mode, transport] of [
    ["threaded", "tcp"],
    ["pool", "tcp"],
    ["forking", "tcp"],
    ["async", "tcp"],
    ["threaded", "ws"],
    ["forking", "ws"],
  ] as const
) {
  test(`serve --mode ${mode} lets go of clients that come and go at once (${transport})`, async () => {
    await using folder = await tempFolder(HANDLERS);
    await using server = await startCommand(
      [...SERVE, "--mode", mode, "--transport", transport],
      /server started on .*:(\d+)/,
      { cwd: folder.path },
    );
    const COUNT = 6;
    for (let client = 0; client < COUNT; client++) {
      await COME_AND_GO[transport](Number(server.match[1]));
    }
    const goodbyes = () => server.stderr().match(/:goodbye /g)?.length ?? 0;
    await waitUntil(() => goodbyes() === COUNT);
  });
}

for (const mode of ["threaded", "forking", "async"]) {
  test(`serve --mode ${mode} accepts at most --max-connections, and logs it`, async () => {
    await using folder = await tempFolder(HANDLERS);
    await using server = await startCommand(
      [...SERVE, "--mode", mode, "--max-connections", "1"],
      /server started on .*:(\d+)/,
      { cwd: folder.path },
    );
    const join = () => {
      const socket = connect(Number(server.match[1]), "127.0.0.1");
      socket.on("error", () => {});
      socket.resume();
      return socket;
    };
    const first = join();
    await waitUntil(() => server.stderr().includes("welcome"));
    await once(join(), "close");
    assert.match(server.stderr(), /^WARNING:.* dropped: --max-connections are open$/m);
    first.destroy();
    await waitUntil(() => server.stderr().includes("goodbye"));
    join();
    await waitUntil(() => server.stderr().match(/welcome/g)?.length === 2);
  });
}

for (
  const [mode, how] of [
    ["threaded", "SIGTERM"],
    ["forking", "SIGTERM"],
    ["forking", "Ctrl+C"],
    ["async", "Ctrl+C"],
  ] as const
) {
  test(`serve --mode ${mode} ended by ${how} calls no connection a failure`, async () => {
    await using folder = await tempFolder(HANDLERS);
    await using server = await startCommand(
      [...SERVE, "--mode", mode],
      /server started on .*:(\d+)/,
      { cwd: folder.path, detached: true },
    );
    const socket = connect(Number(server.match[1]), "127.0.0.1");
    socket.on("error", () => {});
    await waitUntil(() => server.stderr().includes("welcome"));
    // A terminal interrupts every process of the group, children too.
    if (how === "Ctrl+C") process.kill(-server.child.pid!, "SIGINT");
    else server.child.kill("SIGTERM");
    assert.equal(await server.ended(), how === "Ctrl+C" ? 130 : 143);
    assert.doesNotMatch(server.stderr(), /ERROR/);
    assert.match(server.stderr(), /:goodbye /);
    socket.destroy();
  });
}

for (const mode of ["threaded", "forking", "pool", "sync", "oneshot"]) {
  test(`serve --mode ${mode} serves JSON-RPC over TCP, too`, async () => {
    await using folder = await tempFolder(HANDLERS);
    await using server = await startCommand(
      [
        "serve",
        "--handlers",
        "api.mjs",
        "--transport",
        "tcp",
        "--protocol",
        "jsonrpc",
        "--port",
        "0",
        "--mode",
        mode,
      ],
      /tcp:\/\/127\.0\.0\.1:(\d+)/,
      { cwd: folder.path },
    );
    const socket = connect(Number(server.match[1]), "127.0.0.1");
    await once(socket, "connect");
    let text = "";
    socket.on("data", (chunk) => text += String(chunk));
    for (const id of [1, 2]) {
      socket.write(`${JSON.stringify({ jsonrpc: "2.0", id, method: "add", params: [id, 2] })}\n`);
      await waitUntil(() => text.split("\n").length > id);
    }
    assert.deepEqual(text.trim().split("\n").map((line) => JSON.parse(line).result), [3, 4]);
    socket.destroy();
    if (mode === "oneshot") assert.equal(await server.ended(), 0);
  });
}

test("mock --register is found by sync --discover", async () => {
  await using registry = await startCommand(["registry", "-p", "0"], /server started on \S*:(\d+)/);
  const at = ["--registry-host", "127.0.0.1", "--registry-port", registry.match[1]!];
  await using _mock = await startCommand(
    [
      "mock",
      "tests/fixtures/shop.pull.json",
      "--port",
      "0",
      "--register",
      "--service",
      "Shop,store",
      ...at,
    ],
    /Registry: registered/,
  );
  const found = await runCli(["sync", "--discover", "store", ...at, "--out", "types.ts"]);
  assert.equal(found.code, 0, found.stderr);
  assert.match(found.files["types.ts"] ?? "", /export/);
  const missing = await runCli(["sync", "--discover", "nothing", ...at, "--out", "types.ts"]);
  assert.equal(missing.code, 5);
  assert.match(missing.stderr, /No server of "nothing" is registered/);
  const refused = await runCli(["sync", "--registry-host", "h"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--registry-host.*--discover/);
});

test("dev refuses to register without a server", async () => {
  const { code, stderr } = await runCli(["dev", "--types-only", "--register"], { files: HANDLERS });
  assert.equal(code, 2);
  assert.match(stderr, /--register.*--types-only/);
});
