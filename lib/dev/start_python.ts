import { defined } from "../defined.ts";
import {
  findInterpreter,
  type FindInterpreterOptions,
  importLimit,
  PythonBackend,
} from "../python/mod.ts";

/** Options of {@link startPython}. */
export interface StartPythonOptions {
  readonly env: FindInterpreterOptions["env"];
  readonly cwd: string;
  /** Output of the user's code, in pieces. */
  readonly onOutput: (text: string) => void;
  /** The backend has opened a source for writing. */
  readonly onWrote: (path: string) => void;
}

/** Finds the interpreter of a project, for many questions. @throws ToolError if none was found */
export async function startPython(
  { python, folder, question: { framework } }: {
    readonly python: string | undefined;
    readonly folder: string;
    readonly question: { readonly framework?: string | undefined };
  },
  { env, cwd, onOutput, onWrote }: StartPythonOptions,
): Promise<PythonBackend> {
  return new PythonBackend({
    interpreter: await findInterpreter({ python, env, folder, cwd, framework }),
    root: folder,
    env,
    preload: true,
    onOutput,
    onWrote,
    ...defined({ limit: importLimit(env) }),
  });
}
