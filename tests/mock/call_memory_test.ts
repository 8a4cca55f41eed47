import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  createMockDispatcher,
  type MockOptions,
  parseFaultRules,
  parseLatencyRules,
} from "../../lib/mock/mod.ts";
import { parseContract } from "../../lib/schema/mod.ts";
import {
  type CallContext,
  collectHandlers,
  type Dispatcher,
  type MessageService,
  pyrpcProtocol,
} from "../../lib/server/mod.ts";
import { handleMessage, handleParsed, parseMessage } from "../../lib/server/message_handler.ts";
import { misleadingMessages } from "../support/misleading_messages.ts";

const contract = parseContract(
  JSON.parse(readFileSync(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8")),
  { where: "shop.schema.json" },
);
const here: CallContext = { transport: "test", remote: "", headers: {} };

/** A mock, and what was observed of its calls. */
function mock(options: Partial<MockOptions> = {}, remembers = true, isWatched = true) {
  const seen: string[] = [];
  const unwatched = { calls: 0 };
  const whole = createMockDispatcher({ contract, random: () => 0.5, ...options });
  const dispatcher: Dispatcher = remembers ? whole : {
    has: (name) => whole.has(name),
    dispatch: (call, context) => whole.dispatch(call, context),
  };
  const service: MessageService = {
    protocol: pyrpcProtocol,
    dispatcher,
    observe({ method, params, outcome, context, protocol }) {
      assert.equal(context, here);
      const what = outcome.ok ? outcome.value : outcome.fault;
      seen.push(JSON.stringify([protocol, method, params, outcome.ok, what], exact));
    },
    isWatched: () => isWatched,
    onUnwatched: (calls) => void (unwatched.calls += calls),
    now: () => 0,
  };
  const ask = (message: string | Uint8Array, context = here) =>
    handleMessage(service, Buffer.from(message as string), context);
  return { service, ask, seen, unwatched };
}

function exact(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

const call = (id: unknown, method: string, params: unknown) =>
  JSON.stringify({ id, method, params });

describe("the mock remembers replies", () => {
  it("and nobody can tell: same bytes, same events, whatever comes in whatever order", async () => {
    // Kept over all runs, so that what one message leaves behind meets all the others.
    const [fast, unseen, slow] = [mock(), mock({}, true, false), mock({}, false)];
    let known = 0;
    await fc.assert(
      fc.asyncProperty(misleadingMessages, async (message) => {
        for (let round = 0; round < 2; round++) {
          const reply = await slow.ask(message);
          const seen = slow.seen.splice(0);
          assert.equal(await fast.ask(message), reply);
          assert.deepEqual(fast.seen.splice(0), seen);
          assert.equal(await unseen.ask(message), reply);
          // What it tells of is what was not remembered; the rest is counted.
          const told = unseen.seen.splice(0);
          assert.equal(told.length + unseen.unwatched.calls, seen.length);
          if (unseen.unwatched.calls > 0) assert.deepEqual(told, []);
          else assert.deepEqual(told, seen);
          known += unseen.unwatched.calls;
          unseen.unwatched.calls = 0;
        }
      }),
      { numRuns: 3_000 },
    );
    assert.ok(fast.service.memory!.size > 10);
    assert.equal(unseen.service.memory!.size, fast.service.memory!.size);
    assert.ok(known > 100, `${known}`);
    assert.equal(slow.service.memory, undefined);
  });

  it("in single requests and batches, whatever the id, wrong arguments as well", async () => {
    const { service, ask } = mock();
    const first = await ask(call(1, "add", [1, 2]));
    await ask(call(2, "add", [1]));
    assert.equal(service.memory!.size, 2);
    const { dispatch } = service.dispatcher;
    service.dispatcher.dispatch = () => assert.fail("dispatched again");
    assert.equal(await ask(call("x", "add", [1, 2])), first!.toString().replace("1", '"x"'));
    const batch = `[${call(3, "add", [1, 2])}, ${call("6f1c-9", "add", [1])}]`;
    const replies = JSON.parse(String(await ask(batch)));
    assert.deepEqual(replies.map(({ id }: { id: unknown }) => id), [3, "6f1c-9"]);
    assert.equal(replies[1].error.code, -32602);
    service.dispatcher.dispatch = dispatch;
    assert.match(
      String(await ask(`[${call(1, "add", [1, 2])},${call(2, "add", [2, 3])}]`)),
      /^\[{"id":1/,
    );
    assert.equal(service.memory!.size, 3);
  });

  it("answers nobody watches are bytes, of batches as long as may be", async () => {
    const { service, ask, unwatched } = mock({}, true, false);
    const slow = mock({}, false);
    for (const size of [1, 2, 50, 100, 101]) {
      const calls = Array.from({ length: size }, (_, id) => call(id, "list_products", [id % 7]));
      const message = `[${calls.join(", ")}]`;
      const wanted = await slow.ask(message);
      for (let round = 0; round < 2; round++) assert.equal(await ask(message), wanted);
      const incoming = parseMessage(service, Buffer.from(message), here);
      const reply = handleParsed(service, incoming, here);
      if (size > 100) assert.equal(incoming.known, undefined);
      else assert.equal(Buffer.from(reply as Uint8Array).toString(), wanted);
    }
    assert.ok(unwatched.calls > 300);
  });

  it("but for another contract it begins anew", async () => {
    const { service, ask } = mock();
    const before = await ask(call(1, "add", [1, 2]));
    service.dispatcher = createMockDispatcher({ contract, random: () => 0.5, seed: "b" });
    assert.notEqual(await ask(call(1, "add", [1, 2])), before);
    assert.equal(service.memory!.size, 1);
  });

  it("not what a request's header asks for", async () => {
    const { service, ask } = mock();
    const plain = await ask(call(1, "add", [1, 2]));
    const asking = (control: string) => ({ ...here, headers: { "x-pyrpc-mock": control } });
    service.observe = undefined;
    assert.notEqual(await ask(call(1, "add", [1, 2]), asking("seed=b")), plain);
    assert.match(String(await ask(call(1, "add", [1, 2]), asking("error=-7"))), /-7/);
    assert.equal(await ask(call(1, "add", [1, 2])), plain);
  });

  const handlers = collectHandlers({ add: () => calls++ }, "test");
  let calls = 0;
  const cases: Readonly<Record<string, Partial<MockOptions>>> = {
    "what a handler answers": { handlers },
    "values that vary": { varies: true, random: Math.random },
    "with errors now and then": { faults: parseFaultRules(["add=-1:0.5"]) },
    "with latency": { latency: parseLatencyRules(["0-1"]) },
  };
  for (const [what, options] of Object.entries(cases)) {
    it(`not ${what}`, async () => {
      const { service, ask } = mock(options);
      for (let round = 0; round < 3; round++) await ask(call(round, "add", [1, 2]));
      assert.equal(service.memory?.size ?? 0, 0);
    });
  }

  it("not what a layer answers that may answer otherwise the next time", async () => {
    const layer = {
      name: "example",
      covers: ({ name }: { name: string }) => name === "add",
      answer: () => undefined,
    };
    const { service, ask } = mock({ layers: [layer] });
    await ask(call(1, "add", [1, 2]));
    await ask(call(1, "greet", ["Ada"]));
    assert.equal(service.memory!.size, 1);
  });

  it("and forgets: many calls and long calls take no more memory than few", async () => {
    const { service, ask } = mock({}, true, false);
    await ask(call(1, "greet", ["a".repeat(20_000)]));
    assert.equal(service.memory!.size, 0);
    for (let index = 0; index < 400; index++) {
      const batch = Array.from({ length: 100 }, (_, item) => call(item, "add", [index, item]));
      await ask(`[${batch.join(",")}]`);
    }
    assert.ok(service.memory!.size <= 2 * 8_192);
    for (let index = 0; index < 2_000; index++) {
      await ask(call(1, "greet", [`${index}${"a".repeat(15_000)}`]));
    }
    assert.ok(service.memory!.size < 8_192 + 600, `${service.memory!.size}`);
  });
});
