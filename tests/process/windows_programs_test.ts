// Runs under Deno only: it reads the sources with the TypeScript compiler

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { pipedEnvironment } from "../../lib/process/child_environment.ts";
import { isProgram } from "../../lib/process/find_program.ts";
import { filesBelow, ROOT } from "../../scripts/project.ts";

const STARTERS = /^(spawn|spawnSync|execFile|execFileSync|exec|execSync|fork)$/;

test("every child process hides its window on Windows", async () => {
  const files = [...await filesBelow("lib", ".ts"), ...await filesBelow("commands", ".ts")];
  let count = 0;
  for (const path of files) {
    const text = await readFile(join(ROOT, path), "utf8");
    if (!text.includes("node:child_process")) continue;
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (
        ts.isCallExpression(node) && ts.isIdentifier(node.expression) &&
        STARTERS.test(node.expression.text)
      ) {
        count++;
        // The options may have a name in the same function.
        let scope: ts.Node = node;
        while (!ts.isFunctionLike(scope)) scope = scope.parent;
        assert.match(scope.getText(), /\bwindowsHide\b/, `${path}: ${node.getText()}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  assert.ok(count >= 5, `${count} calls were found`);
});

test("pipedEnvironment() makes Python write UTF-8 on Windows", () => {
  assert.deepEqual(pipedEnvironment({ A: "1" }, "win32"), { A: "1", PYTHONIOENCODING: "utf-8" });
  const own = { PYTHONIOENCODING: "latin-1" };
  assert.deepEqual(pipedEnvironment(own, "win32"), own);
  assert.deepEqual(pipedEnvironment({ PYTHONUTF8: "1" }, "win32"), { PYTHONUTF8: "1" });
  assert.deepEqual(pipedEnvironment({ A: "1" }, "linux"), { A: "1" });
});

test("isProgram() accepts an alias of the Microsoft Store, whose target cannot be read", async () => {
  const file = { isFile: () => true, isDirectory: () => false };
  const unreadable = () => Promise.reject(Object.assign(new Error("x"), { code: "EACCES" }));
  const link = { isFile: () => false, isDirectory: () => false };
  const folder = { isFile: () => false, isDirectory: () => true };
  const found = (stat: () => Promise<typeof file>, lstat: () => Promise<typeof file>) =>
    isProgram("C:\\python.exe", { isWindows: true, stat, lstat });
  assert.equal(await found(() => Promise.resolve(file), unreadable), true);
  assert.equal(await found(unreadable, () => Promise.resolve(link)), true);
  assert.equal(await found(() => Promise.resolve(folder), unreadable), false);
  assert.equal(await found(unreadable, unreadable), false);
});
