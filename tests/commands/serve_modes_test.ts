import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { WebSocket } from "ws";
import { waitUntil } from "../support/python.ts";
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

/** What a client reads, and what the person that watches the server sees, without times and ports. */
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
  await waitUntil(() => (server.stdout() + server.stderr()).includes("nosuch"), 10_000);
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
    await waitUntil(() => text.split("\n").length > answered, 20_000);
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
      `serve --mode ${mode} over ${transport} shows what the event loop shows`,
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

test("serve --listen URL?framing=length holds for its own listener in a mode, too", async () => {
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
