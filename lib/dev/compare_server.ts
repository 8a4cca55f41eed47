import type { ProjectConfig } from "../project/mod.ts";
import { defined } from "../defined.ts";
import { ToolError } from "../errors.ts";
import {
  askModule,
  findInterpreter,
  type FindInterpreterOptions,
  importLimit,
  isModuleError,
  type ModuleAnswer,
} from "../python/mod.ts";
import { compareProcedures } from "../compare/mod.ts";
import type { Contract } from "../contract/mod.ts";

/** The contract of a running server, compared with the project's own. */
export type ServerComparison =
  | { readonly kind: "same" }
  /** `description` names the server: `another pyRPC server (greet)`. */
  | { readonly kind: "different"; readonly description: string };

/** Describes the project and compares it with the contract that a running server answers with. */
export async function compareServer(
  project: ProjectConfig,
  served: Contract,
  { env, cwd }: { readonly env: FindInterpreterOptions["env"]; readonly cwd: string },
): Promise<ServerComparison> {
  const { python, folder, entrypoint, module, framework } = project;
  const interpreter = await findInterpreter({ python, env, folder, cwd });
  try {
    const { contract, answer } = await askModule({
      interpreter,
      root: folder,
      env,
      entry: entrypoint,
      module,
      framework,
      servable: true,
      onOutput: () => {},
      ...defined({ limit: importLimit(env) }),
    });
    return compareContracts(contract, answer, served);
  } catch (error) {
    if (!(error instanceof ToolError && isModuleError(error))) throw error;
    // Without a comparison the server may be another project's.
    return { kind: "different", description: `a pyRPC server (${namesOf(served)})` };
  }
}

/** Compares the project's contract with that of a running server. */
export function compareContracts(
  own: Contract,
  { adapted }: Pick<ModuleAnswer, "adapted">,
  served: Contract,
): ServerComparison {
  const { added, removed, changed } = compareProcedures(own, served);
  // The adapters of pyRPC write defaults that JSON cannot express in different ways.
  const differing = changed.filter((name) => !adapted.includes(name));
  if (added.length + removed.length + differing.length === 0) return { kind: "same" };
  const isOwn = [...served.procedures.keys()].some((name) => own.procedures.has(name));
  return {
    kind: "different",
    description: isOwn
      ? `a pyRPC server with another contract (differs in ${
        listed([...removed, ...added, ...differing])
      })`
      : `another pyRPC server (${namesOf(served)})`,
  };
}

const MAX_NAMES = 3;

function namesOf({ procedures }: Contract): string {
  return procedures.size === 0 ? "no procedures" : listed([...procedures.keys()]);
}

function listed(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
