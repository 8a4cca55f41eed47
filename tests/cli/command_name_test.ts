import assert from "node:assert/strict";
import { test } from "node:test";
import { withCommandName } from "../../lib/cli/output/command_name.ts";
import { commandNameOf } from "../../lib/runtime/command_name.ts";
import { runCli } from "../support/run_cli.ts";

test("commandNameOf() returns the command that was typed", () => {
  const rows: [execPath: string, argv0: string, script: string | undefined, name: string][] = [
    ["/usr/local/bin/pyrpc", "pyrpc", undefined, "pyrpc"],
    ["/usr/local/bin/pyrpc", "pyrpc-toolkit", undefined, "pyrpc-toolkit"],
    ["/usr/local/bin/pyrpc", "bun", undefined, "pyrpc"],
    ["/app/.venv/bin/pyrpc-toolkit", "pyrpc-toolkit", undefined, "pyrpc-toolkit"],
    ["C:\\venv\\Scripts\\pyrpc-toolkit.exe", "x", undefined, "pyrpc-toolkit"],
    ["/home/a/.cache/uv/archive-v0/Xy-1/bin/pyrpc-toolkit", "x", undefined, "uvx pyrpc-toolkit"],
    ["/cache/environments-v2/Xy-1/bin/pyrpc-toolkit", "x", undefined, "uvx pyrpc-toolkit"],
    [
      "/home/a/.local/pipx/.cache/0123456789abcde/bin/pyrpc-toolkit",
      "x",
      undefined,
      "pipx run pyrpc-toolkit",
    ],
    ["/home/a/.local/pipx/venvs/pyrpc-toolkit/bin/pyrpc-toolkit", "x", undefined, "pyrpc-toolkit"],
    ["/app/node_modules/@pyrpc/cli-linux-x64/pyrpc", "pyrpc", undefined, "npx pyrpc"],
    ["/usr/bin/node", "node", "/app/node_modules/.bin/pyrpc", "npx pyrpc"],
    ["/usr/bin/node", "node", "/usr/local/bin/pyrpc", "pyrpc"],
    ["/usr/bin/deno", "deno", undefined, "pyrpc"],
  ];
  for (const [execPath, argv0, script, name] of rows) {
    // Backslashes separate folders on Windows only.
    const isForeign = execPath.includes("\\") && !import.meta.filename?.includes("\\");
    const found = commandNameOf({ execPath, argv0, script });
    assert.equal(found, isForeign ? "pyrpc" : name, execPath);
  }
});

test("withCommandName() renames the commands of hints and nothing else", () => {
  const commands = ["dev", "sync", "init", "check"];
  const rows: [text: string, toolkit: string, npm: string][] = [
    ["fix: pyrpc sync", "fix: pyrpc-toolkit sync", "fix: npx pyrpc sync"],
    ["Next: pyrpc dev", "Next: pyrpc-toolkit dev", "Next: pyrpc dev"],
    ["pyrpc init --client", "pyrpc-toolkit init --client", "npx pyrpc init --client"],
    [
      "pyrpc init --example a b",
      "pyrpc-toolkit init --example a b",
      "npx pyrpc init --example a b",
    ],
    ["pyrpc init --entry app", "pyrpc-toolkit init --entry app", "pyrpc init --entry app"],
    ["cd web && pyrpc check", "cd web && pyrpc-toolkit check", "cd web && npx pyrpc check"],
    ...[
      "run npx pyrpc sync",
      "uvx pyrpc-toolkit dev",
      "/usr/bin/pyrpc sync",
      "@x/pyrpc sync",
      "my-pyrpc sync",
      "pyrpc is not set up",
      "Run pyrpc dev on your backend to regenerate types on change.",
    ].map((text): [string, string, string] => [text, text, text]),
  ];
  for (const [text, toolkit, npm] of rows) {
    assert.equal(withCommandName(text, "pyrpc", commands), text);
    assert.equal(withCommandName(text, "pyrpc-toolkit", commands), toolkit);
    assert.equal(withCommandName(text, "npx pyrpc", commands), npm);
  }
});

test("help, errors, and the fixes of doctor name the command as it was called", async () => {
  const named = (args: readonly string[], commandName: string) => runCli(args, { commandName });
  const help = await named(["sync", "--help"], "pyrpc-toolkit");
  assert.match(help.stdout, /^USAGE\n {2}pyrpc-toolkit sync \[flags\]/);
  assert.doesNotMatch(help.stdout, /(?<!npx )\bpyrpc (?:sync|check|init|pull|codegen)\b/);
  const failed = await named(["sync"], "npx pyrpc");
  assert.match(failed.stderr, /npx pyrpc sync --server-url http:[^]*npx pyrpc init --client/);
  const doctor = await named(["doctor", "--json"], "uvx pyrpc-toolkit");
  assert.match(doctor.stdout, /"uvx pyrpc-toolkit init/);
  // Data is not a message.
  const data = await named(["completions", "bash"], "pyrpc-toolkit");
  assert.equal(data.stdout, (await named(["completions", "bash"], "pyrpc")).stdout);
});
