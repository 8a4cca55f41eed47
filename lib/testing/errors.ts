import { ToolError } from "../errors.ts";

/** Runs a function; the message of its error contains the fix, because test runners print the message alone. */
export function orReadable<Value>(run: () => Value): Value {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause;
    const { message, details, fix } = cause;
    throw new Error([message, ...details, ...fix].join("\n"), { cause });
  }
}

/** A contract that is not a JSON text. */
export function contractNotJson(cause: Error): Error {
  return new Error(`The contract is not JSON: ${cause.message}`, { cause });
}

/** Handlers none of which is a function. */
export function noHandlers(): Error {
  return new TypeError("The handlers contain no function: write { add: (a, b) => a + b }");
}

/** A call of a procedure that has no fake. */
export function noFake(method: string): Error {
  const key = /^[A-Za-z_$][\w$]*$/.test(method) ? method : JSON.stringify(method);
  return new Error(`"${method}" has no fake: add it to createFake({ ${key}: (…) => … })`);
}

/** A call by name whose arguments cannot be assigned to the parameters of a fake. */
export function unknownArguments(
  method: string,
  given: readonly string[],
  parameters: readonly string[],
): Error {
  return new Error(
    `"${method}" was called with { ${given.join(", ")} }, but the parameters of its fake are (${
      parameters.join(", ")
    }): use the names of the procedure's parameters, or pass { contract } to createFake`,
  );
}

/** A fake that is not a function. */
export function fakeNotFunction(method: string): Error {
  return new TypeError(`The fake of "${method}" is not a function: write () => …`);
}

/** A runtime environment without `Request` and `Response`. */
export function noResponses(): Error {
  return new Error(
    "This test environment has no Response, which mock.fetch and mock.mswHandlers() return: use mock.client, " +
      "or an environment with it (jest-fixed-jsdom instead of jest-environment-jsdom)",
  );
}
