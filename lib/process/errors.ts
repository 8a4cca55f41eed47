import { ExitCode, ToolError } from "../errors.ts";
import { framePosition, userFrames } from "../user_frames.ts";

/** The path of `--handlers` does not exist, or is not a file. */
export function handlersNotFound(path: string, isThere: boolean): ToolError {
  return new ToolError({
    code: "HANDLERS_NOT_FOUND",
    message: isThere ? "The handlers are not a file" : "The handlers file does not exist",
    where: path,
    exitCode: ExitCode.Config,
  });
}

/** The file of `--handlers` fails while it is loaded. */
export function handlersNotLoaded(path: string, cause: unknown, fix?: string): ToolError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new ToolError({
    code: "HANDLERS_NOT_LOADED",
    message: "The handlers file cannot be loaded",
    where: path,
    details: [
      ...text.split("\n").slice(0, 20),
      ...userFrames(cause).slice(0, 5).map((frame) => `at ${framePosition(frame)}`),
    ],
    fix,
    exitCode: ExitCode.Config,
    cause,
  });
}

/** This executable cannot load the file of `--handlers`. */
export function handlersNotHere(path: string): ToolError {
  return new ToolError({
    code: "HANDLERS_NOT_HERE",
    message: "This executable was built by deno compile, which cannot load files from outside",
    where: path,
    fix: [
      "Use the executable that was built by Bun, as in the releases",
      "or run the same tool with Deno, from a checkout or by URL",
    ],
    exitCode: ExitCode.Config,
  });
}
