import { ExitCode, ToolError } from "../errors.ts";
import type { LoadContext, LoadedSource, LoadOptions } from "./load_source.ts";

/** A Python module as SOURCE. */
export interface ModuleSource {
  /** Dotted, as in Python's `import`. */
  readonly module: string;
  /** The attribute behind the colon. */
  readonly app?: string;
}

/** Asks Python for the contract of a module. */
export function loadModule(
  { module }: ModuleSource,
  _options: LoadOptions,
  _context: LoadContext,
): Promise<LoadedSource> {
  throw new ToolError({
    code: "SOURCE_MODULE",
    message: `Cannot load the Python module "${module}" yet`,
    fix: "Start the backend and give its URL, or give a schema file",
    exitCode: ExitCode.Backend,
  });
}
