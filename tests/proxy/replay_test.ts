import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Contract, parseContract, type Procedure } from "../../lib/contract/mod.ts";
import {
  createMockDispatcher,
  createSampler,
  exampleResolver,
  redactArguments,
  redactData,
  redactResult,
} from "../../lib/mock/mod.ts";
import { parseExamples } from "../../lib/mock/files/mod.ts";
import { formatDocument, parseJsonText, WireFloat } from "../../lib/json/mod.ts";
import { recordingDigest, startRecording } from "../../lib/proxy/mod.ts";
import { type Dispatcher, failed, type Outcome, succeeded } from "../../lib/rpc/mod.ts";
import { fuzzCount } from "../support/fuzz_count.ts";

const parameter = (name: string, schema_: object, more: object = { required: true }) => ({
  name,
  schema_,
  ...more,
});

const USER = {
  type: "object",
  properties: {
    id: { type: "integer" },
    password: { type: "string", minLength: 8 },
    session: { type: "integer" },
    note: { type: "string" },
    tags: { type: "array", items: { type: "string" } },
  },
  required: ["id"],
};

const CONTRACT: Contract = parseContract({
  any: {
    parameters: [
      parameter("a", {}),
      parameter("b", {}, { required: false, default: 1 }),
      parameter("c", {}, { required: false, default: null }),
    ],
    return_schema: {},
  },
  none: { parameters: [], return_schema: {} },
  "users.log-in": {
    parameters: [
      parameter("name", { type: "string" }),
      parameter("password", { type: "string" }),
      parameter("pin", { type: "integer", writeOnly: true }, { required: false, default: 0 }),
    ],
    return_schema: { anyOf: [{ $ref: "#/$defs/User" }, { type: "null" }], $defs: { User: USER } },
  },
}, { where: "test" });

interface Call {
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly outcome: Outcome;
}

// Few different values, so that calls repeat and contain each other, and some texts that a format could lose.
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    fc.constantFrom<unknown>(0, 1, -1.5, 1e21, 1e-7, 2n ** 60n, true, false, null),
    fc.constantFrom(
      "",
      "***",
      "yes",
      "1",
      "null",
      "~",
      "a: b",
      "# x",
      "- x",
      "\n",
      " x ",
      "x\ny\n",
    ),
    fc.constantFrom("\u009b31m", "\u202e", "\u2028", "\ufeff", "\ud800", "💡", "::error::x", "<<"),
    fc.string({ unit: "binary" }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom("limit", "page", "token", "apiKey", "1", "", "__proto__", "a b", "when"),
      tie("value"),
      { maxKeys: 3, noNullPrototype: true },
    ),
  ),
})).value;

const floats = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    fc.constantFrom(0, 2, 0.5, -1, 2n ** 60n, 1e-7, "2.0", "1e3", null),
    fc.constantFrom(0, -0, 2, -3, 1000, 2 ** 53, 1e16, 1e21, -1e300).map((value) =>
      new WireFloat(value)
    ),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "2.0", "x y"), tie("value"), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).value;

const error = fc.record({
  kind: fc.constant("procedure" as const),
  code: fc.integer(),
  message: fc.string(),
  data: json,
}).map((fault) => failed(fault as never));

const user = fc.option(fc.record({
  id: fc.integer(),
  password: fc.string({ minLength: 8 }),
  session: fc.integer(),
  note: fc.string(),
}, { requiredKeys: ["id"], noNullPrototype: true }));

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({
    method: fc.constant("any"),
    params: fc.record({ a: json, b: json, c: json }, {
      requiredKeys: ["a"],
      noNullPrototype: true,
    }),
    outcome: fc.oneof(json.map((value) => succeeded(value as never)), error),
  }),
  fc.record({
    method: fc.constant("none"),
    params: fc.constant({}),
    outcome: fc.integer({ min: 0, max: 3 }).map((value) => succeeded(value)),
  }),
  fc.record({
    method: fc.constant("users.log-in"),
    params: fc.record({
      name: fc.constantFrom("ada", "bob"),
      password: fc.constantFrom("one", "two"),
      pin: fc.integer(),
    }, { requiredKeys: ["name", "password"], noNullPrototype: true }),
    outcome: user.map((value) => succeeded(value)),
  }),
) as fc.Arbitrary<Call>;

function procedureOf(method: string): Procedure {
  const procedure = CONTRACT.procedures.get(method);
  assert.ok(procedure);
  return procedure;
}

/** Records calls in one session, or in two that add to the same file. */
function record(
  calls: readonly Call[],
  { format, keepsSecrets, split }: {
    readonly format: "json" | "yaml";
    readonly keepsSecrets: boolean;
    readonly split: number;
  },
): string {
  let before = "";
  for (const part of [calls.slice(0, split), calls.slice(split)]) {
    const recording = startRecording({ format, keepsSecrets, before });
    for (const { method, params, outcome } of part) {
      const args = new Map(Object.entries(params));
      recording.add({ procedure: procedureOf(method), arguments: args, outcome });
    }
    assert.equal(recording.size, part.length);
    before = recording.format();
    assert.notEqual(recordingDigest(before), undefined, before);
  }
  return before;
}

function replayer(text: string, values = true): Dispatcher {
  const sampler = createSampler();
  const examples = parseExamples(text, { contract: CONTRACT, sampler, where: "calls" });
  return createMockDispatcher({
    contract: CONTRACT,
    resolvers: [exampleResolver(examples)],
    sampler,
    values,
    random: () => 0,
    onViolation: ({ data }) => assert.fail(JSON.stringify(data)),
  });
}

const CONTEXT = { transport: "test", remote: "" };

/** The part of an outcome that a caller receives. */
function received(outcome: Outcome): unknown {
  if (outcome.ok) return { result: outcome.value };
  const { code, message, data = null } = outcome.fault;
  return { code, message, data };
}

const options = fc.record({
  format: fc.constantFrom("json" as const, "yaml" as const),
  split: fc.nat({ max: 12 }),
});

describe("a recording", () => {
  it("replays any sequence of calls with the same answers", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 12 }), options, async (calls, choice) => {
        const mock = replayer(record(calls, { ...choice, keepsSecrets: true }));
        for (const { method, params, outcome } of calls) {
          const answer = await mock.dispatch({ method, params: params as never }, CONTEXT);
          assert.deepEqual(received(answer), received(outcome));
        }
      }),
      { numRuns: fuzzCount(300) },
    );
  });

  it("replays the same answers except for the secrets that it does not contain", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 12 }), options, async (calls, choice) => {
        const mock = replayer(record(calls, { ...choice, keepsSecrets: false }));
        for (const { method, params, outcome } of calls) {
          const answer = await mock.dispatch({ method, params: params as never }, CONTEXT);
          const redacted = (one: Outcome) =>
            one.ok ? redactResult(procedureOf(method), one.value) : redactData(received(one));
          assert.deepEqual(redacted(answer), redacted(outcome));
        }
      }),
      { numRuns: fuzzCount(300) },
    );
  });

  it("replays floats as floats", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(floats, { minLength: 1, maxLength: 5 }),
        options,
        async (values, choice) => {
          const calls = values.map((value): Call => {
            const text = formatDocument(value);
            const outcome: Outcome = { ok: true, value: parseJsonText(text) as never, text };
            return { method: "any", params: { a: null }, outcome };
          });
          const mock = replayer(record(calls, { ...choice, keepsSecrets: false }));
          for (const { method, params, outcome } of calls) {
            const answer = await mock.dispatch({ method, params: params as never }, CONTEXT);
            assert.ok(answer.ok && outcome.ok);
            assert.equal(answer.text, outcome.text);
          }
        },
      ),
      { numRuns: fuzzCount(100) },
    );
  });

  it("answers only calls that it contains", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 6 }), call, async (calls, other) => {
        const procedure = procedureOf(other.method);
        const key = (params: object) => {
          const filled = procedure.parameters.filter(({ required }) => !required)
            .map(({ name, default: value }) => [name, value]);
          const all = { ...Object.fromEntries(filled), ...params };
          return [...redactArguments(procedure, new Map(Object.entries(all)))].sort();
        };
        const isRecorded = calls.some(({ method, params }) =>
          method === other.method && isSame(key(params), key(other.params))
        );
        fc.pre(!isRecorded && calls.some(({ method }) => method === other.method));
        const mock = replayer(
          record(calls, { format: "json", split: 0, keepsSecrets: false }),
          false,
        );
        const { method, params } = other;
        const answer = await mock.dispatch({ method, params: params as never }, CONTEXT);
        assert.equal(answer.ok, false);
        assert.equal(!answer.ok && answer.fault.kind, "method-not-found");
      }),
      { numRuns: fuzzCount(100) },
    );
  });
});

function isSame(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}
