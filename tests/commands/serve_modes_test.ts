import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { WebSocket } from "ws";
import { isRunning } from "../support/is_running.ts";
import { makeCertificates, opensslSkip } from "../support/certificates.ts";
import { waitUntil } from "../support/wait_until.ts";
import { startCommand } from "../support/rpyc.ts";
import { tempFolder } from "../support/temp_folder.ts";

const HANDLERS = {
  "api.mjs": `
export const add = (a, b) => a + b;
export const fail = () => { throw Object.assign(new Error("boom"), { code: 42, data: { why: "so" } }); };
`,
  "schema.json": JSON.stringify({
    add: {
      name: "add",
      parameters: ["a", "b"].map((name) => ({
        name,
        type: "int",
        schema_: { type: "integer" },
        required: true,
        default: null,
      })),
      return_type: "int",
      return_schema: { type: "integer" },
      doc: "",
      is_async: false,
      kind: "query",
    },
  }),
};

const CALLS = [
  { jsonrpc: "2.0", id: 1, method: "add", params: [1, 2] },
  { jsonrpc: "2.0", method: "add", params: [3, 4] },
  { jsonrpc: "2.0", id: 2, method: "fail" },
  { jsonrpc: "2.0", id: 3, method: "add", params: ["x", 2] },
  // The contract forbids the result: that is a warning, too.
  { jsonrpc: "2.0", id: 4, method: "add", params: [0.5e300, 2] },
  { jsonrpc: "2.0", id: 5, method: "nosuch" },
];

/** The bytes that a client reads and the log of the server, without times and ports. */
async function session(
  transport: "tcp" | "ws",
  mode: string | undefined,
  lines: readonly string[],
) {
  await using folder = await tempFolder(HANDLERS);
  await using server = await startCommand(
    [
      ...["serve", "schema.json", "--handlers", "api.mjs", "--protocol", "jsonrpc"],
      ...["--transport", transport, "--port", "0", "--trace-file", "trace.jsonl", ...lines],
      ...(mode === undefined ? [] : ["--mode", mode]),
    ],
    /:\/\/127\.0\.0\.1:(\d+)/,
    { cwd: folder.path },
  );
  const port = Number(server.match[1]);
  const answers = transport === "tcp" ? await overTcp(port) : await overWebSocket(port);
  const neutral = (text: string) =>
    text.replace(/[\d.]+ ms|"ms":[\d.e-]+/g, "MS").replace(/"time":"[^"]*"/g, "TIME")
      .replace(/127\.0\.0\.1:\d+/g, "ADDRESS");
  // The last call's line is the last thing that is written.
  await waitUntil(() => (server.stdout() + server.stderr()).includes("nosuch"));
  if (mode === "oneshot") await server.ended();
  server.child.kill("SIGINT");
  await server.ended();
  return {
    answers,
    stdout: neutral(server.stdout()),
    stderr: neutral(server.stderr()).split("\n").sort(),
    trace: neutral(await readFile(folder.at("trace.jsonl"), "utf8")).trim().split("\n"),
  };
}

async function overTcp(port: number): Promise<readonly string[]> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let text = "";
  socket.on("data", (chunk) => text += String(chunk));
  let answered = 0;
  for (const call of CALLS) {
    socket.write(`${JSON.stringify(call)}\n`);
    if (call.id === undefined) continue;
    answered++;
    await waitUntil(() => text.split("\n").length > answered);
  }
  socket.destroy();
  return text.trim().split("\n");
}

async function overWebSocket(port: number): Promise<readonly string[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  await once(socket, "open");
  const answers: string[] = [];
  for (const call of CALLS) {
    socket.send(JSON.stringify(call));
    if (call.id === undefined) continue;
    const [data, isBinary] = await once(socket, "message");
    assert.equal(isBinary, false);
    answers.push(String(data));
  }
  socket.terminate();
  return answers;
}

for (const transport of ["tcp", "ws"] as const) {
  for (const mode of ["threaded", "forking", "pool", "sync", "oneshot"]) {
    const skip = mode === "forking" && process.platform === "win32";
    test(
      `serve --mode ${mode} over ${transport} prints what the event loop prints`,
      { skip },
      async () => {
        for (const lines of [["--json"], ["--trace"]]) {
          assert.deepEqual(
            await session(transport, mode, lines),
            await session(transport, undefined, lines),
          );
        }
      },
    );
  }
}

test("serve --listen URL?framing=length applies to its own listener in a mode, too", async () => {
  await using folder = await tempFolder(HANDLERS);
  await using server = await startCommand(
    [
      ...["serve", "--handlers", "api.mjs", "--protocol", "jsonrpc", "--mode", "pool"],
      ...["--listen", "tcp://127.0.0.1:0?framing=length", "--listen", "tcp://127.0.0.1:0"],
    ],
    /tcp:\/\/127\.0\.0\.1:(\d+)[^]*tcp:\/\/127\.0\.0\.1:(\d+)/,
    { cwd: folder.path },
  );
  const message = JSON.stringify(CALLS[0]);
  for (
    const [port, sent] of [
      [server.match[1], `\0\0\0${String.fromCharCode(message.length)}${message}`],
      [server.match[2], `${message}\n`],
    ] as const
  ) {
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(sent);
    const [data] = await once(socket, "data");
    assert.match(String(data), /"result":3\}/);
    socket.destroy();
  }
});

const SLOW = `
export const add = (a, b) => a + b;
export const later = (value) => new Promise((resolve) => setTimeout(() => resolve(value), 150));
`;

for (const mode of ["async", "sync", "threaded", "forking", "pool", "tls forking"]) {
  const isSecure = mode.startsWith("tls ");
  const skip = mode.includes("forking") && process.platform === "win32" || isSecure && opensslSkip;
  test(
    `serve --mode ${mode} answers all that a client asked before it closed its side`,
    { skip },
    async () => {
      await using folder = await tempFolder({ "api.mjs": SLOW });
      await using certificates = isSecure ? await makeCertificates() : undefined;
      const tls = certificates?.server;
      const path = folder.at("rpc.sock");
      await using server = await startCommand(
        [
          ...["serve", "--handlers", "api.mjs", "--protocol", "jsonrpc"],
          ...["--mode", mode.split(" ").at(-1)!],
          ...tls === undefined
            ? ["--listen", "tcp://127.0.0.1:0", "--listen", `unix://${path}`]
            : ["--listen", "tls://127.0.0.1:0", "--tls-key", tls.keyFile]
              .concat("--tls-cert", tls.certFile),
        ],
        tls === undefined ? /tcp:\/\/127\.0\.0\.1:(\d+)[^]*unix:/ : /tls:\/\/127\.0\.0\.1:(\d+)/,
        { cwd: folder.path },
      );
      const tcp = { port: Number(server.match[1]), host: "127.0.0.1", allowHalfOpen: true };
      const ways = tls === undefined
        ? [() => connect(tcp), () => connect({ path, allowHalfOpen: true })]
        : [() => connectTls({ ...tcp, rejectUnauthorized: false })];
      for (const way of ways) {
        const socket = way();
        let text = "";
        socket.on("data", (chunk) => text += String(chunk));
        const calls = [["add", 1, 2], ["later", 3], ["add", 4, 5], ["later", 6]];
        const lines = calls.map(([method, ...params], id) =>
          `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`
        );
        socket.end(lines.join(""));
        await once(socket, "end");
        socket.destroy();
        const replies = text.trim().split("\n").map((line) => JSON.parse(line));
        replies.sort((a, b) => a.id - b.id);
        assert.deepEqual(replies.map(({ result }) => result), [3, 3, 9, 6]);
      }
    },
  );
}

const FORKED = `
const soon = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const ping = () => 1;
export const pid = () => process.pid;
export const later = async (ms) => { await soon(ms); return ms; };
export const settled = async (value) => { await null; await Promise.resolve(); return value; };
export const large = (size, letter) => letter.repeat(size);
`;

/** A server in forking mode, and one client of it that asks line by line. */
async function forked() {
  const folder = await tempFolder({ "api.mjs": FORKED });
  const server = await startCommand(
    ["serve", "--handlers", "api.mjs", "--protocol", "jsonrpc", "--mode", "forking"]
      .concat("--transport", "tcp", "--port", "0"),
    /tcp:\/\/127\.0\.0\.1:(\d+)/,
    { cwd: folder.path },
  );
  const socket = connect(Number(server.match[1]), "127.0.0.1");
  await once(socket, "connect");
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  let id = 0;
  const ask = (method: string, ...params: unknown[]) =>
    socket.write(`${JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params })}\n`);
  const answer = async () => {
    const { value, done } = await lines.next();
    return done === true ? undefined : JSON.parse(value) as { id: number; result: unknown };
  };
  return {
    server,
    socket,
    ask,
    answer,
    async call(method: string, ...params: unknown[]) {
      ask(method, ...params);
      return (await answer())?.result;
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const isPosix = process.platform !== "win32";

test("serve --mode forking answers what awaits between what does not, each in its time", {
  skip: !isPosix,
}, async () => {
  await using client = await forked();
  for (let round = 0; round < 50; round++) {
    assert.equal(await client.call("settled", round), round);
    assert.equal(typeof await client.call("ping"), "number");
    if (round % 10 === 0) assert.equal(await client.call("later", 3), 3);
  }
  // Those that come with one that waits are answered before it.
  client.ask("later", 100);
  for (let round = 0; round < 20; round++) client.ask("settled", round);
  const results = [];
  for (let round = 0; round < 21; round++) results.push((await client.answer())?.result);
  assert.deepEqual(results, [...Array.from({ length: 20 }, (_, round) => round), 100]);
});

test(
  "serve --mode forking keeps what a client does not read, in order, and reads large messages in pieces",
  {
    skip: !isPosix,
  },
  async () => {
    await using client = await forked();
    await client.call("ping");
    client.socket.pause();
    const sizes = Array.from({ length: 120 }, (_, index) => index % 3 === 0 ? 300_000 : index);
    for (const [index, size] of sizes.entries()) {
      client.ask("large", size, "abc"[index % 3]);
      // Small ones and large ones reach the child on their own.
      if (index % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    client.socket.resume();
    for (const [index, size] of sizes.entries()) {
      const answer = await client.answer();
      assert.equal(answer?.id, index + 2);
      assert.equal(answer?.result, "abc"[index % 3]!.repeat(size));
    }
    const long = "ä".repeat(400_000);
    assert.equal(await client.call("settled", long), long);
    assert.equal(await client.call("settled", "short"), "short");
  },
);

test("serve --mode forking ends a child with its client, and with the server", {
  skip: !isPosix,
}, async () => {
  await using client = await forked();
  for (let round = 0; round < 200; round++) await client.call("ping");
  client.socket.end();
  assert.equal(await client.answer(), undefined);

  const other = connect(Number(client.server.match[1]), "127.0.0.1");
  await once(other, "connect");
  let answers = 0;
  const call = () => other.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  other.on("data", () => {
    answers++;
    call();
  });
  call();
  await waitUntil(() => answers > 200);
  // Its last bytes are not read any more: that is a reset.
  other.on("error", () => {});
  client.server.child.kill("SIGTERM");
  await client.server.ended();
  await waitUntil(() => other.closed);
});

test("serve --mode forking ends after the children of all its clients", {
  skip: !isPosix,
}, async () => {
  await using client = await forked();
  const child = Number(await client.call("pid"));
  client.socket.end();
  await waitUntil(() => !isRunning(child));
  const { server } = client;
  let hasEnded = false;
  void server.ended().then(() => hasEnded = true);
  server.child.kill("SIGINT");
  await waitUntil(() => hasEnded);
});
