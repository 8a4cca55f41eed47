import { platform } from "node:os";
import { startCommand } from "../process/mod.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { fixNeedsTerminal } from "./errors.ts";

/** Options of {@link applyFixes}. */
export interface ApplyFixesOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks before each command; undefined to run all. */
  readonly confirm: ((command: string) => Promise<boolean>) | undefined;
  readonly onCommand: (command: string) => void;
  /** The command has ended; `output` is what it printed. */
  readonly onEnd: (isDone: boolean, output: string) => void;
}

/** The result of a fix. */
export interface AppliedFix {
  readonly command: string;
  readonly state: "done" | "failed" | "declined";
}

const LIMIT_MS = 600_000;

/** Runs the commands of diagnoses in the working folder, as if they were pasted there. They install packages; nothing is deleted. */
export async function applyFixes(
  findings: readonly Diagnosis[],
  { cwd, env, confirm, onCommand, onEnd }: ApplyFixesOptions,
): Promise<AppliedFix[]> {
  const commands = new Set(findings.flatMap(({ command }) => command ?? []));
  const applied: AppliedFix[] = [];
  for (const command of commands) {
    onCommand(command);
    if (confirm !== undefined && !await confirm(command)) {
      applied.push({ command, state: "declined" });
      continue;
    }
    const { code, output } = await runShell(command, { cwd, env });
    onEnd(code === 0, output);
    applied.push({ command, state: code === 0 ? "done" : "failed" });
    // The next command may depend on this one.
    if (code !== 0) break;
  }
  return applied;
}

/** @throws ToolError exit code 2 without a terminal, if `--yes` was not given */
export function checkFixFlags(
  { isInteractive, yes }: { readonly isInteractive: boolean; readonly yes: boolean },
): void {
  if (!isInteractive && !yes) throw fixNeedsTerminal();
}

async function runShell(
  command: string,
  { cwd, env }: Pick<ApplyFixesOptions, "cwd" | "env">,
): Promise<{ readonly code: number; readonly output: string }> {
  let output = "";
  const running = startCommand(shellLine(command), {
    cwd,
    env,
    onOutput: (text) => output += text,
  });
  const timer = setTimeout(() => running.signal("SIGKILL"), LIMIT_MS);
  try {
    return { code: await running.ended, output };
  } catch (error) {
    return { code: -1, output: `${output}${String(error)}` };
  } finally {
    clearTimeout(timer);
  }
}

/** The command for the system's shell: printed commands are for PowerShell on Windows, but `cmd.exe` starts faster. */
export function shellLine(command: string, system: string = platform()): string {
  if (system !== "win32") return command;
  // Semicolons between quotes belong to a path.
  return command.split(/; (?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((part) => part.replace(/^& (?=")/, "").replace(/^cd /, "cd /d "))
    .join(" && ");
}
