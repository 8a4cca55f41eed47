import type { ProjectConfig } from "../project/mod.ts";
import { type AskedModule, installCommand } from "../python/mod.ts";
import { type Diagnosis, runProbe } from "./diagnosis.ts";
import { probeEntry } from "./entry.ts";
import { probeInterpreter } from "./interpreter.ts";
import { diagnoseAdapter, diagnosePackages, type InstallCommand } from "./packages.ts";

/** Probes the Python side of a project. @returns the entry module if it can be imported */
export async function* probeBackend(
  project: ProjectConfig,
  python: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): AsyncGenerator<Diagnosis, AskedModule | undefined> {
  const interpreted = await runProbe("interpreter", () => probeInterpreter(project, python, env));
  yield* interpreted.diagnoses;
  if (interpreted.value === undefined) return undefined;
  const { interpreter, packages } = interpreted.value;
  const install: InstallCommand = (names) => installCommand(interpreter, names);
  yield diagnosePackages(packages, install);
  yield* diagnoseAdapter(project.framework, packages, install);
  const entry = await runProbe("entry", () => probeEntry(project, interpreter, env));
  yield* entry.diagnoses;
  return entry.value;
}
