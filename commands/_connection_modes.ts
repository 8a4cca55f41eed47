import { stat } from "node:fs/promises";
import { platform } from "node:os";
import { resolve } from "node:path";
import { ExitCode, ToolError, usageError } from "../lib/errors.ts";
import type { Console } from "../lib/runtime/mod.ts";
import { loadUserModule } from "../lib/process/mod.ts";
import type {
  HostReports,
  ModeEvent,
  ModeFactory,
  ModeOptions,
  ServingMode,
} from "../lib/server/modes/mod.ts";
import type { ServeConnection } from "../lib/server/mod.ts";
import type { ConnectionServiceConfig } from "./_connection_service.ts";
import { isModeName, type RpycFlags } from "../lib/cli/mod.ts";

/** What {@link makeMode} needs. */
export interface MakeModeOptions {
  readonly mode: string;
  readonly flags: Pick<RpycFlags, "poolSize" | "poolPolicy">;
  readonly console: Console;
  /** What workers and children build themselves from. */
  readonly description: ConnectionServiceConfig;
  readonly serveHere: ServeConnection;
  readonly onEvent: (event: ModeEvent) => void;
  /** Takes what workers and children have to show. */
  readonly onReports?: (reports: HostReports) => void;
}

/**
 * The mode by its name, or the user's own from a file.
 *
 * @throws ToolError `USAGE` for flags that do not fit, `MODE_NOT_USABLE` for a file without a mode.
 */
export async function makeMode(options: MakeModeOptions): Promise<ServingMode> {
  const { mode, flags, console, description, serveHere, onEvent, onReports } = options;
  if (mode !== "pool" && flags.poolSize !== undefined) {
    throw usageError("--pool-size is only for --mode pool");
  }
  if (mode !== "pool" && flags.poolPolicy !== undefined) {
    throw usageError("--pool-policy is only for --mode pool");
  }
  const modes = await import("../lib/server/modes/mod.ts");
  const again = await import("../lib/process/workers/mod.ts");
  const { program } = console;
  const sockets = again.socketHandover();
  const modeOptions: ModeOptions = {
    serveHere,
    onEvent,
    workersTakeSockets: sockets !== undefined,
    ...(program === undefined ? {} : {
      startWorker: () =>
        modes.workerHost(again.startWorker(program, description), { sockets, onReports }),
      startChild: () => modes.childHost(again.startChild(program, description), { onReports }),
    }),
    ...(flags.poolSize === undefined ? {} : { poolSize: flags.poolSize }),
    ...(flags.poolPolicy === undefined ? {} : { poolPolicy: flags.poolPolicy }),
  };
  if (!isModeName(mode)) return await ownMode(resolve(console.cwd, mode), modeOptions);
  switch (mode) {
    case "threaded":
      return modes.threadedMode(modeOptions);
    case "forking":
      if (platform() === "win32") {
        throw usageError("--mode forking needs a POSIX system", "Use --mode threaded");
      }
      return modes.forkingMode(modeOptions);
    case "pool":
      return modes.poolMode(modeOptions);
    case "oneshot":
      return modes.oneshotMode(modeOptions);
    case "sync":
      return modes.syncMode(modeOptions);
    case "async":
    case "stdio":
      return modes.asyncMode(modeOptions);
  }
}

async function ownMode(path: string, options: ModeOptions): Promise<ServingMode> {
  if ((await stat(path).catch(() => undefined))?.isFile() !== true) {
    throw modeNotUsable(path, "it does not exist");
  }
  const factory = (await loadUserModule(path)).exports["default"];
  if (typeof factory !== "function") {
    throw modeNotUsable(path, "it has no function as its default export");
  }
  const mode: unknown = await (factory as ModeFactory)(options);
  const has = (name: string) =>
    typeof mode === "object" && mode !== null && typeof Reflect.get(mode, name) === "function";
  if (!has("serve") || !has("close")) {
    throw modeNotUsable(path, "its function returned no { serve, close }");
  }
  return mode as ServingMode;
}

function modeNotUsable(path: string, why: string): ToolError {
  return new ToolError({
    code: "MODE_NOT_USABLE",
    message: `The file of --mode cannot be used: ${why}`,
    where: path,
    fix:
      "Export a function: export default ({ serveHere }) => ({ serve: serveHere, close: async () => {} })",
    exitCode: ExitCode.Config,
  });
}
