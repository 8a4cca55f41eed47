import type { McpSession } from "../session.ts";
import type { Tool } from "../tool.ts";
import { callProcedure } from "./call_procedure.ts";
import { checkCall } from "./check_call.ts";
import { checkProject } from "./check_project.ts";
import { describeProcedure } from "./describe_procedure.ts";
import { diffContract } from "./diff_contract.ts";
import { doctor } from "./doctor.ts";
import { generateTypesTool } from "./generate_types.ts";
import { listProcedures } from "./list_procedures.ts";
import { sampleResult } from "./sample_result.ts";

/** The tools of a session, by name. */
export function toolsOf(
  { allowedCalls }: Pick<McpSession, "allowedCalls">,
): ReadonlyMap<string, Tool> {
  const tools = [
    listProcedures,
    describeProcedure,
    checkCall,
    sampleResult,
    diffContract,
    checkProject,
    doctor,
    generateTypesTool,
    ...(allowedCalls === "all" || allowedCalls.length > 0 ? [callProcedure] : []),
  ];
  return new Map(tools.map((tool) => [tool.name, tool]));
}
