import assert from "node:assert/strict";
import { test } from "node:test";
import { commandIn } from "../../lib/shell_word.ts";
import { shellLine } from "../../lib/doctor/apply_fixes.ts";

test("shellLine() removes PowerShell's operator for cmd.exe", () => {
  const command = '& "C:\\Program Files\\Python\\python.exe" -m pip install pyrpc-core';
  assert.equal(shellLine(command, "win32"), command.slice(2));
  assert.equal(shellLine("uv sync", "win32"), "uv sync");
  assert.equal(
    shellLine(commandIn("D:\\my app", command, "win32"), "win32"),
    `cd /d "D:\\my app" && ${command.slice(2)}`,
  );
  assert.equal(shellLine(command, "linux"), command);
});
