import assert from "node:assert/strict";
import { test } from "node:test";
import { cannotListen } from "../../lib/server/errors.ts";
import { parseListenUrl, socketPath } from "../../lib/server/listen_url.ts";

test("socketPath() is the path of a drive on Windows", () => {
  assert.equal(socketPath("/C:/w/s.sock", "win32"), "C:/w/s.sock");
  assert.equal(socketPath("/w/s.sock", "win32"), "/w/s.sock");
  assert.equal(socketPath("/C:/w/s.sock", "linux"), "/C:/w/s.sock");
});

test("parseListenUrl() accepts a named pipe", () => {
  const pipe = "\\\\.\\pipe\\pyrpc";
  assert.deepEqual(parseListenUrl(`unix:${pipe}`), { transport: "unix", path: pipe });
});

test("cannotListen() proposes a named pipe on Windows", () => {
  const error = Object.assign(new Error("listen EACCES"), { code: "EACCES" });
  const { fix } = cannotListen("unix:C:/w/s.sock", error, "win32");
  assert.deepEqual(fix, ["Use a named pipe: unix:\\\\.\\pipe\\pyrpc"]);
  assert.deepEqual(cannotListen("unix:/w/s.sock", error, "linux").fix, []);
});
