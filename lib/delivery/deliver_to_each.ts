import { type GeneratedTypes, generateTypes, readGeneratedFile } from "../codegen/mod.ts";
import {
  ALL_PROCEDURES,
  type Contract,
  type Selection,
  selectProcedures,
} from "../contract/mod.ts";
import { ToolError } from "../errors.ts";
import { type ChosenLayout, importLine } from "./choose_layout.ts";
import { missingClient } from "./client_needs.ts";
import { TYPES_PACKAGE } from "./package_name.ts";
import { readText } from "./client_project.ts";
import { canHaveMap, deliver, MAP_NEEDS_LAYOUT, planDelivery, resolveTarget } from "./deliver.ts";
import { deliveryFailed } from "./errors.ts";
import type { BackendSources } from "./source_map.ts";
import type { Target } from "./targets.ts";

/** The result of a delivery to one of several clients. */
export interface ClientDelivery {
  /** The client's folder. */
  readonly root: string;
  /** The file with the types; undefined where no target was found. */
  readonly path: string | undefined;
  /** The import that finds the types. */
  readonly importLine: string | undefined;
  readonly state: "written" | "same" | "kept" | "failed";
  /** The previous text; undefined if the file did not exist. */
  readonly before: string | undefined;
  readonly error: ToolError | undefined;
  /** Notes about the target, each a sentence. */
  readonly notes: readonly string[];
}

/** The types of a contract, generated once for each selection of its procedures. */
export type TypesOf = (selection: Selection | undefined) => GeneratedTypes;

/** Makes a {@link TypesOf}. */
export function typesOf(contract: Contract): TypesOf {
  const made = new Map<string, GeneratedTypes>();
  return (selection = ALL_PROCEDURES) => {
    const key = JSON.stringify(selection);
    const types = made.get(key) ??
      generateTypes(selectProcedures(contract, selection, "the contract"));
    made.set(key, types);
    return types;
  };
}

const KEPT = { state: "kept", before: undefined, error: undefined, notes: [] } as const;

function hasAny(text: string, names: readonly string[]): boolean {
  const { procedures } = readGeneratedFile(text).declarations;
  return names.some((name) => procedures.has(name));
}

/** Writes types to each target. A target that fails does not keep the others from theirs. */
export function deliverToEach(
  targets: readonly Target[],
  types: TypesOf,
  { force = false, unknown = [], sources }: {
    readonly force?: boolean | undefined;
    /** Procedures without a description: files that have types of one are kept. */
    readonly unknown?: readonly string[];
    /** Write declaration maps into this source. */
    readonly sources?: BackendSources | undefined;
  } = {},
): ClientDelivery[] {
  return targets.map((target) => {
    const { start: root } = target;
    let chosen: ChosenLayout | undefined;
    try {
      const generated = types(target.selection);
      chosen = resolveTarget(target, generated);
      if (unknown.length > 0 && hasAny(readText(chosen.types), unknown)) {
        return { ...KEPT, root, path: chosen.types, importLine: importLine(chosen, root) };
      }
      const planned = planDelivery(chosen, generated, {
        origin: target.origin,
        force,
        sources,
      });
      const { files, upToDate } = deliver(planned, "write");
      const needs = target.writer === "dev" ? missingClient(root, chosen.types) : undefined;
      return {
        root,
        path: chosen.types,
        importLine: importLine(chosen, root),
        state: upToDate ? "same" : "written",
        before: files[0]?.before,
        error: undefined,
        notes: [
          ...chosen.notes,
          ...(needs === undefined ? [] : [installNote(root, needs, chosen)]),
          ...(sources === undefined || canHaveMap(chosen) ? [] : [MAP_NEEDS_LAYOUT]),
        ],
      };
    } catch (error) {
      return {
        root,
        path: chosen?.types,
        importLine: undefined,
        state: "failed",
        before: undefined,
        error: error instanceof ToolError ? error : deliveryFailed(root, error),
        notes: [],
      };
    }
  });
}

// The client depends on the placeholder of @pyrpc/types, which its installation puts in the place of the types.
function installNote(root: string, command: string, chosen: ChosenLayout): string {
  const isReplaced = chosen.layout === "package" && chosen.name === TYPES_PACKAGE;
  const when = isReplaced ? " (while dev runs: it restores the types that this replaces)" : "";
  return `To call the backend from ${root}: ${command}${when}`;
}
