import { defined } from "../defined.ts";
import type { Handler } from "../rpc/mod.ts";
import type { PythonCallable } from "./objects/callable.ts";
import { bindable, userCallable } from "./procedure.ts";
import { procedureService } from "./procedure_service.ts";
import { DEFAULT_CLASS, type ServiceNames, type ServiceSource } from "./service.ts";

/** Returns a service of the functions of a handlers module, by their names. */
export function functionService(
  handlers: ReadonlyMap<string, Handler>,
  names: ServiceNames = {},
): ServiceSource {
  const className = names.className ?? DEFAULT_CLASS;
  return (connection) => {
    const procedures = new Map<string, PythonCallable>();
    for (const { name, fn, options } of handlers.values()) {
      if (fn === undefined) continue;
      const parameters = options.names?.map((parameter, index) =>
        bindable(parameter, index >= fn.length)
      );
      procedures.set(
        name,
        userCallable({
          owner: className,
          name,
          // `this` of a plain function is the connection, with its credentials.
          self: options.self ?? connection,
          run: fn,
          ...defined({ parameters }),
        }),
      );
    }
    return procedureService(className, procedures, names);
  };
}
