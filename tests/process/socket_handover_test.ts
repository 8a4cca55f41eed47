// Only Bun can copy a socket; elsewhere its bytes are forwarded.
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { adoptSocket, socketHandover } from "../../lib/process/workers/mod.ts";

const canHandOver = process.versions["bun"] !== undefined && process.platform !== "win32";

test("socketHandover() copies a socket that outlives the first, or reports that it cannot", async () => {
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
