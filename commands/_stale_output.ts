import { type Console, isInteractive } from "../lib/runtime/mod.ts";
import { plainText } from "../lib/terminal/mod.ts";
import { openPrompter } from "../lib/cli/mod.ts";

/**
 * After the clients of a backend changed: reports types in a client that is no longer named and, on confirmation, moves
 * them to the new client, or removes them if it has types already.
 */
export async function handleStaleOutput(
  console: Console,
  flags: { readonly yes: boolean },
  { before, after }: { readonly before: readonly string[]; readonly after: readonly string[] },
): Promise<void> {
  const { findStaleOutput, moveFolder, removeOutput } = await import("../lib/delivery/mod.ts");
  const print = (line: string) => console.stderr.write(`${plainText(line)}\n`);
  for (const root of before) {
    const stale = findStaleOutput(root, after);
    if (stale === undefined) continue;
    const { folder, moveTo } = stale;
    print(`Types are left at the old place: ${folder}`);
    const question = moveTo === undefined ? "Remove them?" : `Move them to ${moveTo}?`;
    if (!flags.yes && !await confirmed(console, question)) {
      print(`They stay there; remove them with: rm -r "${folder}"`);
      continue;
    }
    try {
      if (moveTo === undefined) await removeOutput(stale);
      else await moveFolder(folder, moveTo);
      print(moveTo === undefined ? "Removed" : `Moved to ${moveTo}`);
    } catch (error) {
      // The new configuration is valid without.
      print(`That failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

async function confirmed(console: Console, question: string): Promise<boolean> {
  if (!isInteractive(console)) return false;
  const prompter = await openPrompter(console);
  try {
    return await prompter.confirm(question, true);
  } finally {
    prompter.close();
  }
}
