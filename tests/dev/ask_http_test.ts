import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { askRpc } from "../../lib/dev/ask_http.ts";
import { freePort } from "../support/free_port.ts";

const answers: readonly (readonly [what: string, bytes: string | undefined, want: unknown])[] = [
  [
    "an answer",
    "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n\u00e9{}",
    { kind: "answer", status: 404, body: "\u00e9{}" },
  ],
  ["nothing", undefined, { kind: "silent", reason: "no answer in 0.2 s" }],
  ["half an answer", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", {
    kind: "silent",
    reason: "no answer in 0.2 s",
  }],
];

for (const [what, bytes, want] of answers) {
  test(`askRpc() of a server that sends ${what}`, async () => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy()).once("data", () => bytes && socket.write(bytes));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    assert.deepEqual(await askRpc("0.0.0.0", port, 200), want);
    server.close();
  });
}

test("askRpc() of a server that does not speak HTTP, and where nothing listens", async () => {
  const server = createServer((socket) => socket.on("error", () => {}).end("SSH-2.0-x\r\n"));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  assert.equal((await askRpc("127.0.0.1", port, 5000)).kind, "silent");
  server.close();
  assert.deepEqual(await askRpc("127.0.0.1", await freePort(), 5000), { kind: "refused" });
});
