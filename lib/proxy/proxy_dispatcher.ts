import type { Contract, Procedure } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import {
  type CallContext,
  type Dispatcher,
  type Outcome,
  procedureFailed,
  type RpcCall,
} from "../rpc/mod.ts";
import { type CallValidator, compileCall, pythonRepr } from "../validate/mod.ts";
import { compileUntypedValues, type UntypedValue } from "./untyped_values.ts";
import type { UpstreamAnswer } from "./read_answer.ts";
import type { Upstream } from "./upstream.ts";

/** A way in which an upstream server violates the contract. */
export interface ProxyViolation {
  readonly procedure: string;
  readonly kind:
    /** A result that the contract forbids. */
    | "result"
    /** Arguments that the contract forbids were accepted. */
    | "accepted"
    /** Arguments that the contract allows were rejected. */
    | "refused"
    /** The answer is not one of a pyRPC server. */
    | "broken"
    /** The answer has the id of another call. */
    | "id"
    /** A procedure that the contract does not have. */
    | "unknown";
  readonly message: string;
}

/** A call that passed, for recording. */
export interface PassedCall {
  readonly procedure: Procedure;
  /** By name, as the procedure received them: `1` for `"1"`. */
  readonly arguments: ReadonlyMap<string, unknown>;
  readonly outcome: Outcome;
}

/** Options of {@link createProxyDispatcher}. */
export interface ProxyOptions {
  readonly contract: Contract;
  readonly upstream: Upstream;
  readonly onViolation?: (violation: ProxyViolation) => void;
  /** Called for each value of a result for which the contract allows several types. */
  readonly onUntypedValue?: (procedure: string, value: UntypedValue) => void;
  /** Called for each call whose arguments and outcome the contract allows. */
  readonly onPassed?: (passed: PassedCall) => void;
  readonly warn?: (message: string) => void;
}

/**
 * Makes a dispatcher that forwards every call to an upstream server, returns its answer unchanged, and validates both
 * against the contract. Invalid arguments that the server rejects are not a violation.
 */
export function createProxyDispatcher(options: ProxyOptions): Dispatcher {
  return new ProxyDispatcher(options);
}

interface ProcedureValidators {
  readonly strict: CallValidator;
  readonly lax: CallValidator;
  readonly untypedValues: (value: unknown) => readonly UntypedValue[];
}

class ProxyDispatcher implements Dispatcher {
  readonly #options: ProxyOptions;
  readonly #validators = new Map<string, ProcedureValidators>();

  constructor(options: ProxyOptions) {
    this.#options = options;
  }

  has(): boolean {
    return true;
  }

  async dispatch(call: RpcCall, context: CallContext): Promise<Outcome> {
    const { contract, upstream } = this.#options;
    const answer = await upstream.ask(call, context);
    if (answer.refusal !== undefined) {
      context.overrideResponse?.(answer.refusal);
      return answer.outcome;
    }
    const procedure = contract.procedures.get(call.method);
    try {
      if (answer.wrongId !== undefined) this.#report(call.method, "id", answer.wrongId);
      if (answer.broken !== undefined) this.#report(call.method, "broken", answer.broken);
      else if (procedure === undefined) this.#checkUnknown(call, answer);
      else this.#validate(procedure, call, answer);
    } catch (error) {
      return procedureFailed(error);
    }
    return answer.outcome;
  }

  #report(procedure: string, kind: ProxyViolation["kind"], message: string): void {
    this.#options.onViolation?.({ procedure, kind, message });
  }

  #checkUnknown({ method }: RpcCall, { outcome }: UpstreamAnswer): void {
    if (!outcome.ok) return;
    this.#report(method, "unknown", `${pythonRepr(method)} is not in the contract but answered`);
  }

  #validate(procedure: Procedure, call: RpcCall, answer: UpstreamAnswer): void {
    const { outcome } = answer;
    const { strict, lax, untypedValues } = this.#validatorsOf(procedure);
    const { name } = procedure;
    const args = strict.checkCall(call.params);
    // Pydantic coerces arguments: the procedure received these.
    const coerced = args.ok ? args : lax.checkCall(call.params);
    if (!outcome.ok) {
      const { code, message } = outcome.fault;
      if (code === -32602 && args.ok) this.#report(name, "refused", message);
      else if (code === -32603 && /^Internal Error: Return type/.test(message)) {
        this.#report(name, "result", message);
      } else if (coerced.ok) this.#pass(procedure, coerced.arguments, answer);
      return;
    }
    if (!coerced.ok) this.#report(name, "accepted", problemOf(coerced.error));
    const result = strict.checkResult(outcome.value);
    if (!result.ok) this.#report(name, "result", problemOf(result.error));
    for (const value of untypedValues(outcome.value)) this.#options.onUntypedValue?.(name, value);
    if (coerced.ok && result.ok) this.#pass(procedure, coerced.arguments, answer);
  }

  #pass(
    procedure: Procedure,
    args: ReadonlyMap<string, unknown>,
    { outcome, wrongId }: UpstreamAnswer,
  ): void {
    // The answer may be another call's.
    if (wrongId !== undefined) return;
    this.#options.onPassed?.({ procedure, arguments: args, outcome });
  }

  #validatorsOf(procedure: Procedure): ProcedureValidators {
    let validators = this.#validators.get(procedure.name);
    if (validators === undefined) {
      validators = {
        strict: compileCall(procedure, {
          mode: "strict",
          ...defined({ warn: this.#options.warn }),
        }),
        lax: compileCall(procedure, { mode: "lax" }),
        untypedValues: compileUntypedValues(procedure.result),
      };
      this.#validators.set(procedure.name, validators);
    }
    return validators;
  }
}

function problemOf({ message, data }: { message: string; data: object }): string {
  const { field, message: detail } = data as { field?: string; message?: string };
  return field === undefined ? message : `${field === "" ? "$" : field}: ${detail ?? message}`;
}
