import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { CLIENT_FILE, clientText, isClientText } from "../client/mod.ts";
import {
  compareDeclarations,
  type Declarations,
  declarationText,
  type GeneratedChanges,
  type GeneratedTypes,
  readGeneratedFile,
} from "../codegen/mod.ts";
import { applyPlan } from "./apply_plan.ts";
import { checkPlan, type FileChange, isUpToDate } from "./check_plan.ts";
import { chooseLayout, type ChosenLayout } from "./choose_layout.ts";
import { readManifest, readText } from "./client_project.ts";
import { clientGone, overwritesSource } from "./errors.ts";
import type { FilePlan } from "./file_plan.ts";
import { type Freshness, freshnessOf } from "./freshness.ts";
import { type ClientFile, planLayout } from "./plan_layout.ts";
import type { Target } from "./targets.ts";

/** `write` writes the files; `check` and `dry-run` only compare them. */
export type DeliveryMode = "write" | "check" | "dry-run";

/** The files of a delivery; nothing is written yet. */
export interface PlannedDelivery {
  readonly chosen: ChosenLayout;
  readonly generated: GeneratedTypes;
  readonly plan: FilePlan;
}

/** Options of {@link planDelivery}. */
export interface PlanOptions {
  /** Whether the client is written beside the types. One that is there is kept up to date anyway. @default {false} */
  readonly withClient?: boolean | undefined;
  /** Further files of a package, by their path in it. */
  readonly extras?: ReadonlyMap<string, string> | undefined;
  /** Absolute path of the schema, which must not be overwritten. */
  readonly schemaFile?: string | undefined;
}

/** The state of a target, and the files that make it. */
export interface TargetState {
  readonly chosen: ChosenLayout;
  readonly freshness: Freshness;
  /** The first one holds the types. Empty where the contract is not known. */
  readonly files: readonly FileChange[];
}

/** The result of a delivery. */
export interface Delivered extends TargetState {
  readonly generated: GeneratedTypes;
  readonly mode: DeliveryMode;
  /** Whether all files were up to date before. */
  readonly upToDate: boolean;
}

/** Finds the files of a target. @throws ToolError where the target is unclear or impossible */
export function resolveTarget(target: Target): ChosenLayout {
  if (target.isClient && !isFolder(target.start)) throw clientGone(target.start);
  return chooseLayout(target);
}

/** Plans the files of a delivery. @throws ToolError where a file cannot be planned */
export function planDelivery(
  chosen: ChosenLayout,
  generated: GeneratedTypes,
  { withClient = false, extras, schemaFile }: PlanOptions = {},
): PlannedDelivery {
  const isDeclaration = /\.d\.[cm]?ts$/.test(chosen.types);
  const plan = planLayout(chosen, {
    types: isDeclaration ? declarationText(generated.text) : generated.text,
    isCurrent: (present) => freshnessOf(present, generated) === "current",
    // A file that somebody named may hold something else; pyrpc owns the files of the other layouts.
    mayReplace: chosen.layout === "file"
      ? (present) => freshnessOf(present, generated) !== "foreign"
      : undefined,
    client: clientFile(chosen, withClient),
    extras,
  });
  if (schemaFile !== undefined) assertSchemaStays(schemaFile, plan);
  return { chosen, generated, plan };
}

/**
 * Writes a planned delivery, or compares it with the disk.
 *
 * @throws ToolError where a file cannot be written
 */
export function deliver(planned: PlannedDelivery, mode: DeliveryMode): Delivered {
  const { plan, generated } = planned;
  const files = mode === "write" ? applyPlan(plan) : checkPlan(plan);
  return { ...stateOf(planned, files), generated, mode, upToDate: isUpToDate(files) };
}

/**
 * The state of a target; writes nothing.
 *
 * @param generated undefined where the contract is not known
 * @throws ToolError where the target is unclear or impossible
 */
export function inspectTarget(target: Target, generated: GeneratedTypes | undefined): TargetState {
  const chosen = resolveTarget(target);
  if (generated === undefined) {
    const present = fs.existsSync(chosen.types) ? readText(chosen.types) : undefined;
    const freshness = freshnessOf(present, undefined);
    const isPackage = chosen.layout !== "package" ||
      readManifest(join(chosen.folder, "package.json")) !== undefined;
    return {
      chosen,
      freshness: freshness === "current" && !isPackage ? "stale" : freshness,
      files: [],
    };
  }
  const planned = planDelivery(chosen, generated);
  const files = planned.plan.files.map((file) => ({ ...file, mayReplace: undefined }));
  return stateOf(planned, checkPlan({ ...planned.plan, files }));
}

// Reading a larger file back takes longer than everything else, and nobody reads that many changes.
const MAX_COMPARED = 32 * 2 ** 20;

const NONE = { added: [], changed: [], removed: [] };

/** No difference. */
export const NO_CHANGES: GeneratedChanges = { procedures: NONE, types: NONE };

/** The difference between the types on disk and those of a contract. */
export interface TypesChanges {
  readonly changes: GeneratedChanges;
  /** The declarations on disk, where they were read. */
  readonly before: Declarations | undefined;
}

/** Compares the types that a delivery found on disk with those of the contract. */
export function changesOf(
  { files: [types] }: Pick<TargetState, "files">,
  generated: GeneratedTypes,
): TypesChanges {
  // A formatter's or linter's hand is no change of the contract.
  if (types === undefined || types.state === "same" || types.state === "formatted") {
    return { changes: NO_CHANGES, before: undefined };
  }
  if (types.before !== undefined) return changesFrom(types.before, generated);
  const procedures = generated.procedures.map(({ name }) => name);
  const changes = {
    procedures: { ...NONE, added: procedures },
    types: { ...NONE, added: generated.types },
  };
  return { changes, before: undefined };
}

/** Compares the text of a file with the types of a contract. */
export function changesFrom(text: string, { declarations }: GeneratedTypes): TypesChanges {
  if (text.length > MAX_COMPARED) {
    return { changes: NO_CHANGES, before: undefined };
  }
  const before = readGeneratedFile(text).declarations;
  return { changes: compareDeclarations(before, declarations), before };
}

function stateOf({ chosen, generated }: PlannedDelivery, files: FileChange[]): TargetState {
  const [types] = files;
  const isCurrent = types?.state === "same" || types?.state === "formatted";
  const own = isCurrent ? "current" : freshnessOf(types?.before, generated);
  // Types that cannot be imported (no alias, no package.json) are not delivered.
  return { chosen, freshness: own === "current" && !isUpToDate(files) ? "stale" : own, files };
}

function clientFile(chosen: ChosenLayout, isWanted: boolean): ClientFile | undefined {
  if (!isWanted && !isClientText(readText(join(dirname(chosen.types), CLIENT_FILE)))) {
    return undefined;
  }
  return { file: CLIENT_FILE, text: clientText(), isCurrent: isClientText };
}

// `codegen types.ts --out types.ts` must not cost the schema.
function assertSchemaStays(schema: string, plan: FilePlan): void {
  const source = realPath(schema);
  for (const { path } of plan.files) {
    const target = join(plan.root, path);
    const real = join(realPath(dirname(target)), basename(target));
    if (real === source || real === schema) throw overwritesSource(schema);
  }
}

function realPath(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    // Not there yet, so nothing can be overwritten.
    return path;
  }
}

function isFolder(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
