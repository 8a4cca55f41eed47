import type { GeneratedChanges, NameChanges, Warning } from "../../codegen/mod.ts";
import type { Console } from "../../runtime/mod.ts";
import { plainLine, plainText, styleFor } from "../../terminal/mod.ts";
import { procedureChanges, typeChanges } from "../../../commands/_short_diff.ts";

const MAX_NAMES = 10;

/** What commands that generate types print about them, on standard error. */

/** One line for each thing that the types cannot say; the first ten, and how many more. */
export function reportWarnings(console: Console, warnings: readonly Warning[]): void {
  const style = styleFor(console.stderr, console.env);
  for (const { procedure, path, message } of warnings.slice(0, MAX_NAMES)) {
    console.stderr.write(
      `${style.yellow("warning:")} ${plainText(`${procedure}, ${path}: ${message}`)}\n`,
    );
  }
  if (warnings.length > MAX_NAMES) {
    console.stderr.write(`${style.yellow("warning:")} and ${warnings.length - MAX_NAMES} more\n`);
  }
}

/** A short diff: what was added, changed and removed, procedures and types. */
export function reportChanges(
  console: Console,
  { procedures, types }: GeneratedChanges,
  texts?: { readonly before: string; readonly after: string },
): void {
  const style = styleFor(console.stderr, console.env);
  for (const [what, changes] of [["procedure", procedures], ["type", types]] as const) {
    const rows = [
      [style.green("+"), changes.added],
      [style.yellow("~"), changes.changed],
      [style.red("-"), changes.removed],
    ] as const;
    for (const [mark, names] of rows) {
      for (const name of names.slice(0, MAX_NAMES)) {
        console.stderr.write(`  ${mark} ${what} ${plainLine(name, 100)}\n`);
        if (texts === undefined || names !== changes.changed) continue;
        const find = what === "procedure" ? procedureChanges : typeChanges;
        const { removed, added } = find(texts.before, texts.after, name);
        for (const line of removed) {
          console.stderr.write(`      ${style.red(`- ${plainLine(line, 150)}`)}\n`);
        }
        for (const line of added) {
          console.stderr.write(`      ${style.green(`+ ${plainLine(line, 150)}`)}\n`);
        }
      }
      if (names.length > MAX_NAMES) {
        const more = names.length - MAX_NAMES;
        console.stderr.write(`  ${mark} and ${more} more ${what}${more === 1 ? "" : "s"}\n`);
      }
    }
  }
}

/** `+2 ~1 -0 procedures, +1 ~0 -0 types`, or `nothing changed`. */
export function changesInBrief({ procedures, types }: GeneratedChanges): string {
  const count = ({ added, changed, removed }: NameChanges) =>
    added.length + changed.length + removed.length === 0
      ? undefined
      : `+${added.length} ~${changed.length} -${removed.length}`;
  const parts = [[count(procedures), "procedures"], [count(types), "types"]]
    .filter(([counts]) => counts !== undefined)
    .map((part) => part.join(" "));
  return parts.length === 0 ? "nothing changed" : parts.join(", ");
}

/** `12 procedures, 10 types`. */
export function countsInBrief(
  { procedures, types }: {
    procedures: { readonly length: number };
    types: { readonly length: number };
  },
): string {
  const plural = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
  return `${plural(procedures.length, "procedure")}, ${plural(types.length, "type")}`;
}
