import type { CallEvent } from "../rpc/mod.ts";

/** Statistics of one procedure. Times are in milliseconds. */
export interface ProcedureStatistics {
  readonly procedure: string;
  readonly calls: number;
  readonly errors: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Counts calls and their times in bounded memory. */
export interface Statistics {
  add(event: Pick<CallEvent, "method" | "outcome" | "ms">): void;
  /** By procedure, the most frequently called first. */
  readonly procedures: readonly ProcedureStatistics[];
  /** All calls together. */
  readonly total: ProcedureStatistics;
}

// Bins grow by a tenth, so that percentiles are exact to 5 percent.
const GROWTH = Math.log(1.1);
const SMALLEST = 0.01;
const BINS = 200;
const MAX_PROCEDURES = 10_000;

class Counter {
  readonly #bins = new Uint32Array(BINS);
  calls = 0;
  errors = 0;
  max = 0;

  add(ms: number, ok: boolean, bin: number): void {
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
    this.calls++;
    if (!ok) this.errors++;
    if (ms > this.max) this.max = ms;
  }

  percentile(share: number): number {
    let left = Math.ceil(this.calls * share);
    for (const [bin, count] of this.#bins.entries()) {
      left -= count;
      if (left <= 0 && this.calls > 0) {
        return Math.min(this.max, SMALLEST * Math.exp((bin + 0.5) * GROWTH));
      }
    }
    return this.max;
  }

  statistics(procedure: string): ProcedureStatistics {
    const { calls, errors, max } = this;
    return {
      procedure,
      calls,
      errors,
      p50: this.percentile(0.5),
      p95: this.percentile(0.95),
      p99: this.percentile(0.99),
      max,
    };
  }
}

function binOf(ms: number): number {
  const bin = Math.floor(Math.log(Math.max(ms, SMALLEST) / SMALLEST) / GROWTH);
  return Math.min(BINS - 1, bin);
}

/** Starts counting. */
export function startStatistics(): Statistics {
  const counters = new Map<string, Counter>();
  const all = new Counter();
  return {
    add({ method, outcome, ms }) {
      const bin = binOf(ms);
      all.add(ms, outcome.ok, bin);
      let counter = counters.get(method);
      if (counter === undefined) {
        // Clients choose the names: the number of counters is bounded.
        if (counters.size >= MAX_PROCEDURES) return;
        counters.set(method, counter = new Counter());
      }
      counter.add(ms, outcome.ok, bin);
    },
    get procedures() {
      return [...counters].map(([name, counter]) => counter.statistics(name))
        .sort((a, b) => b.calls - a.calls || (a.procedure < b.procedure ? -1 : 1));
    },
    get total() {
      return all.statistics("");
    },
  };
}
