import type { ProjectConfig } from "../project/mod.ts";
import { type AskedModule, installCommand } from "../python/mod.ts";
import { type Diagnosis, runProbe } from "./diagnosis.ts";
import { probeEntry } from "./entry.ts";
import { probeInterpreter } from "./interpreter.ts";
import { diagnoseAllPackages, type InstallCommand } from "./packages.ts";

/** Probes the Python side of a project. @returns the entry module if it can be imported */
export async function* probeBackend(
  project: ProjectConfig,
  { python, env, cwd, verbose }: {
    readonly python: string | undefined;
    readonly env: Readonly<Record<string, string | undefined>>;
    /** The folder in which the proposed commands are run. */
    readonly cwd: string;
    /** Adds the traceback of a failed import. */
    readonly verbose: boolean;
  },
): AsyncGenerator<Diagnosis, AskedModule | undefined> {
  const interpreted = await runProbe(
    "interpreter",
    () => probeInterpreter(project, python, { env, cwd }),
  );
  yield* interpreted.diagnoses;
  if (interpreted.value === undefined) return undefined;
  const { interpreter, packages } = interpreted.value;
  const install: InstallCommand = (names) => installCommand(interpreter, names);
  const installed = diagnoseAllPackages(project.framework, packages, install);
  // Nothing is installed into an environment that is active by mistake.
  yield* interpreter.unused === undefined
    ? installed
    : installed.map(({ check, status, message }) => ({ check, status, message }));
  // Importing it would only repeat what is missing.
  if (packages["pyrpc-core"] == null) return undefined;
  const entry = await runProbe("entry", () => probeEntry(project, interpreter, { env, verbose }));
  yield* entry.diagnoses;
  return entry.value;
}
