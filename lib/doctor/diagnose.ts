import type { Contract } from "../contract/mod.ts";
import { targetsOf } from "../delivery/mod.ts";
import type { LoadContext } from "../source/mod.ts";
import { probeAgents } from "./agents.ts";
import { probeBackend } from "./backend.ts";
import { probeConfiguration } from "./configuration.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { probePrograms } from "./programs.ts";
import { probeServer, serversToProbe } from "./server.ts";
import { probeTypes, probeWrittenTypes } from "./types.ts";

/** Values that replace the configured ones. */
export interface DoctorOptions {
  readonly python?: string | undefined;
  readonly serverUrl?: string | undefined;
  /** Adds the traceback of a failed import. @default false */
  readonly verbose?: boolean | undefined;
}

/** Runs all probes of a project and yields each diagnosis as soon as it is known. */
export async function* diagnose(
  options: DoctorOptions,
  context: LoadContext,
): AsyncGenerator<Diagnosis> {
  const configured = await probeConfiguration(context);
  yield* configured.diagnoses;
  const { project, workspaceClient } = configured.value;
  const backend = project === undefined ? undefined : yield* probeBackend(project, {
    python: options.python,
    env: context.env,
    cwd: context.cwd,
    verbose: options.verbose ?? false,
  });
  const served = new Map<string, Contract>();
  for (const server of serversToProbe(configured.value, options.serverUrl, context.env)) {
    const { diagnoses, value } = await probeServer(server, { project, backend, context });
    yield* diagnoses;
    if (value !== undefined) served.set(server.url, value);
  }
  // The source is newer than the contract of a server that was started before.
  const main = backend?.contract ?? [...served.values()][0];
  yield* await probeTypes(targetsOf(configured.value), { main, served }, context.cwd);
  if (workspaceClient !== undefined) {
    yield* await probeWrittenTypes(workspaceClient, context.cwd);
  }
  yield* await probeAgents(context);
  yield await probePrograms(context.env);
}
