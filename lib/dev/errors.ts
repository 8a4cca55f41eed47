import { ExitCode, ToolError } from "../errors.ts";

/** The port belongs to somebody else, and nobody can be asked for another one. */
export function portTaken(
  { origin, port, holder, next }: {
    readonly origin: string;
    readonly port: number;
    readonly holder: string | undefined;
    readonly next: number | undefined;
  },
): ToolError {
  return new ToolError({
    code: "DEV_PORT_TAKEN",
    message: `Port ${port} is taken${holder === undefined ? "" : ` by ${holder}`}`,
    where: origin,
    fix: next === undefined
      ? "Choose another one with --port, or give --types-only to start no server"
      : `The next free one: --port ${next}; or give --types-only to start no server`,
    exitCode: ExitCode.Server,
  });
}

/** The file watcher has failed: going on would look as if nothing changed any more. */
export function watcherFailed(
  folder: string,
  cause: Error & { readonly code?: string },
): ToolError {
  const isLimit = cause.code === "ENOSPC" || cause.code === "EMFILE";
  return new ToolError({
    code: "DEV_WATCHER_FAILED",
    message: `Files cannot be watched any more: ${cause.message}`,
    where: folder,
    fix: isLimit
      ? "The system's limit of watched files is reached: raise fs.inotify.max_user_watches, or end other watchers"
      : "Start it again when the folder is there and can be read",
    exitCode: ExitCode.Config,
    cause,
  });
}
