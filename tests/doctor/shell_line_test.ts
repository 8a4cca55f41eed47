import assert from "node:assert/strict";
import { test } from "node:test";
import { commandAfter, commandIn } from "../../lib/shell_word.ts";
import { shellLine } from "../../lib/doctor/apply_fixes.ts";

test("shellLine() replaces PowerShell's operators by those of cmd.exe", () => {
  const command = '& "C:\\Program Files\\Python\\python.exe" -m pip install pyrpc-core';
  assert.equal(shellLine(command, "win32"), command.slice(2));
  assert.equal(shellLine("uv sync", "win32"), "uv sync");
  assert.equal(
    shellLine(commandIn("D:\\my app", command, "win32"), "win32"),
    `cd /d "D:\\my app" && ${command.slice(2)}`,
  );
  const environment = commandAfter("py -m venv .venv", ".venv\\Scripts\\pip install x", "win32");
  assert.equal(
    shellLine(commandIn("D:\\a; b", environment, "win32"), "win32"),
    'cd /d "D:\\a; b" && py -m venv .venv && .venv\\Scripts\\pip install x',
  );
  assert.equal(shellLine(command, "linux"), command);
});
