import { findStaleOutput, moveFolder, removeOutput } from "../delivery/mod.ts";
import type { SetupContext } from "./context.ts";
import { withPrompter } from "./prompter.ts";

/** Client folders before and after a change of the configuration. */
export interface ClientChange {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** True to move or remove types without a question. */
  readonly isConfirmed: boolean;
}

/**
 * Finds generated types in folders that are no longer clients. On confirmation, moves them to the new client, or removes
 * them if it has types already.
 */
export async function resolveStaleOutput(
  { before, after, isConfirmed }: ClientChange,
  { openPrompter, onEvent }: Pick<SetupContext, "openPrompter" | "onEvent">,
): Promise<void> {
  for (const root of before) {
    const stale = findStaleOutput(root, after);
    if (stale === undefined) continue;
    const { folder, moveTo } = stale;
    onEvent({ kind: "stale_output", folder });
    const question = moveTo === undefined ? "Remove them?" : `Move them to ${moveTo}?`;
    if (!isConfirmed && !await confirm(question, openPrompter)) {
      onEvent({ kind: "stale_output_kept", folder });
      continue;
    }
    try {
      if (moveTo === undefined) {
        await removeOutput(stale);
        onEvent({ kind: "stale_output_removed" });
      } else {
        await moveFolder(folder, moveTo);
        onEvent({ kind: "stale_output_moved", folder: moveTo });
      }
    } catch (error) {
      // The new configuration is valid anyway.
      const reason = error instanceof Error ? error.message : String(error);
      onEvent({ kind: "stale_output_failed", reason });
    }
  }
}

async function confirm(question: string, open: SetupContext["openPrompter"]): Promise<boolean> {
  if (open === undefined) return false;
  return await withPrompter(open, (prompter) => prompter.confirm(question, true));
}
