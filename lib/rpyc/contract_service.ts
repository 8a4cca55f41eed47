/** Services of a contract's procedures. A dispatcher validates their arguments and results. */
import type { Contract, Procedure } from "../contract/mod.ts";
import type {
  CallContext as ServerCallContext,
  Dispatcher,
  Outcome,
  RpcFault,
  WireValue,
} from "../rpc/mod.ts";
import { bindArguments } from "./bind_arguments.ts";
import type { BrineValue } from "./brine.ts";
import { markCallable, type PythonCallable } from "./objects/callable.ts";
import { withPlainArguments } from "./procedure.ts";
import { procedureService } from "./procedure_service.ts";
import { attributeError, PythonError } from "./python_errors.ts";
import { DEFAULT_CLASS, type ServiceNames, type ServiceSource } from "./service.ts";
import { Hinted, type TypeHint, typeHintOf } from "./type_hint.ts";
import { toBrine } from "./values.ts";

/** Returns a service of a contract's procedures. */
export function contractService(
  contract: Contract,
  dispatcher: Dispatcher,
  names: ServiceNames = {},
): ServiceSource {
  const className = names.className ?? DEFAULT_CLASS;
  const hints = new Map<string, TypeHint | undefined>();
  const hintOf = (procedure: Procedure) => {
    if (!hints.has(procedure.name)) hints.set(procedure.name, typeHintOf(procedure.result));
    return hints.get(procedure.name);
  };
  return (connection) => {
    const context: ServerCallContext = {
      transport: "rpyc",
      remote: connection.peer ?? "",
      identity: connection.credentials,
    };
    const procedures = new Map<string, PythonCallable>();
    for (const procedure of contract.procedures.values()) {
      const dispatch = (params: Readonly<Record<string, WireValue>>) =>
        dispatcher.dispatch({ method: procedure.name, params }, context);
      procedures.set(
        procedure.name,
        procedureCallable(procedure, { className, dispatch, hint: () => hintOf(procedure) }),
      );
    }
    return procedureService(className, procedures, names);
  };
}

interface ProcedureCallableInit {
  readonly className: string;
  readonly dispatch: (params: Readonly<Record<string, WireValue>>) => Outcome | Promise<Outcome>;
  readonly hint: () => TypeHint | undefined;
}

function procedureCallable(
  procedure: Procedure,
  { className, dispatch, hint }: ProcedureCallableInit,
): PythonCallable {
  const { parameters } = procedure;
  const name = `${className}.exposed_${procedure.name}`;
  const resultOf = (outcome: Outcome) => new Hinted(valueOf(outcome, procedure.name), hint());
  return markCallable({
    name,
    kind: "method",
    doc: procedure.doc === "" ? undefined : procedure.doc,
    call(args, keywords, session) {
      const bound = bindArguments(args, keywords, { name, parameters });
      return withPlainArguments(bound, session, (plain) => {
        const params: Record<string, WireValue> = {};
        parameters.forEach(({ name }, index) => {
          if (plain[index] !== undefined) params[name] = plain[index] as WireValue;
        });
        const outcome = dispatch(params);
        return outcome instanceof Promise ? outcome.then(resultOf) : resultOf(outcome);
      });
    },
  });
}

function valueOf(outcome: Outcome, name: string): WireValue {
  if (outcome.ok) return outcome.value;
  throw faultError(outcome.fault, name);
}

/** Returns a dispatcher's failure as the exception that a Python caller expects. */
export function faultError(fault: RpcFault, name: string): Error {
  const attributes: (readonly [string, BrineValue])[] = [];
  if (fault.code !== undefined) attributes.push(["code", BigInt(fault.code)]);
  if (fault.data !== undefined) {
    attributes.push(["data", toBrine(fault.data) ?? JSON.stringify(fault.data)]);
  }
  switch (fault.kind) {
    case "method-not-found":
      return attributeError(`cannot access '${name}'`);
    case "invalid-params":
      return new PythonError("TypeError", fault.message, { attributes });
    case "parse":
    case "invalid-request":
    case "validation":
      return new PythonError("ValueError", validationMessage(fault), { attributes });
    case "procedure": {
      const error = new Error(fault.message);
      error.name = fault.exception ?? "Exception";
      if (fault.exception === "Error") error.name = "Exception";
      if (fault.stack !== undefined) error.stack = fault.stack;
      return Object.assign(error, Object.fromEntries(attributes));
    }
    case "result":
    case "internal":
      return new PythonError("RuntimeError", fault.message, { attributes });
  }
}

function validationMessage({ message, data }: RpcFault): string {
  if (
    typeof data !== "object" || data === null || Array.isArray(data) || data instanceof Uint8Array
  ) return message;
  const { field, message: detail } = data as Readonly<Record<string, WireValue>>;
  return typeof field === "string" && typeof detail === "string" ? `${field}: ${detail}` : message;
}
