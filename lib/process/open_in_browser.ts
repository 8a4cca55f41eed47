import { platform } from "node:os";
import { runProgram } from "./run_program.ts";

/**
 * Opens a URL in the user's browser: the program of `BROWSER`, else the system's.
 *
 * @returns false if no program could be started, for example without a desktop
 */
export async function openInBrowser(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const [command = "", ...args] = openCommand(env, platform());
  const { code } = await runProgram(command, [...args, url], { env });
  return code === 0;
}

function openCommand(
  { BROWSER: browser = "" }: Readonly<Record<string, string | undefined>>,
  system: NodeJS.Platform,
): readonly string[] {
  if (browser !== "") return [browser];
  if (system === "darwin") return ["open"];
  // Not `start`: a shell would interpret the `&` of a URL.
  if (system === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  return ["xdg-open"];
}
