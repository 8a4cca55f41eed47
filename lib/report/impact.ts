import { counted } from "../counted.ts";

/** A position in a client's code. */
export interface ClientPosition {
  /** Path relative to the root of the workspace, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A line of a client that does not compile with the new types, but did with the old ones. */
export interface BrokenLine extends ClientPosition {
  /** The declaration that the line uses: `Product.in_stock`, `add`. */
  readonly uses: string;
  /** The compiler's code: `TS2339`. */
  readonly code: string;
  /** The compiler's message; it can have several lines. */
  readonly message: string;
}

/** The effect of one change on the clients that were compiled. */
export interface ClientImpact {
  /**
   * - `breaks`: lines do not compile any more;
   * - `used`: everything compiles, but the client uses what changed: a bound or a pattern is not part of a type;
   * - `unused`: no client uses what changed;
   * - `unknown`: no use was found, but a part of the clients was not compiled, or a broken line has no known cause.
   */
  readonly status: "breaks" | "used" | "unused" | "unknown";
  readonly lines: readonly BrokenLine[];
  /** Code that uses what changed, and compiles. Empty if lines break. */
  readonly uses: readonly ClientPosition[];
}

/** The compilation of one client. */
export interface CompiledClient {
  /** The folder relative to the root of the workspace, with `/`; `.` for the root itself. */
  readonly root: string;
  /** Version of the client's TypeScript; undefined if it has none. */
  readonly typescript: string | undefined;
  /** Number of compiled files of the client. */
  readonly files: number;
  /** Number of type errors that the client has with the old types as well. */
  readonly ownErrors: number;
  /** Remarks, each a sentence. */
  readonly notes: readonly string[];
  /** The reason why the client was not compiled. */
  readonly problem: ClientProblem | undefined;
}

/** The reason why a client was not compiled. */
export interface ClientProblem {
  readonly code: string;
  readonly message: string;
  /** Ways to fix it, each a sentence or a command. */
  readonly fix: readonly string[];
}

/** Formats a position: `web/src/cart.tsx:12`. */
export function positionText({ file, line }: ClientPosition): string {
  return `${file}:${line}`;
}

const MAX_LINES = 20;
const MAX_USES = 3;

/** Describes the effect of a change, one line for each broken line of a client. */
export function impactLines({ status, lines, uses }: ClientImpact): string[] {
  switch (status) {
    case "breaks": {
      const texts = [...new Set(lines.map((line) => `${positionText(line)} uses ${line.uses}`))];
      return [...texts.slice(0, MAX_LINES), ...rest(texts.length - MAX_LINES, "line")];
    }
    case "used": {
      const places = [...new Set(uses.map(positionText))];
      const shown = places.slice(0, MAX_USES).join(", ");
      const more = places.length - MAX_USES;
      const others = more > 0 ? ` and ${counted(more, "more place")}` : "";
      return [`used at ${shown}${others}, which compiles`];
    }
    case "unused":
      return ["no client uses it"];
    case "unknown":
      return ["no use was found in the code that was compiled"];
  }
}

function rest(count: number, noun: string): string[] {
  return count > 0 ? [`and ${count} more ${noun}${count === 1 ? "" : "s"}`] : [];
}

/** Formats a client that was compiled: `web: TypeScript 5.9.3, 120 files; 3 errors of its own are not listed`. */
export function clientText({ root, typescript, files, ownErrors }: CompiledClient): string {
  const own = ownErrors === 0
    ? ""
    : `; ${ownErrors} type error${ownErrors === 1 ? "" : "s"} of its own ${
      ownErrors === 1 ? "is" : "are"
    } not listed`;
  return `${root}: TypeScript ${typescript}, ${files} file${files === 1 ? "" : "s"}${own}`;
}
