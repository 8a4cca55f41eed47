import { dirname, relative } from "node:path";
import { describeTarget, targetDetails } from "../check/mod.ts";
import type { Contract } from "../contract/mod.ts";
import {
  findFormerOutputs,
  hasSeveralContracts,
  hasSyncScript,
  inspectTarget,
  inspectWorkspaceTypes,
  removeCommand,
  type Target,
  typesOf,
} from "../delivery/mod.ts";
import { writtenPath } from "../project/mod.ts";
import { ToolError } from "../errors.ts";
import { commandIn } from "../shell_word.ts";
import { type Diagnosis, runProbe } from "./diagnosis.ts";

/** The contracts that the other probes found. */
export interface KnownContracts {
  /** The contract of the project. */
  readonly main: Contract | undefined;
  /** Contracts by the URL of their server. */
  readonly served: ReadonlyMap<string, Contract>;
}

/** Probes the types of all targets. */
export async function probeTypes(
  targets: readonly Target[],
  { main, served }: KnownContracts,
  cwd: string,
): Promise<Diagnosis[]> {
  const isSeveral = hasSeveralContracts(targets);
  const diagnoses: Diagnosis[] = [];
  for (const target of targets) {
    const contract = target.server !== undefined && isSeveral
      ? served.get(target.server.url)
      : main;
    const probe = await runProbe("types", () => ({
      diagnoses: [diagnoseTarget(target, contract, cwd)],
    }));
    diagnoses.push(...probe.diagnoses);
  }
  const current = targets.flatMap((target) => typesPath(target) ?? []);
  const stale = findFormerOutputs(targets, current).map((types) => diagnoseStale(types, cwd));
  return [...diagnoses, ...stale];
}

function typesPath(target: Target): string | undefined {
  try {
    return inspectTarget(target, undefined).chosen.types;
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}

// The compiler still finds them at the place that every guide names.
function diagnoseStale(types: string, cwd: string): Diagnosis {
  return {
    check: "types",
    status: "warning",
    message: `${relative(cwd, types)} has old types: the target of this client is another file`,
    fix: [`${removeCommand(types, cwd)}   (if nothing imports them)`],
  };
}

/**
 * Probes the types that a backend writes into a client. A backend on another machine is not seen here, so that types
 * which nothing names are a warning.
 */
export async function probeWrittenTypes(folder: string, cwd: string): Promise<Diagnosis[]> {
  const probe = await runProbe("types", async () => {
    const { backend, state } = await inspectWorkspaceTypes(folder);
    if (state.freshness !== "missing" && state.freshness !== "placeholder") {
      return { diagnoses: [] };
    }
    const file = relative(cwd, state.chosen.types) || state.chosen.types;
    return {
      diagnoses: [{
        check: "types",
        status: backend === undefined ? "warning" : "broken",
        message: state.freshness === "missing"
          ? `${file} has not been written yet`
          : `${file}: ${describeTarget(state)}`,
        fix: backend === undefined
          ? [
            "pyrpc dev   (on the backend)",
            "npx pyrpc init --client --reconfigure   (if it is in another repository)",
          ]
          : [commandIn(writtenPath(cwd, dirname(backend)), "pyrpc dev")],
      }],
    };
  });
  return [...probe.diagnoses];
}

function diagnoseTarget(target: Target, contract: Contract | undefined, cwd: string): Diagnosis {
  const generated = contract === undefined ? undefined : typesOf(contract)(target.selection);
  const state = inspectTarget(target, generated);
  const { chosen, freshness } = state;
  const file = relative(cwd, chosen.types) || chosen.types;
  if (freshness !== "current") {
    const command = `pyrpc ${target.writer}`;
    return {
      check: "types",
      status: "broken",
      message: `${file}: ${describeTarget(state)}`,
      details: targetDetails(state, cwd),
      fix: [freshness === "foreign" ? `Move that file away, then run: ${command}` : command],
    };
  }
  const isPruned = chosen.layout === "package" && chosen.client?.manifest !== undefined &&
    !chosen.isNamed && !hasSyncScript(chosen.client.root);
  return {
    check: "types",
    status: "ok",
    message: generated === undefined
      ? `${file} exists (no contract to compare it with)`
      : `${file} is current (layout ${chosen.layout}: ${chosen.reason})`,
    details: isPruned
      ? [...chosen.notes, target.writer === "sync" ? PRUNED : `${PRUNED}; pyrpc dev restores it`]
      : chosen.notes,
    fix: isPruned && target.writer === "sync" ? ["pyrpc sync --save-script"] : [],
  };
}

const PRUNED = "The next `npm install` will remove it because package.json does not list it";
