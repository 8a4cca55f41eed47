import { relative } from "node:path";
import type { Finding } from "../report/mod.ts";

/** The result of one check. */
export interface CheckPart {
  readonly name: "contract" | "types" | "snapshot" | "changes" | "deployed";
  /** The checked object, or the reason why the check was skipped. */
  readonly about: string;
  readonly skipped?: boolean;
  readonly findings: readonly Finding[];
}

/** A check that has nothing to check. */
export function skippedPart(name: CheckPart["name"], about: string): CheckPart {
  return { name, about, skipped: true, findings: [] };
}

/** Formats a path relative to the working directory, with `/`. */
export function shownPath(cwd: string, path: string): string {
  return relative(cwd, path).replaceAll("\\", "/") || path;
}
