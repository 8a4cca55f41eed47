import { type FindInterpreterOptions, splitEntry } from "../python/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import type { LoadedSource } from "../source/mod.ts";
import { loadedModule } from "../source/module/mod.ts";
import { type LoopParts, ModuleLoop } from "./module_loop.ts";
import { outputLines } from "./output_lines.ts";

/** Options of {@link followPythonModule}. */
export interface FollowModuleOptions {
  /** `module` or `module:app`. */
  readonly entry: string;
  /** The folder that Python runs in and whose sources are watched. */
  readonly cwd: string;
  readonly env: FindInterpreterOptions["env"];
  readonly python: string | undefined;
  readonly verbose: boolean;
  readonly clock: Clock;
  readonly parts?: Partial<LoopParts>;
  /** A line that the module printed while it was imported. */
  readonly onOutput: (line: string) => void;
  /** The module as it is now: once after the start, and after each change of a source. */
  readonly onLoaded: (loaded: LoadedSource) => void;
  /** The module cannot be imported at the moment: a ToolError. */
  readonly onBroken: (error: unknown) => void;
  /** The module cannot be followed any longer. */
  readonly onFailure: (error: unknown) => void;
}

/** A module that is followed until {@link end}, which leaves no process. */
export interface FollowedModule {
  end(): Promise<void>;
}

const DEBOUNCE_MS = 200;

/** Follows a Python module and everything it imports from the project. */
export function followPythonModule(options: FollowModuleOptions): FollowedModule {
  const { entry, cwd, env, python, verbose, clock, parts } = options;
  const { module, app } = splitEntry(entry);
  let hasEnded = false;
  let isFirst = true;
  const lines = outputLines({
    clock,
    // The caller has loaded the module once and has printed its output.
    onLine: (line) => {
      if (!isFirst && !hasEnded) options.onOutput(line);
    },
  });
  const loop = new ModuleLoop({
    target: {
      folder: cwd,
      entrypoint: entry,
      python,
      question: { module, app, appModule: module },
      debounce: DEBOUNCE_MS,
    },
    env,
    cwd,
    clock,
    verbose,
    parts,
    onOutput: (text) => lines.write(text),
    onDescribed({ contract, answer }) {
      isFirst = false;
      options.onLoaded(loadedModule(contract, answer, entry, cwd));
      return Promise.resolve();
    },
    onBroken(error) {
      isFirst = false;
      options.onBroken(error);
    },
    onFailure: options.onFailure,
  });
  // The caller has loaded the module already and does not wait for the first description.
  loop.start().catch((error: unknown) => {
    if (!hasEnded) options.onFailure(error);
  });
  return {
    async end() {
      hasEnded = true;
      await loop.end();
      lines.end();
    },
  };
}
