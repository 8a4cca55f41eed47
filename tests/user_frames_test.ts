import assert from "node:assert/strict";
import { test } from "node:test";
import { framePosition, isInPackage, userFrames } from "../lib/user_frames.ts";

const OWN = new URL("../lib/rpyc/connection.ts", import.meta.url).href;

/** A line of a stack, and the function and position that are shown; nothing for a line that is left out. */
const LINES: readonly (readonly [line: string, shown?: string])[] = [
  ["at add (/app/api.ts:3:4)", "add /app/api.ts:3:4"],
  ["at async run (/app/my api.ts:3:4)", "run /app/my api.ts:3:4"],
  ["at /app/api.ts:3:4", " /app/api.ts:3:4"],
  ["at async /app/api.ts:3:4", " /app/api.ts:3:4"],
  ["at async file:///app/api.ts:3:4", " /app/api.ts:3:4"],
  ["at Object.add [as fn] (file:///app/api.ts?v=17643.25-0:3:4)", "add /app/api.ts:3:4"],
  ["at RpycConnection.add (file:///app/api.ts:3:4)", "add /app/api.ts:3:4"],
  ["at Shop.add (/app/api.ts:3:4)", "Shop.add /app/api.ts:3:4"],
  ["at new Shop (/app/api.ts:3:4)", "new Shop /app/api.ts:3:4"],
  ["at <anonymous> (/app/api.ts:3:4)", "<anonymous> /app/api.ts:3:4"],
  ["at f (/app/node_modules/p/i.js:1:2)", "f /app/node_modules/p/i.js:1:2"],
  ["at f (C:\\app\\api.ts:3:4)", "f C:\\app\\api.ts:3:4"],
  [`at ask (${OWN}:1:2)`],
  ["at ask (lib/rpyc/x.ts:1:2)"],
  ["at #O (/$bunfs/root/pyrpc:1:2)"],
  ["at #O (B:\\~BUN\\root\\pyrpc.exe:1:2)"],
  ["at f (native)"],
  ["at listOnTimeout (node:internal/timers:1:2)"],
  ["at f (ext:core/01_core.js:1:2)"],
  ["Error: x"],
];

for (const [line, shown] of LINES) {
  test(`userFrames() ${shown === undefined ? "leaves out" : "shows"} ${line.replace(OWN, "our own file")}`, () => {
    const error = Object.assign(new Error("x"), { stack: `Error: x\n    ${line}` });
    const frames = userFrames(error).map((frame) => `${frame.name} ${framePosition(frame)}`);
    assert.deepEqual(frames, shown === undefined ? [] : [shown]);
  });
}

test("userFrames() mistakes no line of the message for a call, and finds no stack in a text without one", () => {
  const message = "two\n    at lines (/etc/passwd:1:1)";
  const error = new Error(message);
  error.stack = `Error: ${message}\n    at add (/app/api.ts:3:4)`;
  assert.deepEqual(userFrames(error).map(framePosition), ["/app/api.ts:3:4"]);
  const hostile = {
    get stack() {
      throw new Error("never");
    },
  };
  for (const value of [undefined, null, 5, "at f (/app/x.ts:1:2)", hostile, { stack: 5 }]) {
    assert.deepEqual(userFrames(value), []);
  }
});

test("isInPackage() is true for files of packages", () => {
  const frame = { name: "f", file: "/app/node_modules/p/i.js", line: 1, column: 2 };
  assert.ok(isInPackage(frame));
  assert.ok(!isInPackage({ ...frame, file: "/app/i.js" }));
});
