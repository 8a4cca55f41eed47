import { platform } from "node:os";
import { dirname } from "node:path";
import { runProgram } from "../process/mod.ts";
import { findUpwards, PROJECT_FILE } from "../project/mod.ts";
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

/** Runs the commands of diagnoses in the folder of the project. They install packages; nothing is deleted. */
export async function applyFixes(
  findings: readonly Diagnosis[],
  { cwd, env, confirm, onCommand, onEnd }: ApplyFixesOptions,
): Promise<AppliedFix[]> {
  const path = await findUpwards(cwd, PROJECT_FILE);
  const folder = path === undefined ? cwd : dirname(path);
  const commands = new Set(findings.flatMap(({ command }) => command ?? []));
  const applied: AppliedFix[] = [];
  for (const command of commands) {
    onCommand(command);
    if (confirm !== undefined && !await confirm(command)) {
      applied.push({ command, state: "declined" });
      continue;
    }
    const { code, stdout, stderr } = await runShell(command, { cwd: folder, env });
    onEnd(code === 0, `${stdout}${stderr}`);
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

function runShell(
  command: string,
  { cwd, env }: Pick<ApplyFixesOptions, "cwd" | "env">,
) {
  const options = { cwd, env, limitMs: LIMIT_MS };
  return platform() === "win32"
    ? runProgram("cmd.exe", ["/d", "/s", "/c", command], options)
    : runProgram("/bin/sh", ["-c", command], options);
}
