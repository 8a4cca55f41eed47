import { fileURLToPath } from "node:url";

/** A call in the user's files, or in a package that they use. */
export interface UserFrame {
  /** Empty at the top of a module. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The calls of an error's stack, innermost first, without those of this program and of the engine. */
export function userFrames(error: unknown): readonly UserFrame[] {
  return stackOf(error).split("\n").flatMap((text) => {
    const [, name = "", file, line, column] = FRAME.exec(text) ?? [];
    if (file === undefined) return [];
    const path = pathOf(file);
    return isOwn(path) ? [] : [{
      name: shortName(name),
      file: path,
      line: Number(line),
      column: Number(column),
    }];
  });
}

/** Formats a frame's position: `file:line:column`. */
export function framePosition({ file, line, column }: UserFrame): string {
  return `${file}:${line}:${column}`;
}

/** Reports whether a frame is in a package. */
export function isInPackage({ file }: UserFrame): boolean {
  return /[/\\]node_modules[/\\]/.test(file);
}

// V8 names the object that a function is called on: `Object.add [as fn]`. A plain function of RPyC's is called on its
// connection.
function shortName(name: string): string {
  return name.replace(/ \[as [^\]]*\]$/, "")
    .replace(/^(?:async )?(?:(?:Object|Module|RpycConnection)\.)?/, "");
}

const FRAME =
  /^\s*at (?:(?:async )?(.*?) ?\()?(?:async )?((?:file:\/\/\/|[A-Za-z]:[\\/]|\/).+?):(\d+):(\d+)\)?$/;

// Without its message, whose lines may look like frames.
function stackOf(error: unknown): string {
  try {
    const { stack, message } = Object(error) as Partial<Record<string, unknown>>;
    if (typeof stack !== "string") return "";
    const at = typeof message === "string" && message !== "" ? stack.indexOf(message) : -1;
    return at === -1 ? stack : stack.slice(at + String(message).length);
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
const SOURCES = /^file:.*\/lib\/user_frames\.ts$/.test(MODULE)
  ? fileURLToPath(new URL("../", MODULE))
  : undefined;
const BUNDLE = SOURCES === undefined && MODULE.startsWith("file:") ? pathOf(MODULE) : undefined;

// Files of a Bun executable are below /$bunfs or B:\~BUN.
function isOwn(path: string): boolean {
  if (path === BUNDLE || /[/\\](?:\$bunfs|~BUN)[/\\]/.test(path)) return true;
  if (SOURCES === undefined || !path.startsWith(SOURCES)) return false;
  return /^(?:lib[/\\]|commands[/\\]|main\.ts$)/.test(path.slice(SOURCES.length));
}
