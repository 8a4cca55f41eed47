import { run } from "../../scripts/project.ts";

/** The path of Node 22, which the frameworks need. npm downloads it once. */
export async function node22(): Promise<string> {
  const printed = await run("npx", ["-y", "-p", "node@22", "node", "-p", "process.execPath"]);
  return printed.stdout.trim();
}
