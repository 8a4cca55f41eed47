import { platform } from "node:os";

/**
 * The environment of a command whose output is read through a pipe. On Windows Python would write there in the system's code
 * page, and fail for characters that it lacks.
 */
export function pipedEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  system: string = platform(),
): Record<string, string> {
  const result = childEnvironment(env);
  if (system === "win32" && !("PYTHONUTF8" in result)) {
    result["PYTHONIOENCODING"] ??= "utf-8";
  }
  return result;
}

/** The environment of a child process, without two variables that change what a Bun executable runs. */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && name !== "BUN_OPTIONS" && name !== "BUN_BE_BUN") {
      result[name] = value;
    }
  }
  return result;
}
