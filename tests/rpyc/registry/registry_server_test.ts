import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { encodeBrine } from "../../../lib/rpyc/brine.ts";
import { writeRequest } from "../../../lib/rpyc/registry/messages.ts";
import {
  discoverService,
  listServices,
  registerService,
  serveRegistry,
  ServiceEntries,
} from "../../../lib/rpyc/registry/mod.ts";
import { fuzzCount } from "../../support/fuzz_count.ts";

for (const transport of ["udp", "tcp"] as const) {
  test(`serveRegistry() over ${transport} keeps replying among forged, oversized and partial requests`, async () => {
    const server = await serveRegistry({
      transport,
      host: "127.0.0.1",
      port: 0,
      entries: new ServiceEntries(240_000),
      allowListing: true,
      now: () => 0,
    });
    const address = { transport, host: "127.0.0.1", port: server.port };
    const samples = [
      ...fc.sample(fc.uint8Array({ maxLength: 200 }), {
        seed: 32,
        numRuns: transport === "udp" ? fuzzCount(150) : 150,
      }),
      new Uint8Array(4000),
      encodeBrine(["RPYC", "QUERY", 5n]),
      encodeBrine(["RPYC", "REGISTER", [["x"], -1n]]),
    ];
    const noise = transport === "udp"
      ? await udpNoise(server.port, samples)
      : tcpNoise(server.port, samples);
    assert.equal(await registerService(address, ["calc"], 18812), true);
    assert.deepEqual(await discoverService(address, "CALC"), [{ host: "127.0.0.1", port: 18812 }]);
    assert.deepEqual(await listServices(address), ["CALC"]);
    assert.deepEqual(await listServices(address, "10.1.1.1"), []);
    noise();
    await server.close();
  });
}

test("serveRegistry() over udp replies to every client although others closed their socket before their reply", async () => {
  const server = await serveRegistry({
    transport: "udp",
    host: "127.0.0.1",
    port: 0,
    entries: new ServiceEntries(240_000),
    allowListing: true,
    now: () => 0,
  });
  const address = { transport: "udp", host: "127.0.0.1", port: server.port } as const;
  const leaves = async () => {
    const socket = createSocket("udp4");
    const request = writeRequest({ command: "unregister", port: 1 });
    await new Promise<void>((resolve) =>
      socket.send(request, server.port, "127.0.0.1", () => socket.close(() => resolve()))
    );
  };
  for (let round = 0; round < 20; round++) {
    const [, , , ...found] = await Promise.all([
      leaves(),
      leaves(),
      leaves(),
      registerService(address, ["calc"], 18812),
      listServices(address),
    ]);
    assert.deepEqual(found, [true, ["CALC"]], `round ${round}`);
  }
  await server.close();
});

async function udpNoise(port: number, samples: readonly Uint8Array[]): Promise<() => void> {
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  for (const [index, data] of samples.entries()) {
    socket.send(data, port, "127.0.0.1");
    // Yields to the server now and then, so that it reads them before the system drops them.
    if (index % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return () => socket.close();
}

function tcpNoise(port: number, samples: readonly Uint8Array[]): () => void {
  const sockets = samples.map((data) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => {});
    socket.write(data);
    return socket;
  });
  return () => sockets.forEach((socket) => socket.destroy());
}
