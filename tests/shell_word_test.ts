import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import {
  commandAfter,
  commandIn,
  commandWithJson,
  makeFolderCommand,
  removeFolderCommand,
  shellProgram,
  shellWord,
  writableCommand,
} from "../lib/shell_word.ts";

const TEXTS = ["plain", "a b", "it's", 'a "b"', "$HOME", "`x`", "a;b", "ö", "a%b", "", "(x)"];

test("shellWord() quotes every text for a POSIX shell", {
  skip: process.platform === "win32" && "there is no POSIX shell",
}, () => {
  for (const text of TEXTS) {
    const echoed = execFileSync("sh", ["-c", `printf %s ${shellWord(text, "linux")}`]);
    assert.equal(String(echoed), text);
  }
});

test("shellWord() quotes for PowerShell on Windows", () => {
  const quoted = ["C:\\a\\b.py", "C:\\Ada Lövlace", 'a "b"', "$x", "`x`", "", "a” b"]
    .map((text) => shellWord(text, "win32"));
  assert.deepEqual(quoted, [
    "C:\\a\\b.py",
    '"C:\\Ada Lövlace"',
    '"a `"b`""',
    '"`$x"',
    '"``x``"',
    '""',
    '"a`” b"',
  ]);
});

test("commandWithJson() passes a JSON text in PowerShell as ASCII on standard input", () => {
  const json = JSON.stringify({ a: 'it\'s ‘ü’ "😀" \n $x `y`' });
  const parts = { before: ["p"], flag: { word: "--data", stdin: "--data -" }, after: ["u"] };
  const command = commandWithJson(json, parts, "win32");
  const [, text = ""] = /^'([ -~]*)' \| p --data - u$/.exec(command) ?? [];
  // Within single quotes, only a single quote is special, and is doubled.
  assert.doesNotMatch(text.replaceAll("''", ""), /'/);
  assert.deepEqual(JSON.parse(text.replaceAll("''", "'")), JSON.parse(json));
  const spaced = JSON.stringify({ a: [1, 2] }, null, "\t");
  assert.match(commandWithJson(spaced, parts, "win32"), /^'[ -~]*\[ +1, +2 +\] \}' \|/);
  assert.equal(commandWithJson("[1]", parts, "linux"), "p --data '[1]' u");
});

test("commands that are printed are for the shell of the system", () => {
  const path = "C:\\Program Files\\Py 312\\python.exe";
  assert.equal(shellProgram(path, "win32"), `& "${path}"`);
  assert.equal(shellProgram("C:\\Py\\python.exe", "win32"), "C:\\Py\\python.exe");
  assert.equal(shellProgram("/opt/my py/python", "linux"), "'/opt/my py/python'");
  assert.equal(commandIn("C:\\a b", "pyrpc dev", "win32"), 'cd "C:\\a b"; pyrpc dev');
  assert.equal(commandIn("../a", "pyrpc dev", "linux"), "cd ../a && pyrpc dev");
  assert.equal(commandAfter("a", "b", "win32"), "a; b");
  assert.equal(commandAfter("a", "b", "linux"), "a && b");
  assert.equal(makeFolderCommand("a b", "win32"), 'mkdir "a b";');
  assert.equal(writableCommand("C:\\a b", "win32"), 'attrib -r "C:\\a b"');
  assert.equal(writableCommand("/a b", "linux"), "chmod u+w '/a b'");
  assert.equal(removeFolderCommand("C:\\a b", "win32"), 'Remove-Item -Recurse -Force "C:\\a b"');
  assert.equal(removeFolderCommand("/a b", "darwin"), "rm -r '/a b'");
});
