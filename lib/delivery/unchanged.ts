import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { dirname, join, relative } from "node:path";
import { applyPlan } from "./apply_plan.ts";
import type { PackageLayout } from "./choose_layout.ts";
import { planFiles } from "./file_plan.ts";

/** What is remembered of types that were up to date, so that the next look at the same contract need not generate them. */
export interface Unchanged {
  /** Of everything that decides the text: the program, its options, the contract. */
  readonly key: string;
  /** Of the text itself: a file that somebody edited is no longer what was remembered. */
  readonly text: string;
  readonly hash: string;
  readonly procedures: readonly string[];
  readonly types: readonly string[];
}

/** A digest of texts. */
export function digestOf(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}\n`).update(part);
  return hash.digest("hex");
}

/**
 * What was remembered for a package, and the types that are there; undefined unless both are just as they were. A memory
 * that is broken or foreign is none.
 */
export function recallUnchanged(
  layout: PackageLayout,
  key: string,
): { remembered: Unchanged; text: string } | undefined {
  try {
    const remembered = JSON.parse(fs.readFileSync(memoryOf(layout), "utf8")) as Unchanged;
    if (remembered.key !== key || layout.replacesLink) return undefined;
    const text = fs.readFileSync(layout.types, "utf8");
    return digestOf(text) === remembered.text ? { remembered, text } : undefined;
  } catch {
    return undefined;
  }
}

/** Remembers types in `node_modules/.cache`, where tools keep what may be lost. Failing to is no failure. */
export function rememberUnchanged(layout: PackageLayout, unchanged: Unchanged): void {
  if (layout.client === undefined) return;
  try {
    const path = relative(layout.root, memoryOf(layout));
    applyPlan(planFiles(layout.root, [{ path, content: `${JSON.stringify(unchanged)}\n` }]));
  } catch {
    return;
  }
}

function memoryOf(layout: PackageLayout): string {
  const modules = join(layout.root, "node_modules");
  const place = digestOf(relative(modules, dirname(layout.types))).slice(0, 16);
  return join(modules, ".cache", "pyrpc", `${place}.json`);
}
