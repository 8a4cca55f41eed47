import type { GeneratedChanges, LineChanges, NameChanges, Warning } from "../../codegen/mod.ts";
import type { Console } from "../../runtime/mod.ts";
import { plainLine, plainText, styleFor } from "../../terminal/mod.ts";

const MAX_NAMES = 10;

/** Prints each warning of generated types on stderr: the first ten, and the number of the others. */
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

/** The lines that differ in a procedure or a type. */
export type ChangedLines = (kind: "procedures" | "types", name: string) => LineChanges;

/** Prints the added, changed and removed procedures and types on stderr, with the lines that differ. */
export function reportChanges(
  console: Console,
  { procedures, types }: GeneratedChanges,
  linesOf?: ChangedLines,
): void {
  const style = styleFor(console.stderr, console.env);
  const print = (line: string) => console.stderr.write(`${line}\n`);
  for (const [kind, changes] of [["procedures", procedures], ["types", types]] as const) {
    const what = kind === "procedures" ? "procedure" : "type";
    const rows = [
      [style.green("+"), changes.added],
      [style.yellow("~"), changes.changed],
      [style.red("-"), changes.removed],
    ] as const;
    for (const [mark, names] of rows) {
      for (const name of names.slice(0, MAX_NAMES)) {
        print(`  ${mark} ${what} ${plainLine(name, 100)}`);
        if (linesOf === undefined || names !== changes.changed) continue;
        const { removed, added } = linesOf(kind, name);
        for (const line of removed) print(`      ${style.red(`- ${plainLine(line, 150)}`)}`);
        for (const line of added) print(`      ${style.green(`+ ${plainLine(line, 150)}`)}`);
      }
      const more = names.length - MAX_NAMES;
      if (more > 0) print(`  ${mark} and ${more} more ${what}${more === 1 ? "" : "s"}`);
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
