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

/** A client's folder was there at the start, and is there no more. */
export function clientGone(root: string): ToolError {
  return new ToolError({
    code: "DEV_CLIENT_GONE",
    message: "The client project is not there",
    where: root,
    fix: "Types are delivered once it is there again; pyrpc init --reconfigure names another one",
    exitCode: ExitCode.Config,
  });
}

/** The system refused something that nothing was prepared for; what is not the system's refusal is a bug of ours. */
export function deliveryFailed(root: string, cause: unknown): ToolError {
  if (!(cause instanceof Error && "code" in cause && "syscall" in cause)) throw cause;
  return new ToolError({
    code: "DEV_DELIVERY_FAILED",
    message: `Types cannot be written: ${cause.message}`,
    where: root,
    exitCode: ExitCode.Config,
    cause,
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
