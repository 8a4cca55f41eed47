import type { Contract, Procedure } from "../contract/mod.ts";
import type { CallContext, Dispatcher, Outcome, RpcCall } from "../rpc/mod.ts";
import { type CallValidator, compileCall } from "../validate/mod.ts";
import type { PassedCall } from "./proxy_dispatcher.ts";

/** Reports the calls of a dispatcher whose arguments the contract allows, with the outcomes of their procedures. */
export function recordingDispatcher(
  dispatcher: Dispatcher,
  contract: Contract,
  onPassed: (passed: PassedCall) => void,
): Dispatcher {
  const validators = new Map<Procedure, CallValidator>();
  const validatorOf = (procedure: Procedure) => {
    const validator = validators.get(procedure) ?? compileCall(procedure, { mode: "lax" });
    validators.set(procedure, validator);
    return validator;
  };
  const report = (call: RpcCall, outcome: Outcome) => {
    const procedure = contract.procedures.get(call.method);
    // Only arguments that the mock accepted get here, so lax mode finds those that it received in either mode.
    if (procedure === undefined || (!outcome.ok && outcome.fault.kind !== "procedure")) return;
    const checked = validatorOf(procedure).checkCall(call.params);
    if (checked.ok) onPassed({ procedure, arguments: checked.arguments, outcome });
  };
  return {
    has: (method) => dispatcher.has(method),
    async dispatch(call: RpcCall, context: CallContext) {
      const outcome = await dispatcher.dispatch(call, context);
      report(call, outcome);
      return outcome;
    },
  };
}
