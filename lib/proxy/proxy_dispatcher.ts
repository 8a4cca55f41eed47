import type { Contract, Procedure } from "../contract/mod.ts";
import { type Dispatcher, type Outcome, procedureFailed, type RpcCall } from "../rpc/mod.ts";
import { type CallValidator, compileCall, pythonRepr } from "../validate/mod.ts";
import { compileOpenKinds, type OpenKind } from "./untyped_values.ts";
import type { Upstream, UpstreamAnswer } from "./upstream.ts";

/** How a real server breaks its own contract. */
export interface ProxyViolation {
  readonly procedure: string;
  readonly kind:
    /** A result that the contract forbids. */
    | "result"
    /** Arguments that the contract forbids, taken all the same. */
    | "accepted"
    /** Arguments that the contract allows, refused. */
    | "refused"
    /** No answer of a pyRPC server at all. */
    | "broken"
    /** A procedure that the contract does not have. */
    | "unknown";
  readonly message: string;
}

/** A call that passed, for recording. */
export interface PassedCall {
  readonly procedure: Procedure;
  /** By name. */
  readonly arguments: ReadonlyMap<string, unknown>;
  readonly outcome: Outcome;
}

/** Options of {@link createProxyDispatcher}. */
export interface ProxyOptions {
  readonly contract: Contract;
  readonly upstream: Upstream;
  readonly onViolation?: (violation: ProxyViolation) => void;
  /** Told of results with a place that the contract leaves open. */
  readonly onOpenKind?: (procedure: string, kind: OpenKind) => void;
  /** Told of calls whose arguments and outcome the contract allows. */
  readonly onPassed?: (passed: PassedCall) => void;
  readonly warn?: (message: string) => void;
}

interface Validators {
  readonly strict: CallValidator;
  readonly lax: CallValidator;
  readonly openKinds: (value: unknown) => readonly OpenKind[];
}

/**
 * Hands every call to a real server and its answer back as it is, and holds both against the contract. What the client
 * does wrong and the server refuses is no violation: both keep to the contract.
 */
export function createProxyDispatcher(options: ProxyOptions): Dispatcher {
  const { contract, upstream } = options;
  const validators = new Map<string, Validators>();
  const validatorOf = (procedure: Procedure) => {
    let known = validators.get(procedure.name);
    if (known === undefined) {
      const more = options.warn === undefined ? {} : { warn: options.warn };
      known = {
        strict: compileCall(procedure, { mode: "strict", ...more }),
        lax: compileCall(procedure, { mode: "lax" }),
        openKinds: compileOpenKinds(procedure.result),
      };
      validators.set(procedure.name, known);
    }
    return known;
  };
  const tell = (violation: ProxyViolation) => options.onViolation?.(violation);

  const validate = (
    procedure: Procedure,
    call: RpcCall,
    answer: UpstreamAnswer,
  ) => {
    const { outcome, broken } = answer;
    const { strict, lax, openKinds } = validatorOf(procedure);
    const { name } = procedure;
    if (broken !== undefined) return tell({ procedure: name, kind: "broken", message: broken });
    const args = strict.checkCall(call.params);
    if (!outcome.ok) {
      const { code, message } = outcome.fault;
      if (code === -32602 && args.ok) tell({ procedure: name, kind: "refused", message });
      else if (code === -32603 && /^Internal Error: Return type/.test(message)) {
        tell({ procedure: name, kind: "result", message });
      } else if (args.ok) {
        options.onPassed?.({ procedure, arguments: args.arguments, outcome });
      }
      return;
    }
    // Pydantic coerces: only what it should not take either is taken against the contract.
    const coerced = args.ok ? args : lax.checkCall(call.params);
    if (!coerced.ok) {
      tell({ procedure: name, kind: "accepted", message: problemOf(coerced.error) });
    }
    const result = strict.checkResult(outcome.value);
    if (!result.ok) tell({ procedure: name, kind: "result", message: problemOf(result.error) });
    for (const kind of openKinds(outcome.value)) options.onOpenKind?.(name, kind);
    if (args.ok && result.ok) {
      options.onPassed?.({ procedure, arguments: args.arguments, outcome });
    }
  };

  const reportUnknown = ({ method }: RpcCall, { broken, outcome }: UpstreamAnswer) => {
    if (broken !== undefined) {
      tell({ procedure: method, kind: "broken", message: broken });
    } else if (outcome.ok) {
      const message = `${pythonRepr(method)} is not in the contract but answered`;
      tell({ procedure: method, kind: "unknown", message });
    }
  };

  return {
    has: () => true,
    async dispatch(call, context) {
      const answer = await upstream.ask(call, context);
      const procedure = contract.procedures.get(call.method);
      try {
        if (procedure === undefined) reportUnknown(call, answer);
        else validate(procedure, call, answer);
      } catch (error) {
        return procedureFailed(error);
      }
      return answer.outcome;
    },
  };
}

function problemOf({ message, data }: { message: string; data: object }): string {
  const { field, message: detail } = data as { field?: string; message?: string };
  return field === undefined ? message : `${field === "" ? "$" : field}: ${detail ?? message}`;
}
