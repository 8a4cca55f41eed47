import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startStatistics } from "../../lib/proxy/mod.ts";
import { failed, succeeded } from "../../lib/rpc/mod.ts";

const failure = failed({ kind: "procedure", code: -1, message: "" });

describe("startStatistics()", () => {
  it("counts calls and errors by procedure, the most called first", () => {
    const statistics = startStatistics();
    statistics.add({ method: "rare", outcome: failure, ms: 1 });
    for (const outcome of [succeeded(1), failure, succeeded(1)]) {
      statistics.add({ method: "often", outcome, ms: 1 });
    }
    const counts = statistics.procedures.map(({ procedure, calls, errors }) => [
      procedure,
      calls,
      errors,
    ]);
    assert.deepEqual(counts, [["often", 3, 1], ["rare", 1, 1]]);
    assert.deepEqual([statistics.total.calls, statistics.total.errors], [4, 2]);
  });

  it("has percentiles that are exact to 5 percent, whatever the scale", () => {
    for (const scale of [0.1, 1, 100]) {
      const statistics = startStatistics();
      for (let ms = 1; ms <= 1000; ms++) {
        statistics.add({ method: "call", outcome: succeeded(1), ms: ms * scale });
      }
      const { p50, p95, p99, max } = statistics.total;
      for (const [found, exact] of [[p50, 500], [p95, 950], [p99, 990], [max, 1000]] as const) {
        assert.ok(Math.abs(found / (exact * scale) - 1) <= 0.05, `${found} for ${exact * scale}`);
      }
    }
  });

  it("stays bounded when clients invent names; the total counts every call", () => {
    const statistics = startStatistics();
    for (let index = 0; index < 10_010; index++) {
      statistics.add({ method: `name${index}`, outcome: failure, ms: 1 });
    }
    assert.equal(statistics.procedures.length, 10_000);
    assert.equal(statistics.total.calls, 10_010);
  });
});
