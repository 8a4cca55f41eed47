import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { COMMAND_NAMES } from "../../commands/mod.ts";
import { requireTool } from "../support/external.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { startTerminal, tmuxSkip } from "../support/tmux.ts";

const bash = requireTool("bash");
const fish = requireTool("fish");
const zsh = requireTool("zsh");
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
  for (const name of COMMAND_NAMES) assert.ok(proposed.includes(name), name);
  assert.deepEqual(await propose("bash", "com"), ["completions"]);
});

test("completions propose flags and values of flags", async () => {
  assert.deepEqual(await propose("bash", "diff", "--form"), ["--format"]);
  assert.deepEqual(await propose("bash", "diff", "--format", "j"), ["json", "junit"]);
  assert.deepEqual(await propose("bash", "diff", "--format=ma"), ["--format=markdown"]);
  assert.deepEqual(await propose("bash", "init", "--distribution", ""), ["workspace", "server"]);
  assert.deepEqual(await propose("bash", "completions", "po"), ["powershell"]);
  assert.deepEqual(await propose("bash", "nonsense", "x"), []);
  assert.deepEqual(await propose("bash", "serve", "--mode", "f"), ["forking"]);
  assert.deepEqual(await propose("bash", "export", "o"), ["openrpc"]);
  assert.deepEqual(await propose("bash", "registry", "q"), ["query"]);
  assert.deepEqual(await propose("bash", "completions", "--p"), [], "what only scripts call");
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

/** A folder with a program `pyrpc`, and the variables that let a shell find it. */
async function programFolder() {
  const folder = await tempFolder();
  const words = "Deno" in globalThis
    ? [process.execPath, "run", "-A", "--no-check", MAIN]
    : [process.execPath, MAIN];
  const program = `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`;
  await folder.write({ "pyrpc": program, "a file": "" });
  await chmod(folder.at("pyrpc"), 0o755);
  return { folder, env: { ...process.env, PATH: `${folder.path}:${process.env["PATH"]}` } };
}

test("the fish script completes in a real fish, files only where nothing else fits", {
  skip: fish.skip,
  timeout: 60_000,
}, async () => {
  const { folder, env } = await programFolder();
  await using _ = folder;
  const lines = ["diff --format ju", "com", "codegen "].map((words) =>
    `complete -C 'pyrpc ${words}'`
  );
  const script = ["pyrpc completions fish | source", ...lines].join("; ");
  const { stdout } = await run(fish.path, ["--no-config", "-c", script], { env, cwd: folder.path });
  const names = stdout.trimEnd().split("\n").map((line) => line.split("\t")[0]);
  assert.deepEqual(names.slice(0, 2), ["junit", "completions"]);
  assert.ok(names.some((name) => name?.includes("file")), stdout);
});

test("the zsh script completes in a real zsh", {
  skip: zsh.skip || tmuxSkip,
  timeout: 120_000,
}, async () => {
  const { folder } = await programFolder();
  await using _ = folder;
  await using terminal = await startTerminal([zsh.path, "-f"], folder.path);
  const setUp = `PATH="${folder.path}:$PATH" PS1='ready> ';`;
  await terminal.press(
    `${setUp} autoload -Uz compinit; compinit -u -D; source <(pyrpc completions zsh); clear`,
    "Enter",
  );
  await terminal.screenWith("ready>");
  await terminal.press("pyrpc diff --format ju", "Tab");
  await terminal.screenWith("pyrpc diff --format junit");
  await terminal.press("C-u");
  await terminal.press("pyrpc comp", "Tab");
  await terminal.screenWith("pyrpc completions");
});

test("the bash script completes in a real bash", { skip: bash.skip, timeout: 60_000 }, async () => {
  const { folder, env } = await programFolder();
  await using _ = folder;
  await folder.write({
    "try.sh": `source <(pyrpc completions bash)
COMP_WORDS=(pyrpc diff --format ju); COMP_CWORD=3; _pyrpc; echo "\${COMPREPLY[*]}"
COMP_WORDS=(pyrpc ""); COMP_CWORD=1; _pyrpc; echo "\${#COMPREPLY[@]}"
complete -p pyrpc-toolkit\n`,
  });
  const { stdout } = await run(bash.path, ["--norc", folder.at("try.sh")], { env });
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines[0], "junit");
  assert.equal(Number(lines[1]), COMMAND_NAMES.length);
  assert.match(lines[2] ?? "", /-F _pyrpc pyrpc-toolkit$/);
});
