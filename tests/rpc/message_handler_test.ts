import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type CallEvent,
  type Dispatcher,
  failed,
  handleMessage,
  type MessageService,
  pyrpcProtocol,
  succeeded,
  type WireValue,
} from "../../lib/rpc/mod.ts";

const context = { transport: "test", remote: "" };

/** Answers with the call itself; `late...` as a promise, `throw...` and `reject...` not at all. */
const dispatcher: Dispatcher = {
  has: () => true,
  dispatch({ method, params }) {
    if (method.startsWith("throw")) throw new Error("thrown");
    if (method.startsWith("reject")) return Promise.reject(new Error("rejected"));
    const outcome = method.startsWith("fail")
      ? failed({ kind: "procedure", message: "failed" })
      : succeeded({ method, params });
    return method.startsWith("late") ? Promise.resolve(outcome) : outcome;
  },
};

async function ask(message: string, more: Partial<MessageService> = {}): Promise<string> {
  const service = { protocol: pyrpcProtocol, dispatcher, ...more };
  return String(await handleMessage(service, Buffer.from(message), context));
}

const calls = fc.record({
  id: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
  method: fc.constantFrom("now", "late", "fail", "throw", "reject"),
  params: fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 3 }),
});

/** JSON as Python writes it. */
function spaced(value: unknown): string {
  const text = JSON.stringify(value, null, 1);
  return text.replace(/\n */g, (_, at: number) => text[at - 1] === "," ? " " : "");
}

describe("handleMessage()", () => {
  it("answers a batch with the answers of its calls, however the JSON is spaced", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(calls, { minLength: 1, maxLength: 6 }), async (batch) => {
        const single: string[] = [];
        for (const call of batch) single.push(await ask(JSON.stringify(call)));
        assert.equal(await ask(JSON.stringify(batch)), `[${single.join(",")}]`);
        assert.equal(await ask(spaced(batch)), `[${single.join(",")}]`);
      }),
    );
  });

  it("dispatches every call, the same one as well, to the dispatcher of the moment", async () => {
    const seen: CallEvent[] = [];
    const counting = (from: number): Dispatcher => ({
      has: () => true,
      dispatch: () => succeeded(from++),
    });
    const service: MessageService = {
      protocol: pyrpcProtocol,
      dispatcher: counting(0),
      observe: (event) => void seen.push(event),
    };
    const message = Buffer.from(
      '[{"id":1,"method":"m","params":[]},{"id":1,"method":"m","params":[]}]',
    );
    const values = async () =>
      (JSON.parse(String(await handleMessage(service, message, context))) as {
        readonly result: WireValue;
      }[]).map(({ result }) => result);
    assert.deepEqual(await values(), [0, 1]);
    assert.deepEqual(await values(), [2, 3]);
    service.dispatcher = counting(10);
    assert.deepEqual(await values(), [10, 11]);
    assert.deepEqual(seen.map(({ outcome }) => outcome.ok && outcome.value), [0, 1, 2, 3, 10, 11]);
  });

  it("answers whatever the observer and the trace throw", async () => {
    const fail = () => assert.fail("observed");
    const message = '{"id":1,"method":"m","params":[]}';
    assert.equal(await ask(message, { observe: fail, trace: fail }), await ask(message));
  });
});
