import { join } from "node:path";
import { findClientConfig } from "../project/mod.ts";
import {
  applyPlan,
  checkPlan,
  type ChosenLayout,
  type DeliveryMode,
  findClient,
  harmlessScript,
  noClientProject,
  planSyncScript,
  SYNC_SCRIPT,
} from "../delivery/mod.ts";
import { sourceNotForScripts } from "./errors.ts";
import type { SyncJob } from "./jobs.ts";

/** The `postinstall` script that restores types after an installation has removed them. */
export interface SyncScript {
  /** The `package.json`. */
  readonly path: string;
  readonly command: string;
  /** `present` if it was there before, `planned` if nothing is written. */
  readonly state: "added" | "present" | "planned";
  /** True if an installation of the project also installs pyrpc. */
  readonly installsPyrpc: boolean;
}

/**
 * The command of the script: it names the source if no `pyrpc-client.json` does.
 *
 * @throws ToolError exit code 2 for a source that a shell would read otherwise
 */
export async function syncScriptOf({ snapshot, source, target }: SyncJob): Promise<string> {
  if (snapshot !== undefined || await findClientConfig(target.start) !== undefined) {
    return SYNC_SCRIPT;
  }
  if (!/^https?:\/\/[\w.:/~%+-]+$/.test(source)) throw sourceNotForScripts();
  return harmlessScript(`pyrpc sync --server-url ${source} --optional`);
}

/** Adds the script to the client's `package.json`. @throws ToolError if it cannot be edited */
export function saveSyncScript(
  start: string,
  chosen: ChosenLayout,
  command: string,
  mode: DeliveryMode,
): SyncScript {
  const client = (chosen.layout === "package" ? chosen.client : undefined) ??
    findClient(start).found;
  if (client === undefined) throw noClientProject();
  const plan = planSyncScript(client.root, command);
  if (plan !== undefined) mode === "write" ? applyPlan(plan) : checkPlan(plan);
  const names = [...client.manifest?.dependencies ?? []];
  return {
    path: join(client.root, "package.json"),
    command,
    state: plan === undefined ? "present" : mode === "write" ? "added" : "planned",
    installsPyrpc: names.some((name) => /^(@pyrpc\/(toolkit|cli|client)|pyrpc)$/.test(name)),
  };
}
