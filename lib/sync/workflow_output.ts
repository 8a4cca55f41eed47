import { appendFile } from "node:fs/promises";
import { workflowOutputFailed } from "./errors.ts";

/** Sets outputs of a step of a GitHub workflow, of which later steps read `changed`; nothing elsewhere. @throws ToolError */
export async function setWorkflowOutputs(
  env: Readonly<Record<string, string | undefined>>,
  outputs: Readonly<Record<string, string | boolean>>,
): Promise<void> {
  const path = env["GITHUB_OUTPUT"];
  if (!path) return;
  // A line break would set another output.
  const lines = Object.entries(outputs).map(([name, value]) =>
    `${name}=${String(value).replace(/[\r\n]+/g, " ")}\n`
  );
  try {
    await appendFile(path, lines.join(""));
  } catch (error) {
    throw workflowOutputFailed(path, (error as Error).message);
  }
}
