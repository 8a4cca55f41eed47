/** `pyrpc check` in a pull request that renames a field of a model and adds a required parameter. */

import { writeFile } from "node:fs/promises";
import process from "node:process";
import { pythonEnvironment } from "../../tests/support/python.ts";
import { tempFolder } from "../../tests/support/temp_folder.ts";
import { deno, ROOT, run } from "../project.ts";
import { readQuickStart, renamed } from "../quick_start.ts";
import { terminalPicture } from "./terminal_picture.ts";
import type { ThemeName } from "./theme.ts";

/** Commits the quick start's backend, changes it, and returns what `check` prints, in each theme. */
export async function checkPicture(): Promise<Readonly<Record<ThemeName, string>>> {
  const { python } = await readQuickStart();
  await using folder = await tempFolder({
    "main.py": python,
    "pyrpc.json": JSON.stringify({
      version: 1,
      framework: "fastapi",
      entrypoint: "main",
      distribution: "server",
      snapshot: "schema.json",
    }),
  });
  const { env } = await pythonEnvironment("shop-0.14");
  const cwd = folder.path;
  const expectCode = async (expected: number, finished: ReturnType<typeof run>) => {
    const { code, stdout, stderr } = await finished;
    if (code !== expected) throw new Error(`exit code ${code}:\n${stdout}${stderr}`);
    return { stdout, stderr };
  };
  const pyrpc = (...args: string[]) =>
    deno(["run", "-A", "--no-check", `--config=${ROOT}deno.json`, `${ROOT}main.ts`, ...args], {
      cwd,
      env: { ...process.env, ...env, FORCE_COLOR: "1" },
    });
  const git = (...args: string[]) => {
    const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    return expectCode(0, run("git", [...author, ...args], { cwd }));
  };
  await expectCode(0, pyrpc("pull", "main", "-o", "schema.json"));
  await git("init", "-q", "-b", "main");
  await git("add", ".");
  await git("commit", "-q", "-m", "Shop");
  const changed = renamed(python).replace("sku: str)", "sku: str, currency: str)");
  await writeFile(folder.at("main.py"), changed);
  await expectCode(0, pyrpc("pull", "main", "-o", "schema.json"));
  const { stdout, stderr } = await expectCode(1, pyrpc("check", "--against", "main"));
  const output = `$ pyrpc check --against main\n${stdout}${stderr}`.replaceAll(cwd, "~/shop");
  return terminalPicture(
    "CI of a pull request",
    "pyrpc check in CI reports a removed field and the procedures that return it",
    output,
  );
}
