import type { Contract } from "../contract/mod.ts";
import { counted } from "../counted.ts";
import { compareContracts, nextFreePort } from "../dev/mod.ts";
import { ToolError } from "../errors.ts";
import { hideCredentials } from "../hide_credentials.ts";
import { type ClientConfig, type ProjectConfig, SERVER_URL_VARIABLE } from "../project/mod.ts";
import type { AskedModule } from "../python/mod.ts";
import { rpcUrl } from "../rpc_url.ts";
import { type LoadContext, loadSource } from "../source/mod.ts";
import { probeCors } from "./cors.ts";
import type { Diagnosis, Probe } from "./diagnosis.ts";
import { diagnoseWire } from "./wire.ts";

const TIMEOUT_MS = 5000;

/** A server that the doctor asks for its contract. */
export interface ProbedServer {
  readonly url: string;
  /** True if a flag or a client names it; false for the address of `pyrpc dev`, which may be stopped. */
  readonly isNeeded: boolean;
}

/** Lists the servers to probe: the given one, else those of the client, else the one of `pyrpc dev`. */
export function serversToProbe(
  { project, client }: {
    readonly project: Pick<ProjectConfig, "host" | "port"> | undefined;
    readonly client: Pick<ClientConfig, "distribution" | "servers"> | undefined;
  },
  serverUrl: string | undefined,
  env: LoadContext["env"],
): ProbedServer[] {
  const given = serverUrl ?? (env[SERVER_URL_VARIABLE] || undefined);
  if (given !== undefined) return [{ url: given, isNeeded: true }];
  if (client?.distribution === "server" && client.servers.length > 0) {
    return client.servers.map(({ url }) => ({ url, isNeeded: true }));
  }
  if (project === undefined) return [];
  return [{ url: `http://${hostOf(project.host)}:${project.port}`, isNeeded: false }];
}

function hostOf(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

/** Asks a server for its contract, and compares it with that of the project. */
export async function probeServer(
  { url, isNeeded }: ProbedServer,
  { project, backend, context }: {
    readonly project: ProjectConfig | undefined;
    readonly backend: AskedModule | undefined;
    readonly context: LoadContext;
  },
): Promise<Probe<Contract>> {
  let contract: Contract;
  let where: string;
  try {
    where = rpcUrl(url).where;
    contract = (await loadSource(url, { timeoutMs: TIMEOUT_MS }, context)).contract;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { diagnoses: [unreachable(url, isNeeded, error)] };
  }
  const other = backend && describeOther(backend, contract);
  if (other !== undefined && project !== undefined && !isNeeded) {
    return { diagnoses: [await foreignServer(project, where, other)] };
  }
  const count = contract.procedures.size;
  const message = `${where} answers: ${counted(count, "procedure")}`;
  const reachable: Diagnosis = other === undefined ? { check: "server", status: "ok", message } : {
    check: "server",
    status: "warning",
    message,
    details: [`Its contract is not that of ${project?.entrypoint}: it is ${other}`],
  };
  const cors = await probeCors(rpcUrl(url), context);
  return { value: contract, diagnoses: [reachable, diagnoseWire(contract), cors] };
}

// A stopped development server is not a problem unless a client fetches from it.
function unreachable(url: string, isNeeded: boolean, error: ToolError): Diagnosis {
  return isNeeded
    ? {
      check: "server",
      status: "broken",
      message: `${hideCredentials(url)}: ${error.message}`,
      ...(error.snippet.length === 0
        ? { fix: ["pyrpc dev   (on the backend)", ...error.fix] }
        : { fix: error.fix, snippet: error.snippet }),
    }
    : {
      check: "server",
      status: "skipped",
      message: `${url} does not answer (pyrpc dev is not running)`,
      fix: [],
    };
}

// Describes the other server; undefined if it has the contract of the project.
function describeOther(own: AskedModule, served: Contract): string | undefined {
  const compared = compareContracts(own.contract, own.answer, served);
  return compared.kind === "same" ? undefined : compared.description;
}

async function foreignServer(
  { host, port }: ProjectConfig,
  where: string,
  other: string,
): Promise<Diagnosis> {
  const next = await nextFreePort(host, port + 1);
  return {
    check: "server",
    status: "broken",
    message: `${where} is ${other}: pyrpc dev does not attach to it`,
    fix: [`Stop that server, or use another port: pyrpc dev --port ${next ?? 0}`],
  };
}
