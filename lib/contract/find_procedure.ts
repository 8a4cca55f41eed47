import type { Contract, Procedure } from "./contract.ts";
import { unknownProcedure } from "./errors.ts";

/** The procedure with a name. @throws ToolError exit code 1, with the closest names */
export function findProcedure({ procedures }: Contract, name: string, where: string): Procedure {
  const procedure = procedures.get(name);
  if (procedure === undefined) throw unknownProcedure(name, [...procedures.keys()], where);
  return procedure;
}
