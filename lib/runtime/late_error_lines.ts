import { fileURLToPath } from "node:url";
import { inspect } from "node:util";

const MAX_KEPT = 1000;

/**
 * Formats each late error as a line with the user's file, line and column. A repeated error, such as a timer's, has a
 * line for its 1st, 10th, 100th … time.
 *
 * @param handlers path of the handlers file, for errors without a position
 */
export function lateErrorLines(
  handlers: string,
  write: (line: string) => void,
): (error: unknown) => void {
  const counts = new Map<string, number>();
  return (error) => {
    const line = `Uncaught error in handlers: ${titleOf(error)} at ${
      userPosition(error) ?? handlers
    }`;
    const count = (counts.get(line) ?? 0) + 1;
    if (counts.size >= MAX_KEPT) counts.clear();
    counts.set(line, count);
    if (/^10*$/.test(String(count))) write(count === 1 ? line : `${line} (${count} times)`);
  };
}

function titleOf(error: unknown): string {
  try {
    const text = error instanceof Error
      ? String(error)
      : typeof error === "string"
      ? error
      : inspect(error, { depth: 1, breakLength: Infinity });
    return text.split("\n")[0] ?? "";
  } catch {
    return "a value that cannot be printed";
  }
}

/** Finds the first position of a stack in the user's files, `file:line:column`; in packages only without another. */
export function userPosition(error: unknown): string | undefined {
  const positions = stackOf(error).split("\n").flatMap((frame) => {
    const [, file, place] = FRAME.exec(frame) ?? [];
    if (file === undefined) return [];
    const path = pathOf(file);
    return isOwn(path) ? [] : [`${path}:${place}`];
  });
  return positions.find((position) => !/[/\\]node_modules[/\\]/.test(position)) ?? positions[0];
}

const FRAME = /^\s*at (?:.*?[\s(])??((?:file:\/\/\/|[A-Za-z]:[\\/]|\/).+?):(\d+:\d+)\)?$/;

function stackOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.stack) : "";
  } catch {
    return "";
  }
}

function pathOf(file: string): string {
  if (!file.startsWith("file:")) return file;
  // `loadUserModule` adds a query to the file.
  const path = file.replace(/\?.*$/, "");
  try {
    return fileURLToPath(path);
  } catch {
    return path;
  }
}

const MODULE = import.meta.url;
const SOURCES = /^file:.*\/lib\/runtime\/late_error_lines\.ts$/.test(MODULE)
  ? fileURLToPath(new URL("../../", MODULE))
  : undefined;
const BUNDLE = SOURCES === undefined && MODULE.startsWith("file:") ? pathOf(MODULE) : undefined;

// Files of a Bun executable are below /$bunfs or B:\~BUN.
function isOwn(path: string): boolean {
  if (path === BUNDLE || /[/\\](?:\$bunfs|~BUN)[/\\]/.test(path)) return true;
  if (SOURCES === undefined || !path.startsWith(SOURCES)) return false;
  return /^(?:lib[/\\]|commands[/\\]|main\.ts$)/.test(path.slice(SOURCES.length));
}
