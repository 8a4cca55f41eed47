import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { platform } from "node:os";
import { test } from "node:test";
import { lateErrorLines } from "../../lib/runtime/mod.ts";
import { waitUntil } from "../support/wait_until.ts";
import { runCli } from "../support/run_cli.ts";
import { startCommand } from "../support/rpyc.ts";
import { tempFolder } from "../support/temp_folder.ts";

const HANDLERS = `import { EventEmitter } from "node:events";
import { boom } from "./beside/helper.ts";
interface Unused { a: number }
export const timer = () => { setTimeout(() => { throw new Error("of timer"); }, 1); return 1; };
export const rejection = () => { void Promise.reject(new TypeError("of rejection")); return 1; };
export const forgotten = () => { void (async () => { await null; throw new Error("of forgotten"); })(); return 1; };
export const listener = () => { setTimeout(() => new EventEmitter().emit("error", new RangeError("of listener")), 1); return 1; };
export const microtask = () => { queueMicrotask(() => { throw new Error("of microtask"); }); return 1; };
export const imported = () => { setTimeout(boom, 1); return 1; };
export const text = () => { void Promise.reject("of text"); return 1; };
`;
const HELPER = `/** So that lines differ from those of a bundle. */
export function boom(): never {
  throw new Error("of imported");
}
`;
const POSITIONS: readonly (readonly [name: string, file: string])[] = [
  ["timer", "handlers.ts:4"],
  ["rejection", "handlers.ts:5"],
  ["forgotten", "handlers.ts:6"],
  ["listener", "handlers.ts:7"],
  ["microtask", "handlers.ts:8"],
  ["imported", "beside/helper.ts:3"],
  ["text", "handlers.ts"],
];

const overTcp = ["--transport", "tcp", "--mode"];
const COMMANDS: readonly (readonly string[])[] = [
  ["mock"],
  ["serve"],
  ["serve", ...overTcp, "async"],
  ["serve", ...overTcp, "threaded"],
  ["serve", ...overTcp, "pool", "--pool-size", "1", "--pool-policy", "queue"],
  ...platform() === "win32" ? [] : [["serve", ...overTcp, "forking"]],
];

/** Asks one server again and again over the same connection, where there is one. */
async function openClient(url: URL): Promise<(line: string) => Promise<string>> {
  if (url.protocol === "http:") {
    return async (body) => await (await fetch(url, { method: "POST", body })).text();
  }
  const socket = connect(Number(url.port), url.hostname);
  await once(socket, "connect");
  return async (line) => {
    socket.write(`${line}\n`);
    const [reply] = await once(socket, "data", { signal: AbortSignal.timeout(10_000) });
    if (line.includes("last")) socket.destroy();
    return String(reply);
  };
}

for (const command of COMMANDS) {
  test(`${command.join(" ")}: a late error of a handler ends nothing and is one line with its file and line`, async () => {
    await using folder = await tempFolder({
      "handlers.ts": HANDLERS,
      "beside/helper.ts": HELPER,
    });
    await using server = await startCommand(
      [...command, "--handlers", folder.at("handlers.ts"), "--port", "0"],
      /((?:http|tcp):\/\/127\.0\.0\.1:\d+\S*)/,
    );
    const ask = await openClient(new URL(server.match[1]!));
    for (const [name] of POSITIONS) {
      const reply = await ask(JSON.stringify({ id: 1, method: name, params: [] }));
      assert.equal(JSON.parse(reply).result, 1, name);
      await waitUntil(() => server.stderr().includes(`of ${name} at `));
    }
    assert.equal(JSON.parse(await ask('{"id":"last","method":"text","params":[]}')).result, 1);
    for (const [name, place] of POSITIONS) {
      const lines = server.stderr().split("\n").filter((line) => line.includes(`of ${name} at `));
      assert.equal(lines.length, 1, server.stderr());
      assert.match(lines[0]!, /^(?:WARNING:\S+:)?Uncaught error in handlers: /);
      const position = lines[0]!.split(" at ").pop()!;
      const expected = folder.at(...place.split("/"));
      assert.ok(position === expected || position.startsWith(`${expected}:`), position);
    }
  });
}

const THROWING = `import { boom } from "./beside/helper.ts";
interface Unused { a: number }
export function direct(): never { throw new Error("of direct"); }
export async function later() { await null; return boom(); }
export function refused(): never { throw Object.assign(new Error("of refused"), { code: 7 }); }
`;

for (const command of COMMANDS) {
  test(`${command.join(" ")}: an exception of a handler is logged with the user's files and lines only`, async () => {
    await using folder = await tempFolder({
      "handlers.ts": THROWING,
      "beside/helper.ts": HELPER,
    });
    await using server = await startCommand(
      [...command, "--handlers", folder.at("handlers.ts"), "--port", "0"],
      /((?:http|tcp):\/\/127\.0\.0\.1:\d+\S*)/,
    );
    const ask = await openClient(new URL(server.match[1]!));
    for (const name of ["direct", "later", "refused"]) {
      await ask(JSON.stringify({ id: 1, method: name, params: [] }));
    }
    await waitUntil(() => server.stderr().includes("of refused"));
    await ask('{"id":"last","method":"direct","params":[]}');
    const lines = server.stderr().split("\n").filter((line) => /^ {4}at /.test(line));
    assert.deepEqual(lines.slice(0, 3).map((line) => line.replace(/:\d+\)$/, ")")), [
      `    at direct (${folder.at("handlers.ts")}:3)`,
      `    at boom (${folder.at("beside", "helper.ts")}:3)`,
      `    at later (${folder.at("handlers.ts")}:4)`,
    ]);
  });
}

test("a handlers file that throws while it is loaded is an error with its file and line", async () => {
  await using folder = await tempFolder({
    "handlers.ts":
      `import { boom } from "./beside/helper.ts";\ninterface Unused { a: number }\nboom();\n`,
    "beside/helper.ts": HELPER,
  });
  const { code, stderr } = await runCli(["mock", "--handlers", folder.at("handlers.ts")]);
  assert.equal(code, 3);
  assert.match(stderr, /at \S+helper\.ts:3:\d+\n.*at \S+handlers\.ts:3:\d+/);
});

test("lateErrorLines() prefers the user's files to packages, and counts repeated errors", () => {
  const lines: string[] = [];
  const report = lateErrorLines("/app/api.ts", (line) => lines.push(line));
  const withStack = (...frames: readonly string[]) => {
    const error = new Error("late\nsecond line");
    error.stack = ["Error: late", ...frames.map((frame) => `    at ${frame}`)].join("\n");
    return error;
  };
  const own = new URL("../../lib/rpyc/connection.ts", import.meta.url).href;
  const table: readonly (readonly [frames: readonly string[], position: string])[] = [
    [["async run (/app/my api.ts:3:4)"], "/app/my api.ts:3:4"],
    [["file:///app/api.ts?v=17643.25-0:3:4", "node:internal/timers:1:2"], "/app/api.ts:3:4"],
    [["f (/app/node_modules/p/i.js:1:2)", "g (/app/b.ts:3:4)"], "/app/b.ts:3:4"],
    [["f (/app/node_modules/p/i.js:1:2)"], "/app/node_modules/p/i.js:1:2"],
    [[`ask (${own}:1:2)`, "lib/rpyc/x.ts:1:2", "f (/app/c.ts:5:6)"], "/app/c.ts:5:6"],
    [["/$bunfs/root/pyrpc:1:2", "f (native)"], "/app/api.ts"],
  ];
  for (const [frames] of table) report(withStack(...frames));
  assert.deepEqual(
    lines,
    table.map(([, position]) => `Uncaught error in handlers: Error: late at ${position}`),
  );
  for (let count = 0; count < 99; count++) report(withStack(...table[0]![0]));
  assert.deepEqual(
    lines.slice(table.length).map((line) => line.replace(lines[0]!, "")),
    [" (10 times)", " (100 times)"],
  );
  const hostile = {
    get [Symbol.toStringTag]() {
      throw new Error("never");
    },
  };
  for (const value of [undefined, null, 5, "text", Symbol("s"), hostile]) report(value);
});
