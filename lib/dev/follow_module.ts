import type { ProjectConfig } from "../config/mod.ts";
import type { FindInterpreterOptions } from "../python/mod.ts";
import type { LoadedSource } from "../source/mod.ts";
import { loadedModule } from "../source/module/mod.ts";
import { DevSession } from "./dev_session.ts";

/** How a module is followed. */
export interface FollowModuleOptions {
  /** `module` or `module:app`. */
  readonly entry: string;
  readonly module: string;
  readonly app: string | undefined;
  /** The folder that Python runs in and whose sources are watched. */
  readonly cwd: string;
  readonly env: FindInterpreterOptions["env"];
  readonly python: string | undefined;
  readonly verbose: boolean;
  readonly monotonic: () => number;
  /** A line that the module printed while it was imported. */
  readonly onOutput: (line: string) => void;
  /** The module as it is now: once after the start, and after each change of a source. */
  readonly onLoaded: (loaded: LoadedSource) => void;
  /** The module cannot be imported at the moment: a ToolError. */
  readonly onBroken: (error: unknown) => void;
  /** It cannot be followed any longer. */
  readonly onFailure: (error: unknown) => void;
}

/** A module that is followed until it is ended, which leaves no process. */
export interface FollowedModule {
  end(): Promise<void>;
}

/**
 * Follows a Python module and all that it imports from the project: {@link DevSession} without a server and without
 * types to deliver.
 */
export function followPythonModule(options: FollowModuleOptions): FollowedModule {
  const { cwd, env, monotonic, verbose, onFailure } = options;
  const project = projectOf(options);
  let hasEnded = false;
  let isFirst = true;
  const session = new DevSession({
    project,
    reload: () => Promise.resolve({ kind: "ready", project }),
    env,
    cwd,
    server: "none",
    monotonic,
    verbose,
    onEvent(event) {
      if (event.kind === "output") {
        // Who follows has loaded the module once: the same again would be said twice.
        if (!isFirst) options.onOutput(event.line);
        return;
      }
      isFirst = false;
      if (event.kind === "broken") options.onBroken(event.error);
      else if (event.kind === "contract" && session.contract !== undefined) {
        options.onLoaded(loadedModule(session.contract, event.answer, options.entry, cwd));
      }
    },
    onFailure,
  });
  // Nobody waits for the first description: who follows has one, and this one is held against it.
  session.start().catch((error: unknown) => {
    if (!hasEnded) onFailure(error);
  });
  return {
    async end() {
      hasEnded = true;
      await session.end();
    },
  };
}

// Nothing is delivered and nothing is served: only what says where and what Python is asked has a meaning.
function projectOf({ entry, module, app, cwd, python }: FollowModuleOptions): ProjectConfig {
  return {
    path: undefined,
    folder: cwd,
    format: "own",
    framework: "asgi",
    entrypoint: entry,
    module,
    application: app,
    distribution: "server",
    layout: "package",
    clients: [],
    host: "127.0.0.1",
    port: 0,
    debounce: 200,
    python,
    snapshot: undefined,
    allow: [],
    values: [],
    notices: [],
  };
}
