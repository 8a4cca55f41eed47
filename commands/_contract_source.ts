import { ExitCode, ToolError } from "../lib/errors.ts";
import type { Contract, Procedure } from "../lib/contract/mod.ts";
import { closest } from "../lib/cli/mod.ts";

/** The procedure of that name. @throws ToolError exit code 1, with the names that are closest */
export function findProcedure(contract: Contract, name: string, where: string): Procedure {
  const procedure = contract.procedures.get(name);
  if (procedure !== undefined) return procedure;
  const names = [...contract.procedures.keys()];
  const close = closest(name, names);
  throw new ToolError({
    code: "PROCEDURE_UNKNOWN",
    message: `No such procedure: "${name}"`,
    where,
    fix: close.length > 0
      ? `Did you mean ${close.map((each) => `"${each}"`).join(" or ")}?`
      : names.length === 0
      ? "The contract has no procedures"
      : `There are ${names.length}: ${names.slice(0, 8).join(", ")}${
        names.length > 8 ? ", …" : ""
      }`,
    exitCode: ExitCode.No,
  });
}
