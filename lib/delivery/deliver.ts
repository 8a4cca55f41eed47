import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  CLIENT_FILE,
  CLIENT_MODULE_FILE,
  clientModuleText,
  clientText,
  isClientText,
} from "../client/mod.ts";
import {
  declarationText,
  type GeneratedTypes,
  isDeclarationMap,
  moduleText,
} from "../codegen/mod.ts";
import { applyPlan } from "./apply_plan.ts";
import { checkPlan, type FileChange, isUpToDate } from "./check_plan.ts";
import { chooseLayout, type ChosenLayout } from "./choose_layout.ts";
import { readText } from "./client_project.ts";
import { clientGone, otherBackend, overwritesSource } from "./errors.ts";
import { type FilePlan, planFile } from "./file_plan.ts";
import { type Freshness, freshnessOf } from "./freshness.ts";
import { isOtherBackend, mergeOrigins, readOrigin, type TypesOrigin } from "./origin.ts";
import type { PackageDocuments } from "./package_documents.ts";
import { type ClientFile, DECLARATION_FILE, planLayout } from "./plan_layout.ts";
import { type BackendSources, isDeclarationFile, sourceMapOf } from "./source_map.ts";
import { removeQuietly } from "../remove_quietly.ts";
import type { Target } from "./targets.ts";

/** `write` writes the files; `check` and `dry-run` only compare them. */
export type DeliveryMode = "write" | "check" | "dry-run";

/** The files of a delivery; nothing is written yet. */
export interface PlannedDelivery {
  readonly chosen: ChosenLayout;
  readonly generated: GeneratedTypes;
  readonly plan: FilePlan;
  /** The declaration map, which no comparison considers. */
  readonly map: FilePlan | undefined;
}

/** Options of {@link planDelivery}. */
export interface PlanOptions {
  /** Write the client beside the types. An existing one is kept up to date anyway. @default {false} */
  readonly withClient?: boolean | undefined;
  /** Further files of a package, by their path in it. */
  readonly extras?: ReadonlyMap<string, string> | undefined;
  /** The documents of a package that is published. */
  readonly documents?: PackageDocuments | undefined;
  /** Absolute path of the schema, which must not be overwritten. */
  readonly schemaFile?: string | undefined;
  /** The backend of the types. */
  readonly origin?: TypesOrigin | undefined;
  /** Record the backend beside the types; a package that is published must not reveal it. @default {true} */
  readonly recordsOrigin?: boolean | undefined;
  /** Replace the types of another backend. @default {false} */
  readonly force?: boolean | undefined;
  /** Write a declaration map into this source, if the layout can have one. */
  readonly sources?: BackendSources | undefined;
}

/** The state of a target, and the files that make it. */
export interface TargetState {
  readonly chosen: ChosenLayout;
  readonly freshness: Freshness;
  /** The first one holds the types. Empty where the contract is not known. */
  readonly files: readonly FileChange[];
}

/** A file of a declaration map: written as planned, or removed. */
export type MapChange = FileChange | { readonly path: string; readonly state: "remove" };

/** The result of a delivery. */
export interface Delivered extends TargetState {
  readonly generated: GeneratedTypes;
  readonly mode: DeliveryMode;
  /** The declaration map that is written or removed, if any. It does not affect the state of the target. */
  readonly mapFiles: readonly MapChange[];
  /** True if all files were up to date before. */
  readonly upToDate: boolean;
}

/**
 * Finds the files of a target.
 *
 * @param generated the types that will be written there, if they are known
 * @throws ToolError where the target is unclear or impossible
 */
export function resolveTarget(target: Target, generated?: GeneratedTypes): ChosenLayout {
  if (target.isClient && !isFolder(target.start)) throw clientGone(target.start);
  const { origin } = target;
  if (origin === undefined || generated === undefined) return chooseLayout(target);
  return chooseLayout({ ...target, backend: { origin, procedures: namesOf(generated) } });
}

/** Plans the files of a delivery. @throws ToolError where a file cannot be planned */
export function planDelivery(
  chosen: ChosenLayout,
  generated: GeneratedTypes,
  {
    withClient = false,
    extras,
    documents,
    schemaFile,
    origin,
    recordsOrigin = true,
    force = false,
    sources,
  }: PlanOptions = {},
): PlannedDelivery {
  if (!force && isOtherBackend(chosen, origin, namesOf(generated))) {
    throw otherBackend(chosen.types, readOrigin(chosen));
  }
  const declarations = declarationFileOf(chosen);
  const text = declarations === undefined ? generated.text : declarationText(generated.text);
  const map = sources === undefined || declarations === undefined
    ? undefined
    : sourceMapOf(declarations, text, generated, sources);
  const plan = planLayout(chosen, {
    types: declarations === chosen.types ? text : generated.text,
    declarations: declarations !== chosen.types && declarations !== undefined ? text : undefined,
    values: chosen.layout !== "package" ? undefined : {
      esm: moduleText(generated.text, "esm"),
      cjs: moduleText(generated.text, "cjs"),
    },
    isCurrent: (present) => freshnessOf(present, generated) === "current",
    // A file that the user named may have other content; pyrpc owns the files of the other layouts.
    mayReplace: chosen.layout === "file"
      ? (present) => freshnessOf(present, generated) !== "foreign"
      : undefined,
    client: clientFile(chosen, withClient),
    extras: documents === undefined ? extras : new Map([...documents.files, ...extras ?? []]),
    license: documents?.license,
    origin: recordsOrigin
      ? mergeOrigins(force ? undefined : readOrigin(chosen), origin)
      : undefined,
  });
  if (schemaFile !== undefined) assertSchemaStays(schemaFile, plan);
  return {
    chosen,
    generated,
    plan,
    map: map === undefined || declarations === undefined
      ? undefined
      : planFile(`${declarations}.map`, map),
  };
}

/**
 * Writes a planned delivery, or compares it with the disk.
 *
 * @throws ToolError where a file cannot be written
 */
export function deliver(planned: PlannedDelivery, mode: DeliveryMode): Delivered {
  const { plan, generated } = planned;
  const files = mode === "write" ? applyPlan(plan) : checkPlan(plan);
  const mapFiles = mode === "check" ? [] : deliverMap(planned, mode);
  return { ...stateOf(planned, files), generated, mode, mapFiles, upToDate: isUpToDate(files) };
}

/** The note for a layout that cannot have a declaration map. */
export const MAP_NEEDS_LAYOUT =
  'Go to definition cannot open Python from this layout; the package layout and "FILE.d.ts" can (--no-source-map hides this)';

/** Returns true if a layout can have a declaration map. */
export function canHaveMap(chosen: ChosenLayout): boolean {
  return declarationFileOf(chosen) !== undefined;
}

// The file that has the types of a declaration map.
function declarationFileOf({ layout, types }: ChosenLayout): string | undefined {
  if (isDeclarationFile(types)) return types;
  return layout === "package" ? join(dirname(types), DECLARATION_FILE) : undefined;
}

// Language servers also find a map by its name: an old one would lead to wrong lines.
function deliverMap({ chosen, map }: PlannedDelivery, mode: DeliveryMode): readonly MapChange[] {
  if (map !== undefined) return mode === "write" ? applyPlan(map) : checkPlan(map);
  const declarations = declarationFileOf(chosen);
  const path = `${declarations}.map`;
  if (declarations === undefined || !isDeclarationMap(readText(path))) return [];
  if (mode === "write") removeQuietly(path);
  return [{ path, state: "remove" }];
}

/** The state of a target whose files were located. */
export function stateOf(
  { chosen, generated }: PlannedDelivery,
  files: readonly FileChange[],
): TargetState {
  const [types] = files;
  const isCurrent = types?.state === "same" || types?.state === "formatted";
  const own = isCurrent ? "current" : freshnessOf(types?.before, generated);
  // Types that cannot be imported (no alias, no package.json) are not delivered.
  return { chosen, freshness: own === "current" && !isUpToDate(files) ? "stale" : own, files };
}

function namesOf({ procedures }: GeneratedTypes): string[] {
  return procedures.map(({ name }) => name);
}

function clientFile(chosen: ChosenLayout, isWanted: boolean): ClientFile | undefined {
  if (!isWanted && !isClientText(readText(join(dirname(chosen.types), CLIENT_FILE)))) {
    return undefined;
  }
  return {
    file: CLIENT_FILE,
    text: clientText(),
    module: { file: CLIENT_MODULE_FILE, text: clientModuleText() },
    isCurrent: isClientText,
  };
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
