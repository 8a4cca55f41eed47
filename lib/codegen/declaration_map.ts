import { modelFinder, type NameRange, type SourceDefinitions } from "../contract/mod.ts";
import { propertyKey } from "./escape.ts";
import type { GeneratedTypes } from "./generate.ts";

/** Options of {@link declarationMap}. */
export interface DeclarationMapOptions {
  /** Name of the declaration file, which the map is beside. */
  readonly file: string;
  readonly definitions: SourceDefinitions;
  /** Path of each file of the definitions relative to the map; undefined for one that the map must not name. */
  readonly sources: readonly (string | undefined)[];
}

/**
 * Returns the declaration map (source map, version 3) of a generated `.d.ts` file: the names of procedures, models and
 * fields lead to their definitions in Python. Undefined if it would be empty.
 *
 * A language server looks up the next segment for a position without one. Segments without a source therefore precede
 * each name.
 */
export function declarationMap(
  text: string,
  { procedures, models }: Pick<GeneratedTypes, "procedures" | "models">,
  { file, definitions, sources }: DeclarationMapOptions,
): string | undefined {
  const findModel = modelFinder(definitions);
  const positions = new Map<string, NameRange | null | undefined>();
  for (const { name } of procedures) {
    positions.set(`Types.${propertyKey(name)}`, own(definitions.procedures, name));
  }
  for (const [type, model] of models) {
    const found = findModel(model);
    positions.set(type, found?.position);
    for (const [name, position] of Object.entries(found?.fields ?? {})) {
      positions.set(`${type}.${propertyKey(name)}`, position);
    }
  }
  const segments = new Segments(sources);
  for (const { name, ranges } of locateNames(text)) {
    for (const range of ranges) segments.add(range, positions.get(name));
  }
  return segments.isEmpty ? undefined : `${
    JSON.stringify({
      version: 3,
      file,
      sources: segments.sources,
      names: [],
      mappings: segments.mappings(),
    })
  }\n`;
}

/** Returns true for a map that pyrpc wrote: its sources are Python files. */
export function isDeclarationMap(text: string): boolean {
  return /^\{"version":3,"file":"(?:[^"\\]|\\.)*","sources":\["(?:[^"\\]|\\.)*\.pyw?"/.test(text);
}

/** A name in a generated file, and what refers to the same definition: the signatures of a procedure. */
interface LocatedName {
  /** `Type`, or `Type.member` with the member as it is printed. */
  readonly name: string;
  readonly ranges: readonly TextRange[];
}

/** A range of positions (line and column from 0). */
interface TextRange {
  readonly start: readonly [line: number, column: number];
  readonly end: readonly [line: number, column: number];
}

const TYPE = /^export type ([^ ]+) =/;
const MEMBER = /^ {2}("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[\p{ID_Continue}$]+)\??:/u;
const ONE_LINE = / \{ (?=\().*?(?= \}(?: & \{ readonly _pyrpcKind: "\w+" \})?;$)/;

/** Finds the names of types and their members in the form that pyrpc prints. */
export function* locateNames(text: string): Generator<LocatedName> {
  const lines = text.split("\n");
  let type = "";
  for (let line = 0; line < lines.length; line++) {
    const present = lines[line] ?? "";
    const typeName = TYPE.exec(present)?.[1];
    // The last type of the backend is `Types`.
    if (type === "Types" && typeName !== undefined) return;
    if (typeName !== undefined) {
      type = typeName;
      const at = "export type ".length;
      // TypeScript 7 looks up the beginning of the declaration as well.
      const ranges = [rangeIn(line, 0, 0), rangeIn(line, at, at + type.length)];
      yield { name: type, ranges };
      continue;
    }
    const key = MEMBER.exec(present)?.[1];
    if (key === undefined) continue;
    const ranges = [rangeIn(line, 2, 2 + key.length)];
    if (type === "Types") ranges.push(...signatures(lines, line));
    yield { name: `${type}.${key}`, ranges };
  }
}

function rangeIn(line: number, start: number, end: number): TextRange {
  const from = [line, start] as const;
  return { start: from, end: start === end ? from : [line, end] };
}

function* signatures(lines: readonly string[], from: number): Generator<TextRange> {
  const alone = ONE_LINE.exec(lines[from] ?? "");
  if (alone !== null) {
    yield rangeIn(from, alone.index + " { ".length, alone.index + alone[0].length);
    return;
  }
  let start = 0;
  for (let line = from + 1; line < lines.length; line++) {
    const present = lines[line] ?? "";
    if (present.startsWith("  }")) return;
    if (present.startsWith("    (")) start = line;
    if (start > 0 && /^ {4}[()].*;$/.test(present)) {
      yield { start: [start, 4], end: [line, present.length] };
      start = 0;
    }
  }
}

/** A position in the file and, unless it leads nowhere, one in a source. */
type Segment = readonly [column: number, source?: number, line?: number, column?: number];

class Segments {
  readonly sources: string[] = [];
  readonly #paths: readonly (string | undefined)[];
  readonly #lines: Segment[][] = [];

  constructor(paths: readonly (string | undefined)[]) {
    this.#paths = paths;
  }

  get isEmpty(): boolean {
    return this.sources.length === 0;
  }

  add({ start, end }: TextRange, target: NameRange | null | undefined): void {
    const path = target === null || target === undefined ? undefined : this.#paths[target[0]];
    if (target === null || target === undefined || path === undefined) return;
    let source = this.sources.indexOf(path);
    if (source === -1) source = this.sources.push(path) - 1;
    const [, line, from, to] = target;
    // The line above the beginning of a declaration has no names.
    if (start[1] === 0) this.#push(start[0] - 1, [0]);
    else this.#push(start[0], [start[1] - 1]);
    this.#push(start[0], [start[1], source, line - 1, from]);
    if (start !== end) this.#push(end[0], [end[1], source, line - 1, to]);
  }

  mappings(): string {
    let [source, line, column] = [0, 0, 0];
    const lines = Array.from(this.#lines, (segments = []) => {
      let previous = 0;
      return segments.map(([at, ...target]) => {
        let text = vlq(at - previous);
        previous = at;
        const [toSource, toLine, toColumn] = target;
        if (toSource === undefined || toLine === undefined || toColumn === undefined) return text;
        text += vlq(toSource - source) + vlq(toLine - line) + vlq(toColumn - column);
        [source, line, column] = [toSource, toLine, toColumn];
        return text;
      }).join(",");
    });
    return lines.join(";");
  }

  #push(line: number, segment: Segment): void {
    (this.#lines[line] ??= []).push(segment);
  }
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Encodes an integer as base64 digits of five bits, the sign in the lowest bit of the first. */
function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += DIGITS[rest > 0 ? digit | 32 : digit];
  } while (rest > 0);
  return text;
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
