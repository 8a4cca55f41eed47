import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ServiceEntries } from "../../../lib/rpyc/registry/mod.ts";

test("ServiceEntries removes stale registrations without a query; oldest keep-alive first", () => {
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

test("ServiceEntries accepts no more than its limits and still renews", () => {
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

test("ServiceEntries removes exactly the stale registrations and keeps the order of the others", () => {
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
