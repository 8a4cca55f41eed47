import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBrine, encodeBrine } from "../../lib/rpyc/brine.ts";
import {
  readRequest,
  writeEndpoints,
  writeNames,
  writeOk,
  writeRequest,
} from "../../lib/rpyc/registry/messages.ts";
import {
  discoverService,
  listServices,
  registerService,
  serveRegistry,
  ServiceEntries,
} from "../../lib/rpyc/registry/mod.ts";
import { fuzzCount } from "../support/fuzz_count.ts";
import { arbitraryBrine } from "./arbitrary_brine.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

// Captured from rpyc 6.0.2.
const CAPTURED = [
  [
    { command: "register", names: ["CALC", "MATH"], port: 18812 },
    "12080d52505943080e0852454749535445521111080d43414c43080d4d41544816053138383132",
  ],
  [
    { command: "register", names: ["calc"], port: 18813 },
    "12080d52505943080e0852454749535445521110080d63616c6316053138383133",
  ],
  [{ command: "query", name: "calc" }, "12080d52505943080e05515545525910080d63616c63"],
  [
    { command: "unregister", port: 18812 },
    "12080d52505943080e0a554e52454749535445521016053138383132",
  ],
  [{ command: "list", host: undefined }, "12080d52505943080d4c495354101000"],
  [
    { command: "list", host: "127.0.0.1" },
    "12080d52505943080d4c4953541010080e093132372e302e302e31",
  ],
] as const;

for (const [request, bytes] of CAPTURED) {
  test(`writeRequest() and readRequest() agree with the capture of ${request.command} ${bytes.length}`, () => {
    assert.equal(hex(writeRequest(request)), bytes);
    assert.deepEqual(readRequest(Buffer.from(bytes, "hex")), request);
  });
}

test("answers are written as captured", () => {
  assert.equal(hex(writeOk()), "080b4f4b");
  const [first, second] = [{ host: "127.0.0.1", port: 18812 }, { host: "127.0.0.1", port: 18813 }];
  assert.equal(
    hex(writeEndpoints([first, second])),
    "1111080e093132372e302e302e311605313838313211080e093132372e302e302e3116053138383133",
  );
  assert.equal(hex(writeEndpoints([second])), "1011080e093132372e302e302e3116053138383133");
  assert.equal(hex(writeEndpoints([])), "02");
  assert.equal(hex(writeNames(["CALC", "FOO"], 15_000)), "11080d43414c43080c464f4f");
  assert.equal(hex(writeNames(undefined, 15_000)), "00");
});

test("writeEndpoints() and writeNames() stay within what clients read", () => {
  const many = Array.from(
    { length: 500 },
    (_, index) => ({ host: `10.0.0.${index % 256}`, port: 1000 + index }),
  );
  const written = writeEndpoints(many);
  assert.ok(written.length <= 1500 && written.length > 1400);
  assert.ok((decodeBrine(written) as unknown[]).length > 50);
  assert.ok(writeNames(many.map(({ host }) => `${host}-long-name`), 15_000).length <= 15_000);
});

test("readRequest() refuses what the real registry does not answer", () => {
  const bad = [
    ["RPYC", "QUERY"],
    [Buffer.from("RPYC"), "QUERY", ["x"]],
    ["rpyc", "QUERY", ["x"]],
    ["RPYC", "FORGET", ["x"]],
    ["RPYC", "QUERY", []],
    ["RPYC", "QUERY", ["x", "y"]],
    ["RPYC", "REGISTER", [["x"], 0n]],
    ["RPYC", "REGISTER", [["x"], 70000n]],
    ["RPYC", "REGISTER", [[1n], 80n]],
    ["RPYC", "LIST", []],
    ["RPYC", "LIST", [[]]],
  ] as const;
  for (const message of bad) {
    assert.ok("reason" in readRequest(encodeBrine(message as never)), String(message));
  }
  const large = encodeBrine(["RPYC", "QUERY", ["x".repeat(2000)]]);
  assert.ok("reason" in readRequest(large));
});

test("readRequest() answers for any bytes without throwing", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (data) => void readRequest(data)), {
    seed: 30,
    numRuns: fuzzCount(3000),
  });
  const nearly = fc.tuple(
    fc.constantFrom("QUERY", "REGISTER", "LIST", "unregister"),
    arbitraryBrine(),
  );
  fc.assert(
    fc.property(
      nearly,
      ([command, args]) => void readRequest(encodeBrine(["RPYC", command, args])),
    ),
    { seed: 31, numRuns: fuzzCount(300) },
  );
});

test("ServiceEntries prunes what nobody asks for; oldest keep-alive first", () => {
  const entries = new ServiceEntries(240_000);
  entries.register("a", { host: "h", port: 1 }, 0);
  entries.register("a", { host: "g", port: 3 }, 50_000);
  entries.register("b", { host: "h", port: 2 }, 100_000);
  assert.deepEqual(entries.query("A", 100_000).map(({ port }) => port), [1, 3]);
  entries.register("A", { host: "h", port: 1 }, 120_000);
  assert.deepEqual(entries.query("a", 120_000).map(({ port }) => port), [3, 1]);
  assert.deepEqual(entries.list(undefined, 300_000), ["A", "B"]);
  assert.equal(entries.size, 2);
  assert.deepEqual(entries.list("g", 300_000), []);
  assert.deepEqual(entries.list(undefined, 345_000), ["A"]);
  assert.deepEqual(entries.list(undefined, 361_000), []);
  assert.equal(entries.size, 0);
});

test("ServiceEntries takes no more than its bounds and still renews", () => {
  const entries = new ServiceEntries(1000, { maxEntries: 10, maxPerHost: 4 });
  const results = Array.from(
    { length: 20 },
    (_, port) => entries.register("x", { host: `h${port % 5}`, port }, 0),
  );
  assert.equal(results.filter(Boolean).length, 10);
  assert.equal(entries.register("x", { host: "h0", port: 0 }, 5), true);
  assert.equal(entries.register("x", { host: "new", port: 1 }, 5), false);
  entries.unregister({ host: "h0", port: 0 });
  assert.equal(entries.register("x", { host: "new", port: 1 }, 5), true);
});

test("ServiceEntries drops exactly what is stale, whatever share that is, and keeps the rest in order", () => {
  const step = fc.record({
    name: fc.constantFrom("A", "B", "C"),
    host: fc.constantFrom("h", "i"),
    port: fc.integer({ min: 1, max: 4 }),
    pause: fc.integer({ min: 0, max: 40 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.nat(200), (steps, wait) => {
      const entries = new ServiceEntries(100, { maxPerHost: 9 });
      let model: { name: string; host: string; port: number; time: number }[] = [];
      let now = 0;
      for (const { name, host, port, pause } of [...steps, ...steps]) {
        now += pause;
        const others = model.filter((each) =>
          each.name !== name || each.host !== host || each.port !== port
        );
        const isKnown = others.length < model.length;
        const isFull = others.filter((each) => each.host === host).length >= 9;
        if (entries.register(name, { host, port }, now)) {
          model = [...others, { name, host, port, time: now }];
        } else assert.ok(isFull && !isKnown);
      }
      now += wait;
      const stale = model.filter(({ time }) => now - time > 100);
      assert.equal(entries.prune(now).length, stale.length);
      model = model.filter((each) => !stale.includes(each));
      assert.deepEqual(entries.entries(), model);
      for (const name of ["A", "B", "C"]) {
        assert.deepEqual(
          entries.query(name, now).map(({ host, port }) => ({ host, port })),
          model.filter((each) => each.name === name).map(({ host, port }) => ({ host, port })),
        );
      }
      entries.unregister({ host: "h", port: 1 });
      assert.equal(
        entries.size,
        model.filter(({ host, port }) => host !== "h" || port !== 1).length,
      );
    }),
    { numRuns: 500, seed: 11 },
  );
});

test("ServiceEntries prunes 100,000 entries", () => {
  const entries = new ServiceEntries(1000);
  for (let port = 0; port < 100_000; port++) {
    entries.register(`s${port % 1000}`, { host: `h${port % 7}`, port }, 0);
  }
  assert.equal(entries.prune(5000).length, 100_000);
  assert.equal(entries.size, 0);
});

for (const transport of ["udp", "tcp"] as const) {
  test(`serveRegistry() over ${transport} keeps answering among forged, oversized and half requests`, async () => {
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

test("serveRegistry() over udp answers everybody, whoever has closed a socket without reading the answer", async () => {
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
    // The server has a turn now and then, so that it reads them instead of the system dropping them.
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
