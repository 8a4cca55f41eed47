import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { WebSocket } from "ws";
import { makeCertificates, opensslSkip } from "../support/certificates.ts";
import { startCommand } from "../support/rpyc.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { casesToRun } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";

const HANDLERS = { "api.mjs": "export const add = (a, b) => a + b;\n" };
const TIMEOUT_MS = 400;
const TIMEOUT = ["--headers-timeout", String(TIMEOUT_MS)];

const isWindows = process.platform === "win32";

interface Silent {
  readonly closed: Promise<unknown>;
  destroy(): void;
}

function overSocket(socket: Socket | TLSSocket): Silent {
  socket.on("error", () => undefined);
  // Unread bytes would keep the end of the stream back.
  socket.resume();
  return { closed: once(socket, "close"), destroy: () => socket.destroy() };
}

function overWebSocket(url: string): Silent {
  const socket = new WebSocket(url);
  socket.on("error", () => undefined);
  return { closed: once(socket, "close"), destroy: () => socket.terminate() };
}

/** Connects and sends nothing. Fails unless the server closes the connection. */
async function assertClosed(open: () => Silent, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const start = performance.now();
    const { closed, destroy } = open();
    let isClosed = false;
    closed.then(() => isClosed = true);
    try {
      await waitUntil(() => isClosed);
    } catch {
      assert.fail(`${what} stays open`);
    } finally {
      destroy();
    }
    // A pool without a free worker closes a connection at once: its worker may not be free yet.
    if (performance.now() - start > TIMEOUT_MS / 2) return;
    assert.ok(
      performance.now() < deadline,
      `${what} is closed at once: its worker never gets free`,
    );
  }
}

function silentAt(url: string, folder: string): Silent {
  const { protocol, hostname, port, pathname } = new URL(url);
  if (protocol === "ws:") return overWebSocket(url);
  return overSocket(
    protocol === "unix:"
      ? connect(pathname.startsWith(folder) ? pathname : `${folder}/rpc.sock`)
      : connect(Number(port), hostname),
  );
}

/** The URLs of the listeners, from the JSON banner. */
function urlsOf(stdout: string): string[] {
  return stdout.split("\n").filter((line) => line.includes('"listening"'))
    .map((line) => JSON.parse(line).url);
}

const MODES = [
  ["async"],
  ["sync"],
  ["threaded"],
  ["forking"],
  ["pool", "--pool-size", "1"],
  ["pool", "--pool-size", "1", "--pool-policy", "queue"],
];
const PROTOCOLS = ["pyrpc", "jsonrpc", "msgpackrpc", "rpyc"];
const CASES = MODES.flatMap((mode) => PROTOCOLS.map((protocol) => ({ mode, protocol })));
const isInGate = ({ mode, protocol }: (typeof CASES)[number]) =>
  protocol === "rpyc"
    ? mode[0] === "sync" || mode[0] === "forking" || mode.length === 3
    : protocol === "pyrpc" && mode.length === 3;

for (const { mode, protocol } of casesToRun(CASES, isInGate)) {
  const name = `--mode ${mode.join(" ")} --protocol ${protocol}`;
  test(`serve ${name} closes a connection that sends nothing`, {
    skip: isWindows && mode[0] === "forking" ? "forking needs POSIX" : false,
  }, async () => {
    await using folder = await tempFolder(HANDLERS);
    const listen = [
      "tcp://127.0.0.1:0",
      ...isWindows ? [] : [`unix://${folder.at("rpc.sock")}`],
      // The event loop serves WebSockets without a stream: the upgrade is their handshake.
      ...(mode[0] === "async" && protocol !== "rpyc" ? [] : ["ws://127.0.0.1:0/ws"]),
    ];
    await using server = await startCommand(
      [
        ...["serve", "--handlers", "api.mjs", "--json", "--protocol", protocol, ...TIMEOUT],
        ...["--mode", ...mode, ...listen.flatMap((url) => ["--listen", url])],
      ],
      new RegExp(`(?:"listening"[^]*){${listen.length}}`),
      { cwd: folder.path },
    );
    const urls = urlsOf(server.stdout());
    assert.equal(urls.length, listen.length);
    // One after the other: with one worker, the second is served only when the first has let it go.
    for (const url of urls) await assertClosed(() => silentAt(url, folder.path), url);
  });
}

test("serve --mode oneshot closes a connection that sends nothing, and ends", async () => {
  await using folder = await tempFolder(HANDLERS);
  await using server = await startCommand(
    [
      ...["serve", "--handlers", "api.mjs", "--json", "--protocol", "jsonrpc", ...TIMEOUT],
      ...["--mode", "oneshot", "--listen", "tcp://127.0.0.1:0"],
    ],
    /"listening"/,
    { cwd: folder.path },
  );
  const [url = ""] = urlsOf(server.stdout());
  await assertClosed(() => silentAt(url, folder.path), url);
  await server.ended();
});

const TLS_COMMANDS: readonly (readonly string[])[] = [
  ["serve", "--handlers", "api.mjs", "--protocol", "rpyc", "--mode", "pool", "--pool-size", "1"],
  ["serve", "--handlers", "api.mjs", "--protocol", "jsonrpc", "--transport", "tcp"],
  ["serve", "--handlers", "api.mjs"],
  ["mock"],
];

for (const command of casesToRun(TLS_COMMANDS, (command) => command.includes("pool"))) {
  test(
    `${
      command.join(" ")
    } over TLS closes a connection that sends nothing, before and after the handshake`,
    {
      skip: opensslSkip,
    },
    async () => {
      await using folder = await tempFolder(HANDLERS);
      await using certificates = await makeCertificates();
      const files = certificates.server;
      const tls = ["--tls-key", files.keyFile, "--tls-cert", files.certFile];
      await using server = await startCommand(
        [...command, "--json", "--port", "0", ...TIMEOUT, ...tls],
        /"listening"/,
        { cwd: folder.path },
      );
      const [url = ""] = urlsOf(server.stdout());
      const port = Number(new URL(url).port);
      await assertClosed(() => overSocket(connect(port, "127.0.0.1")), "plain");
      await assertClosed(
        () => overSocket(connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false })),
        "TLS",
      );
    },
  );
}

const HTTP_COMMANDS: readonly (readonly string[])[] = [
  ["mock"],
  ["serve", "--handlers", "api.mjs"],
  ["serve", "--handlers", "api.mjs", "--protocol", "jsonrpc"],
  ["serve", "--handlers", "api.mjs", "--transport", "ws"],
  ["serve", "--handlers", "api.mjs", "--transport", "zmq"],
  ["serve", "--handlers", "api.mjs", "--protocol", "rpyc", "--auth-basic-file", "passwords"],
];

const isHttpInGate = (command: readonly string[]) => command[0] === "mock" || command.length > 5;

for (const command of casesToRun(HTTP_COMMANDS, isHttpInGate)) {
  test(`${command.join(" ")} closes a connection that sends nothing`, async () => {
    await using folder = await tempFolder({ ...HANDLERS, passwords: "ada:open\n" });
    await using server = await startCommand(
      [...command, "--json", "--port", "0", ...TIMEOUT],
      /"listening"/,
      { cwd: folder.path },
    );
    const [url = ""] = urlsOf(server.stdout());
    const port = Number(new URL(url).port);
    await assertClosed(() => overSocket(connect(port, "127.0.0.1")), url);
  });
}
