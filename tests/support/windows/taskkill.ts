import { join } from "node:path";
import process from "node:process";
import { ROOT, run } from "../../../scripts/project.ts";
import { pythonEnvironment } from "../python.ts";
import { windowsPython } from "./python.ts";

/**
 * Writes `taskkill.exe` into a folder that has to be on `PATH`: the one of Wine 8 does not know `/t`. It ends the same
 * processes. Windows has its own.
 */
export async function taskkillForWine(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const [{ python }, { path }] = await Promise.all([
    pythonEnvironment("shop-0.14"),
    windowsPython(),
  ]);
  const script = join(ROOT, "tests/support/windows/taskkill.py");
  const { code, stderr } = await run(python, [script, folder, path]);
  if (code !== 0) throw new Error(`taskkill.exe cannot be written:\n${stderr}`);
}
