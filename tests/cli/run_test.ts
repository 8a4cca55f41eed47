import assert from "node:assert/strict";
import { test } from "node:test";
import type { CliApplication } from "../../lib/cli/application.ts";
import { defineCommand } from "../../lib/cli/define.ts";
import { optionalArgument, toggle } from "../../lib/cli/flags/builders.ts";
import { runCli } from "../../lib/cli/run.ts";
import { ExitCode, usageError } from "../../lib/errors.ts";
import { capturedConsole } from "../support/captured_console.ts";

/** An application of two commands; `calls` receives the names of the parts that ran. */
function application(calls: string[], isSetUp = false): CliApplication {
  return {
    name: "tool",
    summary: "Test the framework",
    description: "Two commands.",
    version: "tool 1.2.3",
    setUpClient: () => {
      calls.push("setUpClient");
      return Promise.resolve(isSetUp ? { args: ["sync"] } : undefined);
    },
    commands: {
      sync: () =>
        Promise.resolve(defineCommand({
          summary: "Print a greeting",
          examples: [],
          flags: {
            client: toggle("Needs the client"),
            fail: toggle("Fail"),
            crash: toggle("Crash"),
          },
          args: [optionalArgument("NAME", "Name to greet")],
          readsClient: ({ client }) => client,
          run({ console }, { fail, crash }, name = "you") {
            calls.push("sync");
            if (fail) throw usageError("It failed", "Try again");
            if (crash) throw new TypeError("a bug");
            console.stdout.write(`hello ${name}\n`);
            return ExitCode.No;
          },
        })),
      outer: () =>
        Promise.resolve(defineCommand({
          summary: "Run another command",
          examples: [],
          async run({ run, console }) {
            const inner = capturedConsole();
            const code = await run(["sync", "Ada"], inner.console);
            console.stdout.write(`${code} ${inner.stdout()}`);
            return ExitCode.Ok;
          },
        })),
    },
  };
}

async function run(args: readonly string[], { isSetUp = false } = {}) {
  const calls: string[] = [];
  const { console, stdout, stderr } = capturedConsole();
  const code = await runCli(application(calls, isSetUp), args, console);
  return { code, stdout: stdout(), stderr: stderr(), calls };
}

test("runCli() returns the exit code of the command", async () => {
  assert.deepEqual(await run(["sync", "Ada"]), {
    code: ExitCode.No,
    stdout: "hello Ada\n",
    stderr: "",
    calls: ["sync"],
  });
});

test("a command runs another command line, which prints to the console that it passes", async () => {
  const { code, stdout } = await run(["outer"]);
  assert.deepEqual([code, stdout], [ExitCode.Ok, "1 hello Ada\n"]);
});

test("a command line that reads the client configuration sets the client up first", async () => {
  assert.deepEqual((await run(["sync", "--client"])).calls, ["setUpClient", "sync"]);
});

test("an empty command line prints the help, or syncs once the client was set up", async () => {
  const help = await run([]);
  assert.deepEqual([help.code, help.calls], [ExitCode.Ok, ["setUpClient"]]);
  assert.match(help.stdout, /COMMANDS\n {2}sync {3}Print a greeting\n {2}outer/);
  assert.deepEqual((await run([], { isSetUp: true })).calls, ["setUpClient", "sync"]);
});

test("`help COMMAND` and `COMMAND -h` print the same", async () => {
  const { stdout } = await run(["help", "sync"]);
  assert.match(stdout, /^USAGE\n {2}tool sync \[flags\] \[NAME\]\n/);
  assert.equal((await run(["sync", "-h"])).stdout, stdout);
});

test("--version prints the version", async () => {
  assert.deepEqual((await run(["--version"])).stdout, "tool 1.2.3\n");
});

const FAILURES: readonly [args: readonly string[], code: ExitCode, stderr: RegExp][] = [
  [["sync", "--fail"], ExitCode.Usage, /^error: It failed\n {2}fix: Try again\n/],
  [["sync", "--crash"], ExitCode.Bug, /a bug/],
  [
    ["sync", "a", "b"],
    ExitCode.Usage,
    /^error: Unexpected argument "b"\n {2}fix: tool sync --help/,
  ],
  [
    ["snyc"],
    ExitCode.Usage,
    /^error: Unknown command "snyc", did you mean "sync"\?\n {2}fix: tool --help/,
  ],
  [["--versoin"], ExitCode.Usage, /^error: Unknown flag "--versoin", did you mean "--version"\?/],
];

for (const [args, code, stderr] of FAILURES) {
  test(`tool ${args.join(" ")} fails with ${code}`, async () => {
    const result = await run(args);
    assert.equal(result.code, code);
    assert.match(result.stderr, stderr);
    assert.equal(result.stdout, "");
  });
}
