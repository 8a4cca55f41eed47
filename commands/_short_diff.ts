const MAX_LINES = 4;

/** Lines of a procedure's or a type's text that were there before only, and that are there now only. */
export interface LineChanges {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/**
 * What changed in one procedure between two generated files, as a few lines of TypeScript. Empty where a formatter's hand has
 * been at one of them, so that its lines cannot be told.
 */
export function procedureChanges(before: string, after: string, name: string): LineChanges {
  return changesBetween(memberLines(before, name), memberLines(after, name));
}

/** The same for an exported type. */
export function typeChanges(before: string, after: string, name: string): LineChanges {
  const find = (text: string) => blockFrom(lines(text), `export type ${name} = `, /^\S.*;$/);
  return changesBetween(find(before), find(after));
}

function memberLines(text: string, name: string): string[] {
  const all = lines(text);
  const members = all.slice(all.indexOf("export type Types = {") + 1);
  const keys = [`  ${name}: `, `  ${JSON.stringify(name)}: `];
  for (const key of keys) {
    const block = blockFrom(members, key, /^ {2}\S.*;$/);
    // What every procedure has says nothing about this one.
    if (block.length > 0) {
      return block.map((line) => line.replace(/ & \{ readonly _pyrpcKind: "\w+" \};$/, ";"));
    }
  }
  return [];
}

function blockFrom(all: readonly string[], start: string, end: RegExp): string[] {
  const first = all.findIndex((line) => `${line} `.startsWith(start));
  if (first === -1) return [];
  const length = all.slice(first).findIndex((line) => end.test(line));
  return length === -1 ? [] : all.slice(first, first + length + 1);
}

function changesBetween(before: readonly string[], after: readonly string[]): LineChanges {
  if (before.length === 0 || after.length === 0) return { removed: [], added: [] };
  const only = (these: readonly string[], those: readonly string[]) =>
    these.map((line) => line.trim())
      .filter((line) => !/^(\/\*|\*)/.test(line) && !those.some((other) => other.trim() === line))
      .slice(0, MAX_LINES);
  return { removed: only(before, after), added: only(after, before) };
}

function lines(text: string): string[] {
  return text.split(/\r?\n/);
}
