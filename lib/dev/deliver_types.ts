import { existsSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type GeneratedTypes, isOfContract } from "../codegen/mod.ts";
import type { ClientRoot } from "../config/mod.ts";
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

/** What became of the types of one client. */
export interface TypesDelivery {
  /** The client's folder. */
  readonly root: string;
  /** The file with the types; undefined where there is no place for it. */
  readonly path: string | undefined;
  /** What to write to use them. */
  readonly importLine: string | undefined;
  readonly state: "written" | "same" | "failed";
  /** What was there before; undefined where nothing was. */
  readonly before: string | undefined;
  readonly error: ToolError | undefined;
  /** What the user should know about the place, each a sentence. */
  readonly notes: readonly string[];
}

/** Writes the types into each client; one that fails does not keep the others from theirs. */
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
      // The package layout is only the default: a client with Plug'n'Play has no place for it.
      chosen = layout === "package" && !existsSync(join(root, "package.json"))
        // Not the nearest client above: this folder was named.
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

/** Whether a delivered file has vanished since. */
export async function isGone(path: string): Promise<boolean> {
  return await stat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === "ENOENT" || error.code === "ENOTDIR",
  );
}
