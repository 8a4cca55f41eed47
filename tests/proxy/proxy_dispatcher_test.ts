import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { defined } from "../../lib/defined.ts";
import { createMockDispatcher, type MockOptions } from "../../lib/mock/mod.ts";
import { createProxyDispatcher, type ProxyViolation } from "../../lib/proxy/mod.ts";
import { parseContract } from "../../lib/contract/mod.ts";
import {
  type CallContext,
  collectHandlers,
  failed,
  type Outcome,
  succeeded,
  type WireValue,
} from "../../lib/rpc/mod.ts";

const contract = parseContract(
  JSON.parse(readFileSync(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8")),
  { where: "shop.schema.json" },
);
const here: CallContext = { transport: "test", remote: "", headers: {} };

/** A proxy before a server that answers with these results, the last one for ever. */
function proxy(results: readonly WireValue[], options: Partial<MockOptions> = {}) {
  const left = [...results];
  const violations: ProxyViolation[] = [];
  const upstream = createProxyDispatcher({
    contract,
    upstream: {
      ask: () =>
        Promise.resolve({ outcome: succeeded(left.length > 1 ? left.shift()! : left[0]!) }),
      close: () => undefined,
    },
    onViolation: (violation) => violations.push(violation),
  });
  const dispatcher = createMockDispatcher({ contract, random: () => 0.5, upstream, ...options });
  const ask = async (params: readonly WireValue[], context = here) => {
    const outcome = await dispatcher.dispatch({ method: "add", params }, context);
    return outcome.ok ? outcome.value : outcome.fault.code;
  };
  return { ask, violations };
}

describe("createProxyDispatcher()", () => {
  it("validates every answer, of a call that came before as well", async () => {
    const results = [3, 3, "x", "x", 3, "x"];
    const { ask, violations } = proxy(results);
    const found: number[] = [];
    for (const result of results) {
      assert.equal(await ask([1, 2]), result);
      found.push(violations.splice(0).filter(({ kind }) => kind === "result").length);
    }
    assert.deepEqual(found, [0, 0, 1, 1, 0, 1]);
  });

  it("passes no answer with a wrong id on for recording", async () => {
    const passed: unknown[] = [];
    const wrongIds = ["its id is 2 instead of 1", undefined];
    const dispatcher = createProxyDispatcher({
      contract,
      upstream: {
        ask: () =>
          Promise.resolve({ outcome: succeeded(3), ...defined({ wrongId: wrongIds.shift() }) }),
        close: () => undefined,
      },
      onPassed: ({ outcome }) => passed.push(outcome),
    });
    const call = { method: "add", params: [1, 2] };
    await dispatcher.dispatch(call, here);
    assert.deepEqual(passed, []);
    await dispatcher.dispatch(call, here);
    assert.deepEqual(passed, [succeeded(3)]);
  });

  it("passes the arguments that the procedure received on for recording", async () => {
    const passed: unknown[] = [];
    const outcomes: Outcome[] = [succeeded(3), failed({ kind: "procedure", message: "no" })];
    for (const outcome of outcomes) {
      const dispatcher = createProxyDispatcher({
        contract,
        upstream: { ask: () => Promise.resolve({ outcome }), close: () => undefined },
        onPassed: (call) => passed.push([Object.fromEntries(call.arguments), call.outcome.ok]),
      });
      await dispatcher.dispatch({ method: "add", params: ["1", 2] }, here);
      await dispatcher.dispatch({ method: "add", params: ["x", 2] }, here);
    }
    assert.deepEqual(passed, [[{ a: 1, b: 2 }, true], [{ a: 1, b: 2 }, false]]);
  });

  it("leaves a call to a handler or to the failure in its header, and only that call", async () => {
    const asking = { ...here, headers: { "x-pyrpc-mock": "error=-7" } };
    const { ask } = proxy([3]);
    assert.equal(await ask([1, 2]), 3);
    assert.equal(await ask([1, 2], asking), -7);
    assert.equal(await ask([1, 2]), 3);
    const handlers = collectHandlers({ add: (a: number, b: number) => a * b }, "test");
    assert.equal(await proxy([3], { handlers }).ask([2, 5]), 10);
  });
});
