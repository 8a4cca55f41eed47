import { ExitCode, ToolError, usageError } from "../errors.ts";

/** `--register` announces a server, which `--types-only` does not start. */
export function registrationWithoutServer(): ToolError {
  return usageError(
    "--register needs a server, which --types-only does not start",
    "Remove one of them",
  );
}

/** `--broken-lines` of a project whose clients are not configured, as in server distribution. */
export function brokenLinesWithoutClients(): ToolError {
  return new ToolError({
    code: "NO_CLIENTS",
    message: "--broken-lines compiles the clients of pyrpc.json, and none is configured",
    fix:
      'Add "client_root", or compare on request: pyrpc diff schema.json app.main --client-root ../web',
    exitCode: ExitCode.Usage,
  });
}

/** Another program listens on the port, and the user cannot be asked for another one or has declined it. */
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
      ? "Choose another one with --port, or pass --types-only to start no server"
      : `The next free one: --port ${next}; or pass --types-only to start no server`,
    exitCode: ExitCode.Server,
  });
}

/** `pyrpc.json` was changed, and a setting is missing now. */
export function configIncomplete(path: string | undefined, missing: readonly string[]): ToolError {
  return new ToolError({
    code: "CONFIG_INCOMPLETE",
    message: `Settings are missing: ${missing.join(", ")}`,
    where: path,
    fix: "Add them, or run pyrpc init",
    exitCode: ExitCode.Config,
  });
}

/** The file watcher has failed: changes would go unnoticed from now on. */
export function watcherFailed(
  folder: string,
  cause: Error & { readonly code?: string },
): ToolError {
  const isLimit = cause.code === "ENOSPC" || cause.code === "EMFILE";
  return new ToolError({
    code: "DEV_WATCHER_FAILED",
    message: `Files can no longer be watched: ${cause.message}`,
    where: folder,
    fix: isLimit
      ? "The system's limit of watched files is reached: raise fs.inotify.max_user_watches, or stop other watchers"
      : "Start it again when the folder exists and can be read",
    exitCode: ExitCode.Config,
    cause,
  });
}

/** The host is a name that cannot be found, or an address of another machine. */
export function cannotListen(host: string, what: "name" | "address"): ToolError {
  return new ToolError({
    code: "DEV_HOST_UNKNOWN",
    message: what === "name"
      ? `Cannot listen on ${host}: no such host was found`
      : `Cannot listen on ${host}: this machine has no such address`,
    fix: "Use --host 127.0.0.1, or 0.0.0.0 for all addresses of this machine",
    exitCode: ExitCode.Config,
  });
}

/** The system does not allow this user to listen on the port. */
export function portForbidden(port: number): ToolError {
  return new ToolError({
    code: "DEV_PORT_FORBIDDEN",
    message: `Cannot listen on port ${port}: permission denied`,
    fix: "Use a port from 1024 on: --port 8000",
    exitCode: ExitCode.Config,
  });
}
