import { inspect } from "node:util";
import { framePosition, isInPackage, userFrames } from "../user_frames.ts";

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
    const line = `Uncaught error in handlers: ${errorWithPosition(error, handlers)}`;
    const count = (counts.get(line) ?? 0) + 1;
    if (counts.size >= MAX_KEPT) counts.clear();
    counts.set(line, count);
    if (/^10*$/.test(String(count))) write(count === 1 ? line : `${line} (${count} times)`);
  };
}

/** Formats an error of the user's code in one line: its text, and its file, line and column, or else `file`. */
export function errorWithPosition(error: unknown, file: string): string {
  return `${titleOf(error)} at ${userPosition(error) ?? file}`;
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

/** The first position of a stack in the user's files; in packages only without another. */
function userPosition(error: unknown): string | undefined {
  const frames = userFrames(error);
  const frame = frames.find((frame) => !isInPackage(frame)) ?? frames[0];
  return frame === undefined ? undefined : framePosition(frame);
}
