// What a copy is good for exists under Bun only; elsewhere there is none, and bytes are passed.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { waitUntil } from "../support/python.ts";
import { adoptSocket, hastenSocket, socketHandover } from "../../lib/runtime/again/mod.ts";

const canHandOver = process.versions["bun"] !== undefined && process.platform !== "win32";

test("socketHandover() copies a socket that goes on when the first is gone, or says that it cannot", async () => {
  const handover = socketHandover();
  if (!canHandOver) return assert.equal(handover, undefined);
  const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [accepted] = await once(server, "connection") as [Socket];
  const descriptor = handover!.copy(accepted);
  assert.equal(typeof descriptor, "number");
  const unused = handover!.copy(accepted)!;
  handover!.close(unused, accepted);
  // A number that is something else by now is left alone.
  handover!.close(2, accepted);
  assert.notEqual(handover!.copy(accepted), undefined);
  accepted.destroy();
  const adopted = adoptSocket(descriptor!);
  client.write("hello");
  const [heard] = await once(adopted, "data");
  assert.equal(String(heard), "hello");
  adopted.end("bye");
  const [answer] = await once(client, "data");
  assert.equal(String(answer), "bye");
  adopted.destroy();
  client.destroy();
  server.close();
});

test("hastenSocket() keeps every byte in order, however slowly either side reads", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [accepted] = await once(server, "connection") as [Socket];
  const hastened = hastenSocket(accepted);
  // Small ones, which leave at once, and some that the system does not take whole.
  const pieces = Array.from(
    { length: 300 },
    (_, index) => Buffer.alloc(index % 50 === 49 ? 3_000_000 : index % 7, index),
  );
  const sent = Buffer.concat(pieces);
  client.pause();
  for (const piece of pieces) hastened.write(piece);
  assert.ok(hastened.writableLength > 0);
  hastened.end("end");
  await delay(50);
  const received = await all(client, 0);
  assert.ok(received.equals(Buffer.concat([sent, Buffer.from("end")])));
  client.destroy();

  const second = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [other] = await once(server, "connection") as [Socket];
  for (const piece of pieces) second.write(piece);
  second.end();
  assert.ok((await all(hastenSocket(other), 20)).equals(sent));
  second.destroy();
  server.close();
});

/** All that a socket reads, with a rest after every so many chunks. */
async function all(socket: Socket, restAfter: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (restAfter === 0 || chunks.length % restAfter > 0) return;
    socket.pause();
    setTimeout(() => socket.resume(), 2);
  });
  socket.resume();
  await once(socket, "end");
  return Buffer.concat(chunks);
}

test("hastenSocket() of a socket that is alone passes on messages, pieces, what is not answered, and the end", async () => {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [accepted] = await once(server, "connection") as [Socket];
  const hastened = hastenSocket(accepted, { isAlone: true });
  // Answers with what came, when a line is whole; a line with "later" in a while.
  let text = "";
  hastened.on("data", (chunk: Buffer) => {
    text += String(chunk);
    if (!text.endsWith("\n")) return;
    const line = Buffer.from(text);
    text = "";
    if (line.includes("later")) setTimeout(() => hastened.write(line), 20);
    else hastened.write(line);
  });
  hastened.on("end", () => hastened.end("over"));
  let received = "";
  client.on("data", (chunk) => received += String(chunk));
  let sent = "";
  const say = async (line: string) => {
    sent += line;
    client.write(line);
    await waitUntil(() => received === sent, 10_000);
  };
  for (let round = 0; round < 30; round++) {
    await say(`${round}\n`);
    if (round % 7 === 0) await say(`later ${round}\n`);
    if (round % 9 === 0) await say(`${"x".repeat(200_000)}\n`);
    client.write("begun ");
    await delay(1);
    sent += "begun ";
    await say(`${round}\n`);
  }
  client.end();
  await once(client, "end");
  assert.equal(received, `${sent}over`);
  client.destroy();
  server.close();
});
