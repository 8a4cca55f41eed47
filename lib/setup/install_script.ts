import {
  applyPlan,
  findClient,
  harmlessScript,
  noClientProject,
  planSyncScript,
} from "../delivery/mod.ts";

/** The `postinstall` script of a client project, which can ask questions; that of a dependency has no terminal. */
export const INSTALL_SCRIPT = harmlessScript(
  "pyrpc init --client --optional && pyrpc sync --optional",
);

/** Adds {@link INSTALL_SCRIPT} to the nearest `package.json`. @returns false if it already runs a sync */
export function saveInstallScript(cwd: string): boolean {
  const client = findClient(cwd).found;
  if (client === undefined) throw noClientProject();
  const plan = planSyncScript(client.root, INSTALL_SCRIPT);
  if (plan === undefined) return false;
  applyPlan(plan);
  return true;
}
