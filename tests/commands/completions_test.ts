import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { COMMANDS } from "../../commands/mod.ts";
import { requireTool } from "../support/external.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const bash = requireTool("bash");
const run = promisify(execFile);
const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

async function propose(shell: string, ...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runCli([
    "completions",
    shell,
    "--propose",
    "--",
    ...words,
  ]);
  assert.equal(code, 0, stderr);
  return stdout.split("\n").filter((line) => line !== "");
}

test("completions propose every command, from the commands' own declarations", async () => {
  const proposed = await propose("bash", "");
  for (const name of Object.keys(COMMANDS)) assert.ok(proposed.includes(name), name);
  assert.deepEqual(await propose("bash", "com"), ["completions"]);
});

test("completions propose flags and values of flags", async () => {
  assert.deepEqual(await propose("bash", "diff", "--form"), ["--format"]);
  assert.deepEqual(await propose("bash", "diff", "--format", "j"), ["json", "junit"]);
  assert.deepEqual(await propose("bash", "diff", "--format=ma"), ["--format=markdown"]);
  assert.deepEqual(await propose("bash", "init", "--distribution", ""), ["workspace", "server"]);
  assert.deepEqual(await propose("bash", "completions", "po"), ["powershell"]);
  assert.deepEqual(await propose("bash", "nonsense", "x"), []);
});

test("completions describe what they propose where the shell shows it", async () => {
  assert.match((await propose("fish", "dif"))[0] ?? "", /^diff\tCompare two contracts/);
  assert.match((await propose("zsh", "dif"))[0] ?? "", /^diff:Compare two contracts/);
  assert.match((await propose("powershell", "dif"))[0] ?? "", /^diff\tCompare/);
});

test("completions print a script for each shell, and refuse others", async () => {
  for (const shell of ["bash", "zsh", "fish", "powershell"]) {
    const { code, stdout } = await runCli(["completions", shell]);
    assert.equal(code, 0);
    assert.ok(stdout.includes(`completions ${shell}`), shell);
  }
  for (const args of [["completions"], ["completions", "tcsh"], ["completions", "bash", "x"]]) {
    assert.equal((await runCli(args)).code, 2, args.join(" "));
  }
});

test("the bash script completes in a real bash", { skip: bash.skip, timeout: 60_000 }, async () => {
  await using folder = await tempFolder();
  const words = "Deno" in globalThis
    ? [process.execPath, "run", "-A", "--no-check", MAIN]
    : [process.execPath, MAIN];
  await folder.write({
    "pyrpc": `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`,
    "try.sh": `source <(pyrpc completions bash)
COMP_WORDS=(pyrpc diff --format ju); COMP_CWORD=3; _pyrpc; echo "\${COMPREPLY[*]}"
COMP_WORDS=(pyrpc ""); COMP_CWORD=1; _pyrpc; echo "\${#COMPREPLY[@]}"
complete -p pyrpc-toolkit\n`,
  });
  await chmod(folder.at("pyrpc"), 0o755);
  const env = { ...process.env, PATH: `${folder.path}:${process.env["PATH"]}` };
  const { stdout } = await run(bash.path, ["--norc", folder.at("try.sh")], { env });
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines[0], "junit");
  assert.equal(Number(lines[1]), Object.keys(COMMANDS).length);
  assert.match(lines[2] ?? "", /-F _pyrpc pyrpc-toolkit$/);
});
