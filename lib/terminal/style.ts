import type { Console, OutputStream } from "../runtime/mod.ts";

/** Colours text for one stream; returns it unchanged without colours. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** Returns the style of a stream: without colours unless it is a terminal, or with `NO_COLOR`; always with `FORCE_COLOR`. */
export function styleFor(stream: OutputStream, env: Console["env"]): Style {
  return styleOf(hasColours(stream, env));
}

/** Reports whether a stream has colours. */
export function hasColours(stream: OutputStream, env: Console["env"]): boolean {
  return env["FORCE_COLOR"] && env["FORCE_COLOR"] !== "0"
    ? true
    : stream.isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}

/** Returns a style with or without colours. */
export function styleOf(on: boolean): Style {
  const paint = ([open, close]: readonly [number, number]) => (text: string) =>
    on ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    bold: paint(CODES.bold),
    dim: paint(CODES.dim),
    red: paint(CODES.red),
    green: paint(CODES.green),
    yellow: paint(CODES.yellow),
    cyan: paint(CODES.cyan),
  };
}
