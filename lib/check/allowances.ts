import { findUpwards, PROJECT_FILE, readProjectFile } from "../project/mod.ts";
import { type Allowance, assertRule } from "../report/mod.ts";

/** Reads the accepted findings of `pyrpc.json`. @throws ToolError for an unknown rule */
export async function readAllowances(cwd: string): Promise<readonly Allowance[]> {
  const path = await findUpwards(cwd, PROJECT_FILE);
  if (path === undefined) return [];
  const { allow } = await readProjectFile(path);
  // A misspelt rule would accept nothing, without a warning.
  for (const { rule } of allow) assertRule(rule);
  return allow;
}
