import assert from "node:assert/strict";
import { test } from "node:test";
import { Scheduler } from "../../lib/dev/scheduler.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

/** A step of a test: an action, or milliseconds to wait. */
type Step = number | "change" | "run" | "end" | "fail" | "stop";

interface Row {
  readonly name: string;
  readonly debounce?: number;
  readonly steps: readonly Step[];
  /** `+state` after a step that changed it, and calls with their time. */
  readonly want: string;
}

/** Times of the quiet moments after 20 changes, one each 99 ms. */
const QUIETS = Array.from({ length: 20 }, (_, count) => `quiet@${count * 99 + 40}`);

const ROWS: readonly Row[] = [
  {
    name: "runs once the changes have settled",
    steps: ["change", 99, "change", 99, 1, "end"],
    want: "settling quiet@40 quiet@139 run@199 running idle",
  },
  {
    name: "runs after two seconds of changes that never settle",
    steps: [
      ...Array.from({ length: 20 }, () => ["change", 99] as const).flat(),
      "change",
      20,
      "end",
    ],
    want: `settling ${QUIETS.join(" ")} run@2000 running idle`,
  },
  {
    name: "waits for a debounce that is longer than two seconds",
    debounce: 5000,
    steps: ["change", 4999, "change", 1, "end"],
    want: "settling quiet@40 run@5000 running idle",
  },
  {
    name: "asks early only if the debounce leaves time for it",
    debounce: 80,
    steps: ["change", 80, "end"],
    want: "settling run@80 running idle",
  },
  {
    name: "runs again directly if changes have settled during a run",
    steps: ["run", 10, "change", 100, 50, "end", "end"],
    want: "run@0 running running-again due@110 run@160 running idle",
  },
  {
    name: "settles after a run if changes came at its end",
    steps: ["run", 10, "change", 30, "end", 69, 1, "end"],
    want: "run@0 running running-again settling quiet@50 run@110 running idle",
  },
  {
    name: "runs once for all that is due during a run",
    steps: ["run", "run", "change", "run", 500, "change", 500, "end", "end"],
    want: "run@0 running due@0 running-again due@0 run@1000 running idle",
  },
  {
    name: "skips the debounce when a run is requested",
    steps: ["change", 10, "run", 500, "end", 500],
    want: "settling run@10 running idle",
  },
  {
    name: "continues with the next change after a run that fails",
    steps: ["change", 100, "fail", "change", 100, "end"],
    want:
      "settling quiet@40 run@100 running failure:run idle settling quiet@140 run@200 running idle",
  },
  {
    name: "leaves the failure of a requested run to its caller",
    steps: ["run", "change", 100, "fail", 500],
    want: "run@0 running running-again due@100 rejected:run idle",
  },
  {
    name: "starts nothing after it was stopped",
    steps: ["change", "stop", 500, "change", "run", 500],
    want: "settling",
  },
  {
    name: "starts no further run when it is stopped during one",
    steps: ["run", "change", 100, "stop", "end", 500],
    want: "run@0 running running-again due@100 idle",
  },
];

for (const { name, debounce = 100, steps, want } of ROWS) {
  test(`Scheduler ${name}`, async () => {
    const clock = new FakeClock();
    const log: string[] = [];
    let end: (error?: Error) => void = () => {};
    const scheduler = new Scheduler({
      clock,
      debounce: () => debounce,
      run: () =>
        new Promise((resolve, reject) => {
          log.push(`run@${clock.monotonic()}`);
          end = (error) => error === undefined ? resolve() : reject(error);
        }),
      onQuiet: () => void log.push(`quiet@${clock.monotonic()}`),
      onDue: () => void log.push(`due@${clock.monotonic()}`),
      onFailure: (error) => void log.push(`failure:${(error as Error).message}`),
    });
    let state: string = scheduler.state;
    for (const step of steps) {
      if (typeof step === "number") await clock.advance(step);
      else if (step === "change") scheduler.change();
      else if (step === "stop") scheduler.stop();
      else if (step === "end") end();
      else if (step === "fail") end(new Error("run"));
      else {
        const isFirst = scheduler.state === "idle" || scheduler.state === "settling";
        scheduler.runNow().catch((error) => {
          if (isFirst) log.push(`rejected:${error.message}`);
        });
      }
      await settle();
      if (scheduler.state !== state) log.push(state = scheduler.state);
    }
    assert.equal(log.join(" "), want);
    scheduler.stop();
    assert.equal(clock.pending, 0);
  });
}
