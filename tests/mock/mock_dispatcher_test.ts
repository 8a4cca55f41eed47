import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  createMockDispatcher,
  type MockOptions,
  parseFaultRules,
  parseLatencyRules,
} from "../../lib/mock/mod.ts";
import { parseContract } from "../../lib/contract/mod.ts";
import { collectHandlers, type Outcome, type WireValue } from "../../lib/rpc/mod.ts";

const contract = parseContract(
  JSON.parse(readFileSync(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8")),
  { where: "shop.schema.json" },
);

async function call(
  options: Partial<MockOptions>,
  method: string,
  params: readonly WireValue[] | Record<string, WireValue> | null,
  control?: string,
): Promise<Outcome> {
  const dispatcher = createMockDispatcher({ contract, random: () => 0.5, ...options });
  return await dispatcher.dispatch({ method, params }, {
    transport: "test",
    remote: "",
    ...(control === undefined ? {} : { headers: { "x-pyrpc-mock": control } }),
  });
}

describe("createMockDispatcher()", () => {
  it("returns the same answer to the same call, and another with another seed", async () => {
    const first = await call({}, "list_products", [2]);
    assert.ok(first.ok);
    assert.deepEqual(await call({}, "list_products", { limit: 2 }), first);
    assert.notDeepEqual(await call({ seed: "b" }, "list_products", [2]), first);
    assert.notDeepEqual(await call({}, "list_products", [2], "seed=b"), first);
  });

  it("rejects values outside the types, and accepts Pydantic's conversions when lax", async () => {
    const strict = await call({}, "add", ["1", 2]);
    assert.ok(!strict.ok && strict.fault.kind === "validation");
    assert.ok((await call({ lax: true }, "add", ["1", 2])).ok);
  });

  it("answers an argument whose constraint Python cannot apply with the upstream server's internal error", async () => {
    const schema_ = { type: "string", ge: 3 };
    const bounded = parseContract({
      f: {
        name: "f",
        parameters: [{ name: "x", type: "", schema_, required: true, default: null }],
        return_type: "",
        return_schema: schema_,
        doc: "",
      },
    }, { where: "test" });
    const fault = {
      kind: "internal",
      message: "Unable to apply constraint 'ge' to supplied value abc",
    };
    assert.deepEqual(await call({ contract: bounded }, "f", ["abc"]), { ok: false, fault });
    const handlers = collectHandlers({ f: () => "abc" }, "test");
    const wrongType = await call({ contract: bounded, handlers }, "f", [1]);
    assert.ok(!wrongType.ok && wrongType.fault.kind === "validation");
  });

  it("asks a handler first, in the contract's order of arguments, with the contract's defaults", async () => {
    const handlers = collectHandlers({
      greet: (...all: unknown[]) => all.join(" "),
      beside: (n: number) => n + 1,
    }, "test");
    assert.deepEqual(await call({ handlers }, "greet", { name: "Ada" }), {
      ok: true,
      value: "Ada Hello",
      schema: { type: "string" },
    });
    assert.deepEqual(await call({ handlers }, "beside", { n: 1 }), { ok: true, value: 2 });
  });

  it("answers a handler's wrong result with the upstream server's error, and reports it", async () => {
    const reported: string[] = [];
    const handlers = collectHandlers({ add: () => "three" }, "test");
    const outcome = await call(
      {
        handlers,
        onViolation: ({ procedure, resolver }) => reported.push(`${resolver} ${procedure.name}`),
      },
      "add",
      [1, 2],
    );
    assert.ok(!outcome.ok);
    assert.equal(outcome.fault.message, "Internal Error: Return type validation failed");
    assert.deepEqual(reported, ["handler add"]);
  });

  it("fails by rule, with a probability, and on a request's wish", async () => {
    const faults = parseFaultRules(["add=-32001:0.4", "greet=7:1:Out of words"]);
    const code = (outcome: Outcome) => outcome.ok ? undefined : outcome.fault.code;
    assert.equal(code(await call({ faults, random: () => 0.3 }, "add", [1, 2])), -32001);
    assert.equal(code(await call({ faults, random: () => 0.5 }, "add", [1, 2])), undefined);
    const greeted = await call({ faults }, "greet", ["x"]);
    assert.ok(!greeted.ok && greeted.fault.message === "Out of words");
    assert.equal(code(await call({}, "add", [1, 2], "delay=1, error=-5:1:no")), -5);
    const wrong = await call({ faults }, "greet", []);
    assert.ok(!wrong.ok && wrong.fault.kind === "invalid-params", "wrong calls stay wrong");
  });

  it("waits by rule and on a request's wish", async () => {
    const time = async (latency: readonly string[], control?: string) => {
      const start = performance.now();
      await call({ latency: parseLatencyRules(latency) }, "add", [1, 2], control);
      return performance.now() - start;
    };
    assert.ok(await time(["add=60-80"]) >= 55);
    // These delays would exceed the time limit of the test run.
    await time(["greet=600000"]);
    await time(["600000"], "delay=30");
  });

  for (const text of ["", "x", "-5", "400-100", "700000", "add="]) {
    it(`refuses the latency "${text}"`, () => {
      assert.throws(() => parseLatencyRules([text]), /Invalid --latency rule/);
    });
  }
  for (const text of ["", "x", "add", "5:2", "add=:0.5"]) {
    it(`refuses the error "${text}"`, () => {
      assert.throws(() => parseFaultRules([text]), /Invalid --error rule/);
    });
  }
});
