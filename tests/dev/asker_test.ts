import assert from "node:assert/strict";
import { test } from "node:test";
import { Asker } from "../../lib/dev/asker.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { FakePython } from "../support/fake_python.ts";

/** A step: an action, or milliseconds to wait. `early main` and `ask main` ask about the module `main`. */
type Step = number | string;

const ROWS: readonly { name: string; steps: readonly Step[]; want: string }[] = [
  {
    name: "uses an early answer if nothing was written since",
    steps: ["early main", "answer", "ask main"],
    want: "ask 1 main, got 1",
  },
  {
    name: "waits for an early answer that is under way",
    steps: ["early main", "ask main", "answer"],
    want: "ask 1 main, got 1",
  },
  {
    name: "drops an early answer if a source was written since",
    steps: ["early main", "answer", "write", "ask main", "answer"],
    want: "ask 1 main, ask 2 main, stop 1, got 2",
  },
  {
    name: "drops an early answer to another question",
    steps: ["early main", "answer", "ask other", "answer"],
    want: "ask 1 main, ask 2 other, stop 1, got 2",
  },
  {
    name: "cancels an early question at once",
    steps: ["early main", "discard", "ask main", "answer"],
    want: "ask 1 main, cancel 1, ask 2 main, got 2",
  },
  {
    name: "asks nothing early when the debounce has ended meanwhile",
    steps: ["unwanted", "early main", "ask main", "answer"],
    want: "ask 1 main, got 1",
  },
  {
    name: "asks nothing early while a question is under way",
    steps: ["ask main", "early main", "answer"],
    want: "ask 1 main, got 1",
  },
  {
    name: "cancels an outdated question three seconds after it was asked",
    steps: ["ask main", 1000, "outdated", 1999, "log", 1],
    want: "ask 1 main, at 2999, cancel 1, got nothing",
  },
  {
    name: "cancels an outdated question that is older at once",
    steps: ["ask main", 5000, "outdated", 0],
    want: "ask 1 main, cancel 1, got nothing",
  },
  {
    name: "keeps an answer that comes before the patience ends",
    steps: ["ask main", "outdated", 1000, "answer", 9000],
    want: "ask 1 main, got 1",
  },
  {
    name: "cancels every question",
    steps: ["ask main", "cancel"],
    want: "ask 1 main, cancel 1, got nothing",
  },
  {
    name: "cancels a run that waits for an early answer",
    steps: ["early main", "ask main", "cancel"],
    want: "ask 1 main, cancel 1, got nothing",
  },
  {
    name: "ends the old Python when it is replaced",
    steps: ["ask main", "answer", "replace", "ask main", "answer"],
    want: "ask 1 main, got 1, end python, ask 1 main, got 1",
  },
  {
    name: "ends a Python that arrives after the end",
    steps: ["end", "replace", "ask main"],
    want: "end python, end python, end python, got nothing",
  },
];

for (const { name, steps, want } of ROWS) {
  test(`Asker ${name}`, async () => {
    const clock = new FakeClock();
    const log: string[] = [];
    let python = new FakePython((line) => log.push(line));
    let stamp = 0;
    let isWanted = true;
    const asker = new Asker({ clock, stamp: () => Promise.resolve(String(stamp)) });
    await asker.connect(python);
    const actions: Record<string, (module: string) => unknown> = {
      early: (module) => asker.askEarly({ module }, () => isWanted),
      ask: (module) =>
        asker.ask({ module }).then((run) => {
          const got = run?.answer.ok === true ? Object.keys(run.answer.contract).join() : "nothing";
          log.push(`got ${got}`);
        }),
      answer: () => {
        const asked = log.findLast((line) => line.startsWith("ask "));
        python.answer(asked?.split(" ")[1] ?? "");
      },
      write: () => stamp++,
      unwanted: () => isWanted = false,
      discard: () => asker.discardEarly(),
      outdated: () => asker.cancelSoon(),
      cancel: () => asker.cancel(),
      replace: () => asker.connect(python = new FakePython((line) => log.push(line))),
      end: () => asker.end(),
      log: () => log.push(`at ${clock.monotonic()}`),
    };
    for (const step of steps) {
      if (typeof step === "number") await clock.advance(step);
      else {
        const [action = "", module = ""] = step.split(" ");
        void actions[action]?.(module);
      }
      await settle();
    }
    assert.equal(log.join(", "), want);
  });
}
