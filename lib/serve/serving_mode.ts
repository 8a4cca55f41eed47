import { stat } from "node:fs/promises";
import { platform } from "node:os";
import { resolve } from "node:path";
import { defined } from "../defined.ts";
import { loadUserModule } from "../process/mod.ts";
import { socketHandover, startChild, startWorker } from "../process/workers/mod.ts";
import { type Console, errorWithPosition } from "../runtime/mod.ts";
import type { ServeConnection } from "../server/mod.ts";
import {
  asyncMode,
  childHost,
  forkingMode,
  type HostReports,
  type ModeEvent,
  type ModeFactory,
  type ModeOptions,
  oneshotMode,
  poolMode,
  type PoolPolicy,
  type ServingMode,
  syncMode,
  threadedMode,
  workerHost,
} from "../server/modes/mod.ts";
import { flagOnlyFor, forkingNeedsPosix, modeNotUsable } from "./errors.ts";
import type { ConnectionServiceConfig } from "./service_config.ts";

/** A mode and the size of its pool, as they are given on the command line. */
export interface ModeSettings {
  /** `threaded`, `forking` …, or the path of a file that exports a mode. */
  readonly mode: string;
  readonly poolSize?: number;
  readonly poolPolicy?: PoolPolicy;
  /** Milliseconds to wait for a free worker. */
  readonly poolGrace?: number;
}

/** Options of {@link makeMode}. */
export interface MakeModeOptions {
  readonly settings: ModeSettings;
  readonly console: Pick<Console, "cwd" | "program">;
  /** The service that workers and children build. */
  readonly config: ConnectionServiceConfig;
  readonly serveHere: ServeConnection;
  readonly onEvent: (event: ModeEvent) => void;
  /** Receives the log lines of workers and children. */
  readonly onReports: (reports: HostReports) => void;
}

const MODES: Readonly<Record<string, ModeFactory>> = {
  threaded: threadedMode,
  forking: forkingMode,
  pool: poolMode,
  oneshot: oneshotMode,
  sync: syncMode,
  async: asyncMode,
  stdio: asyncMode,
};

/**
 * Makes the mode of that name, or the one that the user's file exports.
 *
 * @throws ToolError `USAGE` for flags that exclude each other, `MODE_NOT_USABLE` for a file without a mode
 */
export async function makeMode(options: MakeModeOptions): Promise<ServingMode> {
  const { settings, console, config, serveHere, onEvent, onReports } = options;
  const { mode, poolSize, poolPolicy, poolGrace } = settings;
  if (mode !== "pool") refusePoolFlags(settings);
  const { program } = console;
  const sockets = socketHandover();
  const modeOptions: ModeOptions = {
    serveHere,
    onEvent,
    workersTakeSockets: sockets !== undefined,
    ...(program === undefined ? {} : {
      startWorker: () => workerHost(startWorker(program, config), { sockets, onReports }),
      startChild: () => childHost(startChild(program, config), { onReports }),
    }),
    ...defined({ poolSize, poolPolicy, poolGrace }),
  };
  const factory = Object.hasOwn(MODES, mode) ? MODES[mode] : undefined;
  if (factory === undefined) return await exportedMode(resolve(console.cwd, mode), modeOptions);
  if (mode === "forking" && platform() === "win32") throw forkingNeedsPosix();
  return factory(modeOptions);
}

/** Returns the path of the user's mode; `undefined` for the name of a mode. */
export function modeFile(mode: string, cwd: string): string | undefined {
  return Object.hasOwn(MODES, mode) ? undefined : resolve(cwd, mode);
}

/** @throws ToolError `USAGE` for a flag of `--mode pool` */
export function refusePoolFlags(
  { poolSize, poolPolicy, poolGrace }: Pick<ModeSettings, "poolSize" | "poolPolicy" | "poolGrace">,
): void {
  if (poolSize !== undefined) throw flagOnlyFor("--pool-size", "--mode pool");
  if (poolPolicy !== undefined) throw flagOnlyFor("--pool-policy", "--mode pool");
  if (poolGrace !== undefined) throw flagOnlyFor("--pool-grace", "--mode pool");
}

async function exportedMode(path: string, options: ModeOptions): Promise<ServingMode> {
  if ((await stat(path).catch(() => undefined))?.isFile() !== true) {
    throw modeNotUsable(path, "it does not exist");
  }
  const factory = (await loadUserModule(path)).exports["default"];
  if (typeof factory !== "function") {
    throw modeNotUsable(path, "it has no function as its default export");
  }
  let mode: unknown;
  try {
    mode = await (factory as ModeFactory)(options);
  } catch (error) {
    throw modeNotUsable(path, `its function failed: ${errorWithPosition(error, path)}`, error);
  }
  const has = (name: string) =>
    typeof mode === "object" && mode !== null && typeof Reflect.get(mode, name) === "function";
  if (!has("serve") || !has("close")) {
    throw modeNotUsable(path, "its function returned no { serve, close }");
  }
  return guarded(mode as ServingMode, path, options.onEvent);
}

/** Reports an error of the user's `close` or `finished` instead of failing; one of `serve` ends its own connection. */
function guarded(mode: ServingMode, file: string, onEvent: ModeOptions["onEvent"]): ServingMode {
  const report = (error: unknown) => onEvent?.({ kind: "mode-failed", file, error });
  return {
    ...defined({
      takesSockets: mode.takesSockets,
      finished: mode.finished === undefined
        ? undefined
        : Promise.resolve(mode.finished).catch(report),
    }),
    serve: (connection, info) => mode.serve(connection, info),
    async close() {
      try {
        await mode.close();
      } catch (error) {
        report(error);
      }
    },
  };
}
