import assert from "node:assert/strict";
import { test } from "node:test";
import { LOOK_FOR, Wakefulness } from "../../lib/runtime/stay_awake.ts";

/** A loop whose turns take two microseconds each, which counts those that looked. */
function loop() {
  let time = 0;
  let next: (() => void) | undefined;
  let turns = 0;
  const wakefulness = new Wakefulness({ now: () => time, nextTurn: (run) => next = run });
  return {
    get isLooking() {
      return next !== undefined;
    },
    get turns() {
      return turns;
    },
    /** Lets so many milliseconds go by without a message. */
    wait(ms: number) {
      const end = time + ms;
      while (next !== undefined && time < end) {
        const run = next;
        next = undefined;
        time += 0.002;
        turns++;
        run();
      }
      time = Math.max(time, end);
    },
    /** Somebody else has the processor. */
    lose(ms: number) {
      time += ms;
    },
    message: () => wakefulness.touched(),
  };
}

test("Wakefulness looks between the messages of a client that waits for each answer", () => {
  const made = loop();
  made.message();
  assert.equal(made.isLooking, false);
  for (let call = 0; call < 100; call++) {
    made.wait(0.05);
    made.message();
    if (call > 4) assert.equal(made.isLooking, true);
  }
});

test("Wakefulness sleeps after a moment without a message", () => {
  const made = loop();
  for (let call = 0; call < 100; call++) {
    made.message();
    made.wait(0.05);
  }
  const before = made.turns;
  made.wait(1000);
  assert.equal(made.isLooking, false);
  assert.ok((made.turns - before) * 0.002 <= LOOK_FOR);
});

test("Wakefulness does not look for messages that come seldom", () => {
  const made = loop();
  for (let call = 0; call < 100; call++) {
    made.message();
    made.wait(0.05);
  }
  // What it has gained lets it try a few times more.
  for (let call = 0; call < 20; call++) {
    made.wait(2);
    made.message();
  }
  const before = made.turns;
  for (let call = 0; call < 1000; call++) {
    made.wait(2);
    made.message();
  }
  assert.equal(made.turns, before);
});

for (const [what, comes] of [["before", 0.05], ["with", 0]] as const) {
  test(`Wakefulness leaves a processor to others that have it ${what} the next message`, () => {
    const made = loop();
    for (let call = 0; call < 100; call++) {
      made.message();
      made.wait(0.05);
    }
    const before = made.turns;
    // Each time it looks, somebody else has run before the next turn.
    let looked = 0;
    for (let call = 0; call < 1000; call++) {
      made.message();
      if (made.isLooking) looked++;
      made.wait(0.002);
      made.lose(0.4);
      made.wait(comes);
    }
    assert.ok(looked <= 1000 / 15, `looked ${looked} times`);
    assert.ok(made.turns - before <= 2 * looked);
  });
}
