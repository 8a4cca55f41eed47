import type { Contract, Procedure } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import { type CallValidator, compileCall } from "../validate/mod.ts";
import type { CallContext, Dispatcher, Outcome, RpcCall, RpcFault, WireValue } from "./call.ts";
import { failed, methodNotFound, procedureFailed } from "./call.ts";
import { callFault } from "./described_method.ts";

/** A call whose arguments are valid. */
export interface CheckedRpcCall {
  readonly procedure: Procedure;
  /** By name, in the order of the parameters, without omitted ones. */
  readonly arguments: ReadonlyMap<string, unknown>;
  /** Arguments as received. */
  readonly params: RpcCall["params"];
  readonly context: CallContext;
}

/**
 * One way to answer calls, such as handlers, examples or sample values. `undefined` leaves the call to the next resolver.
 * May throw: the exception is the procedure's error.
 */
export interface Resolver {
  readonly name: string;
  answer(call: CheckedRpcCall): Outcome | Promise<Outcome> | undefined;
  /** Results match the schema by construction and are not checked. @default {false} */
  readonly isTrusted?: boolean;
  /** Reports whether this resolver may answer the procedure. */
  covers(procedure: Procedure): boolean;
}

/** A result of a resolver that does not match the contract. */
export interface ResultViolation {
  readonly procedure: Procedure;
  readonly resolver: string;
  /** Location, message and type of Pydantic's first error. */
  readonly data: WireValue;
}

/** Options of {@link ContractDispatcher}. */
export interface ContractDispatcherOptions {
  readonly contract: Contract;
  /** Asked in this order. */
  readonly resolvers: readonly Resolver[];
  /** Coerce arguments as Pydantic does. @default {false} */
  readonly lax?: boolean;
  /** Receives results that do not match. The caller receives an error, as from pyRPC. */
  readonly onViolation?: (violation: ResultViolation) => void;
  /** Receives warnings about patterns that cannot be checked. */
  readonly warn?: (message: string) => void;
}

interface Entry {
  readonly procedure: Procedure;
  validator: CallValidator | undefined;
}

/** Runs calls of a contract's procedures: validates arguments and results, and asks its resolvers for answers. */
export class ContractDispatcher implements Dispatcher {
  readonly contract: Contract;
  readonly #options: ContractDispatcherOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: ContractDispatcherOptions) {
    this.contract = options.contract;
    this.#options = options;
    for (const [name, procedure] of options.contract.procedures) {
      this.#entries.set(name, { procedure, validator: undefined });
    }
  }

  has(method: string): boolean {
    const entry = this.#entries.get(method);
    return entry !== undefined &&
      this.#options.resolvers.some((resolver) => resolver.covers(entry.procedure));
  }

  dispatch(call: RpcCall, context: CallContext): Outcome | Promise<Outcome> {
    const entry = this.#entries.get(call.method);
    if (entry === undefined) return methodNotFound(call.method);
    try {
      const validator = entry.validator ??= compileCall(entry.procedure, {
        mode: this.#options.lax === true ? "lax" : "strict",
        ...defined({ warn: this.#options.warn }),
      });
      const checked = validator.checkCall(call.params);
      if (!checked.ok) return failed(callFault(checked.error));
      return this.#answer(entry.procedure, validator, {
        procedure: entry.procedure,
        arguments: checked.arguments,
        params: call.params,
        context,
      });
    } catch (error) {
      return procedureFailed(error);
    }
  }

  #answer(
    procedure: Procedure,
    validator: CallValidator,
    call: CheckedRpcCall,
  ): Outcome | Promise<Outcome> {
    for (const resolver of this.#options.resolvers) {
      const outcome = resolver.answer(call);
      if (outcome === undefined) continue;
      if (resolver.isTrusted === true) return outcome;
      return outcome instanceof Promise
        ? outcome.then((outcome) => this.#check(procedure, validator, resolver, outcome))
          .catch(procedureFailed)
        : this.#check(procedure, validator, resolver, outcome);
    }
    return methodNotFound(procedure.name);
  }

  #check(
    procedure: Procedure,
    validator: CallValidator,
    resolver: Resolver,
    outcome: Outcome,
  ): Outcome {
    if (!outcome.ok) {
      // A resolver that validates its results itself has reported the same violation.
      if (outcome.fault.kind === "result") this.#report(procedure, resolver, outcome.fault);
      return outcome;
    }
    const checked = validator.checkResult(outcome.value);
    if (checked.ok) {
      const { text } = outcome;
      const value = checked.value as WireValue;
      return { ok: true, value, schema: procedure.result, ...defined({ text }) };
    }
    const fault = callFault(checked.error);
    this.#report(procedure, resolver, fault);
    return failed(fault);
  }

  #report(procedure: Procedure, resolver: Resolver, { message, data }: RpcFault): void {
    this.#options.onViolation?.({
      procedure,
      resolver: resolver.name,
      data: data ?? { message },
    });
  }
}
