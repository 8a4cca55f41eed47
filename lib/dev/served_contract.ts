import { type Contract, parseContract } from "../contract/mod.ts";
import type { ProjectConfig } from "../project/mod.ts";
import type { ModuleAnswer } from "../python/mod.ts";
import { type HttpState, originOf } from "./ask_http.ts";
import { compareContracts } from "./compare_server.ts";

const SHOWN = 200;

/** The description that the server is compared with. */
export interface Described {
  readonly contract: Contract;
  readonly answer: ModuleAnswer;
  readonly project: Pick<ProjectConfig, "host" | "port" | "entrypoint" | "framework">;
}

/** Describes a response that does not have the contract of the project; undefined if it has. */
export function difference(
  state: HttpState,
  { contract, answer, project }: Described,
): string | undefined {
  const where = `${originOf(project.host, project.port)}/rpc`;
  switch (state.kind) {
    case "refused":
      return `nothing listens at ${where}`;
    case "silent":
      return `${where}: ${state.reason}`;
    case "answer": {
      const served = state.status === 200 ? contractIn(state.body, where) : undefined;
      if (served === undefined) {
        return `${where} answered ${state.status}: ${firstLine(state.body)}`;
      }
      const compared = compareContracts(contract, answer, served);
      return compared.kind === "same" ? undefined : `${where} is ${compared.description}`;
    }
  }
}

function contractIn(body: string, where: string): Contract | undefined {
  try {
    return parseContract(JSON.parse(body), { where });
  } catch {
    return undefined;
  }
}

function firstLine(body: string): string {
  const text = body.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim();
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
