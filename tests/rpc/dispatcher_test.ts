import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseContract } from "../../lib/contract/mod.ts";
import {
  collectHandlers,
  ContractDispatcher,
  dispatcherOf,
  functionParameters,
  handlerResolver,
  type Method,
  type Outcome,
  RpcDispatcher,
  stackDispatchers,
  type WireValue,
} from "../../lib/rpc/mod.ts";

const context = { transport: "test", remote: "" };

async function call(
  dispatcher: { dispatch: RpcDispatcher["dispatch"] },
  method: string,
  params: readonly WireValue[] | Record<string, WireValue> | null = null,
): Promise<Outcome> {
  return await dispatcher.dispatch({ method, params }, context);
}

async function value(...args: Parameters<typeof call>): Promise<unknown> {
  const outcome = await call(...args);
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return outcome.value;
}

async function fault(...args: Parameters<typeof call>) {
  const outcome = await call(...args);
  assert.ok(!outcome.ok);
  return outcome.fault;
}

describe("functionParameters() reads a function's own text", () => {
  const rows: readonly (readonly [Method, string | undefined])[] = [
    [function add(a: number, b: number) {
      return a + b;
    }, "a b"],
    [(a: number, b = 2) => a + b, "a b?"],
    [async (name: string) => await Promise.resolve(name), "name"],
    [(...all: number[]) => all, "...all"],
    [(a = [1, 2], b = { c: ")" }, d = "a,b") => [a, b, d], "a? b? d?"],
    [() => 1, ""],
    [({ a }: { a: number }) => a, undefined],
    [Math.max, undefined],
    [
      {
        method(first: number, /* , no */ second: number) {
          return first + second;
        },
      }.method,
      "first second",
    ],
  ];
  for (const [fn, wanted] of rows) {
    it(wanted ?? `${fn.name} does not tell`, () => {
      const parameters = functionParameters(fn as (...args: never[]) => unknown);
      const text = parameters?.map(({ name, optional, rest }) =>
        `${rest ? "..." : ""}${name}${optional ? "?" : ""}`
      ).join(" ");
      assert.equal(text, wanted);
    });
  }
});

describe("RpcDispatcher", () => {
  it("calls by position and by name", async () => {
    const dispatcher = new RpcDispatcher().addMethod((a: number, b: number) => a - b, "minus");
    assert.equal(await value(dispatcher, "minus", [5, 3]), 2);
    assert.equal(await value(dispatcher, "minus", { b: 3, a: 5 }), 2);
  });

  it("refuses arguments that do not fit, in Python's words", async () => {
    const dispatcher = new RpcDispatcher().addMethod((a: number, b: number) => a - b, "minus");
    const words = async (params: Parameters<typeof call>[2]) => {
      const { kind, message } = await fault(dispatcher, "minus", params);
      assert.equal(kind, "invalid-params");
      return message;
    };
    assert.equal(await words([1]), "Invalid params: missing a required argument: 'b'");
    assert.equal(await words([1, 2, 3]), "Invalid params: too many positional arguments");
    assert.equal(
      await words({ a: 1, b: 2, c: 3 }),
      "Invalid params: got an unexpected keyword argument 'c'",
    );
  });

  it("uses the names from options, and reports functions without names", async () => {
    const dispatcher = new RpcDispatcher()
      .addMethod(({ x }: { x: number }, y: number) => x + y, "named", { names: ["point", "y"] })
      .addMethod(({ x }: { x: number }) => x, "unnamed");
    assert.equal(await value(dispatcher, "named", { y: 1, point: { x: 2 } }), 3);
    assert.equal(await value(dispatcher, "unnamed", [{ x: 2 }]), 2);
    assert.match((await fault(dispatcher, "unnamed", { point: { x: 2 } })).message, /by position/);
  });

  it("refuses the same name twice", () => {
    const dispatcher = new RpcDispatcher().addMethod(() => 1, "one");
    assert.throws(() => dispatcher.addMethod(() => 2, "one"), /"one" is already registered/);
  });

  it("asks own methods first, then those below by prefix, in their order", async () => {
    const below = new RpcDispatcher().addMethod(() => "below", "version");
    const second = new RpcDispatcher().addMethod(() => "second", "version")
      .addMethod(() => "only second", "only");
    const dispatcher = new RpcDispatcher()
      .addMethod(() => "own", "admin.own")
      .addSubdispatch(below, "admin.")
      .addSubdispatch(second, "admin.");
    assert.equal(await value(dispatcher, "admin.version"), "below");
    assert.equal(await value(dispatcher, "admin.only"), "only second");
    assert.equal(await value(dispatcher, "admin.own"), "own");
    assert.equal((await fault(dispatcher, "version")).kind, "method-not-found");
  });

  it("lets the parameter check and the caller be replaced", async () => {
    const dispatcher = new RpcDispatcher().addMethod((a: number, b = 1) => a + b, "add");
    dispatcher.parameterCheck = null;
    dispatcher.caller = ({ fn }, args) => (fn(...args) as number) * 10;
    assert.equal(await value(dispatcher, "add", [1, 2, 3]), 30);
  });

  it("turns thrown and rejected values into a failure", async () => {
    const dispatcher = new RpcDispatcher()
      .addMethod(() => {
        throw new RangeError("too far");
      }, "throws")
      .addMethod(() => Promise.reject(Object.assign(new Error("no"), { code: 4 })), "rejects");
    const { kind, message, exception } = await fault(dispatcher, "throws");
    assert.deepEqual([kind, message, exception], ["procedure", "too far", "RangeError"]);
    assert.equal((await fault(dispatcher, "rejects")).code, 4);
  });

  it("checks arguments and results of methods with schemas, and describes them", async () => {
    const dispatcher = new RpcDispatcher().addMethod((a: number, b: number) => a / b, "divide", {
      parameters: { a: { type: "integer" }, b: { type: "integer", default: 2 } },
      result: { type: "integer" },
      doc: "Divide.",
    });
    assert.equal(await value(dispatcher, "divide", [6]), 3);
    assert.deepEqual((await fault(dispatcher, "divide", ["x"])).kind, "validation");
    assert.equal((await fault(dispatcher, "divide", [1])).kind, "result");
    const described = dispatcher.describe()["divide"] as Record<string, unknown>;
    assert.equal(described["doc"], "Divide.");
    assert.deepEqual((described["parameters"] as { required: boolean }[]).map((p) => p.required), [
      true,
      false,
    ]);
  });

  it("accepts schemas of the Standard Schema family that provide JSON Schema", async () => {
    const even = {
      "~standard": {
        validate: (input: unknown) =>
          (input as number) % 2 === 0
            ? { value: (input as number) * 100 }
            : { issues: [{ message: "Expected an even number" }] },
        jsonSchema: {
          input: () => ({ $schema: "x", type: "integer" }),
          output: () => ({ type: "integer" }),
        },
      },
    };
    const dispatcher = new RpcDispatcher().addMethod((n: number) => n + 1, "next", {
      parameters: { n: even },
    });
    assert.equal(await value(dispatcher, "next", [2]), 201);
    assert.deepEqual((await fault(dispatcher, "next", [3])).data, {
      field: "n",
      message: "Expected an even number",
      type: "value_error",
    });
  });
});

describe("RpcDispatcher with optional schemas", () => {
  it("lets parameters be omitted whose library accepts undefined, or has a default", async () => {
    const schema = (validate: (value: unknown) => { value: unknown } | { issues: [] }) => ({
      "~standard": {
        validate: (value: unknown) => validate(value) as { value: unknown },
        jsonSchema: { input: () => ({ type: "integer" }), output: () => ({ type: "integer" }) },
      },
    });
    const dispatcher = new RpcDispatcher().addMethod(
      (...given: unknown[]) => given.map((value) => value ?? null),
      "given",
      {
        parameters: {
          a: schema((value) => value === undefined ? { issues: [] } : { value }),
          b: schema((value) => ({ value })),
          c: schema((value) => ({ value: value ?? 7 })),
          d: schema(() => {
            throw new TypeError("a check that expects a value");
          }),
        },
      },
    );
    const { parameters } = dispatcher.describe()["given"] as unknown as {
      parameters: { required: boolean; default: unknown }[];
    };
    assert.deepEqual(parameters.map(({ required }) => required), [true, false, false, true]);
    assert.deepEqual(parameters.map((one) => one.default), [null, null, 7, null]);
    assert.equal((await fault(dispatcher, "given", { d: 1 })).kind, "invalid-params");
  });
});

describe("handlerResolver()", () => {
  it("runs the checks of a Standard Schema besides its JSON Schema, with and without a function", async () => {
    const schema = (fits: (value: unknown) => boolean, type: string) => ({
      "~standard": {
        validate: (value: unknown) => fits(value) ? { value } : { issues: [{ message: "No" }] },
        jsonSchema: { input: () => ({ type }), output: () => ({ type }) },
      },
    });
    const parameters = { n: schema((value) => Number(value) % 2 === 0, "integer") };
    const result = schema((value) => value !== 8, "integer");
    const handlers = collectHandlers({
      twice: { parameters, result, handler: (n: number) => n * 2 },
      wordy: { parameters, result, handler: () => "text" },
      planned: { parameters, result },
    }, "contract.ts");
    const contract = parseContract(dispatcherOf(handlers).describe(), { where: "contract.ts" });
    const dispatcher = new ContractDispatcher({
      contract,
      resolvers: [handlerResolver(handlers), {
        name: "value",
        covers: () => true,
        answer: () => ({ ok: true, value: 0 }),
      }],
    });
    assert.equal(await value(dispatcher, "twice", [2]), 4);
    assert.equal((await fault(dispatcher, "twice", [3])).message, "Validation failed");
    assert.equal((await fault(dispatcher, "twice", [4])).kind, "result");
    assert.equal((await fault(dispatcher, "wordy", [4])).kind, "result");
    assert.equal(await value(dispatcher, "planned", [2]), 0);
    assert.deepEqual((await fault(dispatcher, "planned", [3])).data, {
      field: "n",
      message: "No",
      type: "value_error",
    });
  });
});

describe("stackDispatchers()", () => {
  it("asks the first that has the procedure", async () => {
    const first = new RpcDispatcher().addMethod(() => 1, "a");
    const second = new RpcDispatcher().addMethod(() => 2, "a").addMethod(() => 3, "b");
    const stack = stackDispatchers(first, second);
    assert.deepEqual([await value(stack, "a"), await value(stack, "b")], [1, 3]);
    assert.equal((await fault(stack, "c")).kind, "method-not-found");
  });
});

describe("collectHandlers()", () => {
  it("accepts functions, functions of objects with a dot, classes' instances and described procedures", async () => {
    class Counter {
      #count = 0;
      next(step: number) {
        return this.#count += step;
      }
    }
    const add = Object.assign((a: number, b: number) => a + b, { parameters: ["x", "y"] });
    const handlers = collectHandlers({
      add,
      admin: { version: () => "1", users: { count: () => 2 } },
      counter: new Counter(),
      described: {
        parameters: { n: { type: "integer" } },
        result: { type: "integer" },
        handler: (n: number) => n * 2,
      },
      planned: { result: { type: "string" } },
      value: 5,
    }, "test");
    assert.deepEqual([...handlers.keys()], [
      "add",
      "admin.version",
      "admin.users.count",
      "counter.next",
      "described",
      "planned",
    ]);
    const dispatcher = dispatcherOf(handlers);
    assert.equal(await value(dispatcher, "add", { y: 1, x: 2 }), 3);
    assert.equal(await value(dispatcher, "counter.next", [2]), 2);
    assert.equal(await value(dispatcher, "counter.next", [2]), 4);
    assert.equal(await value(dispatcher, "described", [4]), 8);
    assert.deepEqual(Object.keys(dispatcher.describe()), ["described", "planned"]);
  });

  it("refuses a module that exports nothing to call", () => {
    assert.throws(() => collectHandlers({ a: 1 }, "x.ts"), /exports no function/);
  });
});
