import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { test } from "node:test";
import { runProgram, startProgram } from "../../lib/process/mod.ts";
import { commandLine } from "../../lib/process/command_line.ts";
import { tempFolder } from "../support/temp_folder.ts";

// The engines throw for some of these, report others by an event, and do not agree which.
const UNSTARTABLE: readonly [name: string, file: string, args: readonly string[]][] = [
  ["a missing program", "missing", []],
  ["a file that may not be executed", "text", []],
  ["a file of another format", "format", []],
  ["a folder", "folder", []],
  ["a path below a file", "text/x", []],
  ["a name that is too long", "x".repeat(5000), []],
  ["an argument with a NUL", "script", ["a\0b"]],
];

async function programs() {
  const folder = await tempFolder({
    "text": "",
    "format": "\0\0\0\0 no program",
    "folder/x": "",
    "script": "#!/bin/sh\necho out; echo err >&2; exit 3\n",
  });
  for (const name of ["format", "script"]) await chmod(folder.at(name), 0o755);
  return folder;
}

for (const [name, file, args] of UNSTARTABLE) {
  test(`runProgram() returns a result for ${name}`, async () => {
    await using folder = await programs();
    const result = await runProgram(`${folder.path}/${file}`, args, { cwd: folder.path });
    assert.notEqual(result.code, 0);
    assert.equal(result.stdout, "");
    if (file === "missing") assert.equal(result.isMissing, true);
  });

  test(`startProgram() returns an error or a child that fails for ${name}`, async () => {
    await using folder = await programs();
    const started = startProgram(`${folder.path}/${file}`, args, { cwd: folder.path, env: {} });
    if (started instanceof Error) return;
    started.stdin?.on("error", () => {});
    const [problem] = await Promise.race([once(started, "exit"), failure(started)]);
    assert.notEqual(problem, 0);
  });
}

function failure(child: import("node:events").EventEmitter): Promise<[unknown]> {
  return new Promise((resolve) => child.on("error", (error) => resolve([error])));
}

test("runProgram() returns the output and the exit code", {
  skip: process.platform === "win32" && "a shell script",
}, async () => {
  await using folder = await programs();
  assert.deepEqual(await runProgram(folder.at("script"), []), {
    code: 3,
    stdout: "out\n",
    stderr: "err\n",
    isMissing: false,
  });
});

test("runProgram() ends a program at its limit", {
  skip: process.platform === "win32" && "no such program",
}, async () => {
  const { code } = await runProgram("sleep", ["1000"], { limitMs: 50 });
  assert.equal(code, null);
});

const WINDOWS = { system: "win32", shell: "C:\\Windows\\system32\\cmd.exe" };

for (
  const [command, args, line] of [
    [
      "C:\\py env\\python.bat",
      ["-c", "import sys;x"],
      `"C:\\py env\\python.bat" -c "import sys;x"`,
    ],
    ["C:\\npm.cmd", ["view", "@a/b@latest"], `C:\\npm.cmd view @a/b@latest`],
    ["C:\\X.CMD", ["", "a b", "end\\"], `C:\\X.CMD "" "a b" "end\\\\"`],
    ["C:\\x.bat", ['say "hi"', 'a\\"b'], `C:\\x.bat "say ""hi""" "a\\\\""b"`],
    ["C:\\x.bat", ["%PATH%", "a&b|c>d^e!f"], `C:\\x.bat "%%cd:~,%PATH%%cd:~,%" "a&b|c>d^e!f"`],
    ["C:\\x.bat. ", [], `"C:\\x.bat. "`],
  ] as const
) {
  test(`commandLine() quotes ${command} ${args.join(" ")} for cmd.exe`, () => {
    assert.deepEqual(commandLine(command, args, WINDOWS), {
      file: WINDOWS.shell,
      args: ["/e:ON", "/v:OFF", "/d", "/s", "/c", `"${line}"`],
      windowsVerbatimArguments: true,
    });
  });
}

for (
  const [command, system] of [
    ["C:\\python.exe", "win32"],
    ["git", "win32"],
    ["C:\\a.bat\\python.exe", "win32"],
    ["/usr/bin/python.bat", "linux"],
    ["/usr/bin/python.cmd", "darwin"],
  ] as const
) {
  test(`commandLine() starts ${command} of ${system} itself`, () => {
    const args = ["-c", 'a "b" %c%\n'];
    assert.deepEqual(commandLine(command, args, { ...WINDOWS, system }), {
      file: command,
      args,
      windowsVerbatimArguments: false,
    });
  });
}

test("commandLine() refuses a line break for a batch file", () => {
  for (const argument of ["a\nb", "a\r", "\0"]) {
    assert.throws(() => commandLine("x.bat", [argument], WINDOWS), /line break/);
  }
});
