import { existsSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type GeneratedTypes, isOfContract } from "../codegen/mod.ts";
import type { ClientRoot } from "../project/mod.ts";
import {
  applyPlan,
  chooseLayout,
  type ChosenLayout,
  importLine,
  isUpToDate,
  planLayout,
  TYPES_PACKAGE,
} from "../delivery/mod.ts";
import { ToolError } from "../errors.ts";

import { clientGone, deliveryFailed } from "./errors.ts";

/** The outcome of a delivery to one client. */
export interface TypesDelivery {
  /** The client's folder. */
  readonly root: string;
  /** The file with the types; undefined if no target was found. */
  readonly path: string | undefined;
  /** The import statement that uses them. */
  readonly importLine: string | undefined;
  readonly state: "written" | "same" | "failed";
  /** The previous text; undefined if the file did not exist. */
  readonly before: string | undefined;
  readonly error: ToolError | undefined;
  /** Remarks about the target, each a sentence. */
  readonly notes: readonly string[];
}

/** Writes the types into each client; a failure does not stop the others. */
export function deliverTypes(
  generated: GeneratedTypes,
  { clients, layout }: {
    readonly clients: readonly ClientRoot[];
    readonly layout: "package" | "alias";
  },
): TypesDelivery[] {
  return clients.map(({ root }) => {
    let chosen: ChosenLayout | undefined;
    try {
      if (!isFolder(root)) throw clientGone(root);
      // The package layout is only the default: a client with Plug'n'Play has no node_modules.
      chosen = layout === "package" && !existsSync(join(root, "package.json"))
        // This folder was named, so the search does not continue in its parents.
        ? chooseLayout({
          start: root,
          layout,
          out: join(root, "node_modules", ...TYPES_PACKAGE.split("/")),
        })
        : chooseLayout({
          start: root,
          layout: layout === "alias" ? layout : undefined,
          plainFolder: true,
        });
      const plan = planLayout(chosen, {
        types: generated.text,
        isCurrent: (present) => isOfContract(present, generated),
      });
      const changes = applyPlan(plan);
      return {
        root,
        path: chosen.types,
        importLine: importLine(chosen, root),
        state: isUpToDate(changes) ? "same" : "written",
        before: changes[0]?.before,
        error: undefined,
        notes: chosen.notes,
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

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Returns true if a delivered file no longer exists. */
export async function isGone(path: string): Promise<boolean> {
  return await stat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === "ENOENT" || error.code === "ENOTDIR",
  );
}
