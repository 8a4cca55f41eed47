import assert from "node:assert/strict";
import { test } from "node:test";
import { run, type StricliProcess } from "@stricli/core";
import { buildCli, type CliApplication, loadCommands } from "../../lib/cli/application.ts";
import { prepareArguments } from "../../lib/cli/arguments.ts";
import { defineCommand } from "../../lib/cli/define.ts";
import { repeatable, repeatedArgument, text, toggle } from "../../lib/cli/flags/builders.ts";
import { value } from "../../lib/cli/flags/builders.ts";
import { ExitCode, ToolError } from "../../lib/errors.ts";
import type { Console } from "../../lib/runtime/mod.ts";
import { runCli } from "../support/run_cli.ts";

const FLAGS = {
  out: text("A value", { alias: "o" }),
  listing: value("A value that can be left out", String, { alias: "l", isValueOptional: true }),
  json: toggle("A switch", { alias: "j" }),
  quiet: toggle("Another", { alias: "q" }),
  header: repeatable(text("Several values", { alias: "H" })),
};

let seen: unknown;
const APPLICATION: CliApplication = {
  name: "pyrpc",
  summary: "A test",
  description: "A test",
  version: "1",
  setUpClient: () => Promise.resolve(undefined),
  commands: {
    do: () =>
      Promise.resolve(defineCommand({
        summary: "Print what was parsed",
        examples: [],
        flags: FLAGS,
        args: [repeatedArgument("WORD", "Anything")],
        run(_, flags, ...args) {
          const given = Object.entries(flags)
            .filter(([, value]) => value !== undefined && value !== false);
          seen = [Object.fromEntries(given), ...args];
          return ExitCode.Ok;
        },
      })),
  },
};
const COMMANDS = await loadCommands(APPLICATION);

/** The flags and arguments that the command receives, or the text of the usage error. */
async function parsed(args: readonly string[], { prepared = true } = {}): Promise<unknown> {
  let errors = "";
  const write = (text: string) => void (errors += text);
  const process: StricliProcess = { stdout: { write }, stderr: { write }, env: {} };
  const console = { stderr: { write }, env: { NO_COLOR: "1" } } as unknown as Console;
  const context = {
    process,
    console,
    run: () => Promise.resolve(0),
    complete: () => Promise.resolve([]),
    setUpClient: () => Promise.resolve(),
    hint: (text: string) => text,
  };
  const line = ["do", ...args];
  seen = undefined;
  try {
    const words = prepared ? prepareArguments(line, FLAGS, "pyrpc do --help") : line;
    await run(buildCli(APPLICATION, COMMANDS, console), words, context);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return error.message;
  }
  return seen ?? /^error: (.*)/.exec(errors)?.[1];
}

const WORKAROUNDS: readonly (readonly [string, readonly string[], unknown])[] = [
  ["reads a value glued to an alias as an argument", ["-o18812"], [{ out: "18812" }]],
  ["... with a dot", ["-oapi.ts", "x"], [{ out: "api.ts" }, "x"]],
  ["... that looks like a flag", ["-o--json"], [{ out: "--json" }]],
  ["... of several lines", ["-oa\nb"], [{ out: "a\nb" }]],
  ["reads letters glued to an alias as more aliases", ["-oapi"], [{ out: "api" }]],
  ["reads an empty value as an argument", ["--out="], [{ out: "" }]],
  ["... of an alias", ["-o="], [{ out: "" }]],
  ["reads a value of several lines as an argument", ["--out=a\nb"], [{ out: "a\nb" }]],
  ["... also of an unknown flag", ["--nope=a\nb"], 'Unknown flag "--nope" in "--nope=a\nb"'],
  [
    "reads a value of a switch as an argument",
    ["--json="],
    'The flag "--json" does not accept a value: "--json="',
  ],
  ["... glued to its alias", ["-q1"], 'The flag "-q" does not accept a value: "-q1"'],
  ["reads a long flag of one letter as an argument", ["--x"], 'Unknown flag "--x"'],
  ["reads an unknown alias with a value as an argument", ["-p1"], 'Unknown flag "-p" in "-p1"'],
  ["reads a flag beyond ASCII as an argument", ["-ü"], 'Unknown flag "-ü"'],
  ["... of two code units", ["-\u{1f600}x"], 'Unknown flag "-\u{1f600}" in "-\u{1f600}x"'],
  ["... behind a flag whose value can be left out", ["-l", "-ü"], 'Unknown flag "-ü"'],
];

for (const [behavior, args, expected] of WORKAROUNDS) {
  test(`prepareArguments(): Stricli ${behavior}: ${JSON.stringify(args)}`, async () => {
    assert.deepEqual(await parsed(args), expected);
    assert.notDeepEqual(
      await parsed(args, { prepared: false }),
      expected,
      "Stricli alone does the same: this workaround is no longer needed",
    );
  });
}

const READ_CORRECTLY: readonly (readonly [readonly string[], unknown])[] = [
  [["-o", "-"], [{ out: "-" }]],
  [["-o", "- x"], [{ out: "- x" }]],
  [["--out", "-ü"], [{ out: "-ü" }]],
  [["-o", "-5"], [{ out: "-5" }]],
  [["-o", "-p1"], [{ out: "-p1" }]],
  [["--out", ""], [{ out: "" }]],
  [["--out=--json"], [{ out: "--json" }]],
  [["-5", "-.5", "-"], [{}, "-5", "-.5", "-"]],
  [["-qj"], [{ json: true, quiet: true }]],
  [["-q=yes"], [{ quiet: true }]],
  [["-l"], [{ listing: "" }]],
  [["-l", "x"], [{ listing: "x" }]],
  [["-l", "--json"], [{ listing: "", json: true }]],
  [["--", "-o1", "--x"], [{}, "-o1", "--x"]],
  [["-o", "--", "x"], "The flag --out needs a value"],
  [["-o", "--json"], "The flag --out needs a value, but --json follows"],
  [["--json=perhaps"], 'Cannot use "perhaps" for --json: Cannot convert perhaps to a boolean'],
  [["--jsn"], 'Unknown flag "--jsn", did you mean "--json"?'],
  [["-z"], 'Unknown flag "-z"'],
];

for (const [args, expected] of READ_CORRECTLY) {
  test(`prepareArguments() leaves to Stricli what it reads correctly: ${JSON.stringify(args)}`, async () => {
    const alone = await parsed(args, { prepared: false });
    assert.deepEqual(await parsed(args), alone);
    assert.deepEqual(alone, expected);
  });
}

test("defineCommand(): Stricli keeps -H for the help of hidden flags, which means --header here", async () => {
  for (const args of [["-H", "A: 1"], ["-HA: 1"], ["-H=A: 1"], ["--header", "A: 1"]]) {
    assert.deepEqual(await parsed(args), [{ header: ["A: 1"] }], args.join(" "));
  }
});

test("defineCommand(): Stricli finds names of Object.prototype among the flags, and ignores them", async () => {
  for (const name of ["toString", "constructor", "hasOwnProperty", "value-of", "no-to-string"]) {
    for (const args of [[`--${name}`, "x"], [`--${name}=x`]]) {
      assert.match(String(await parsed(args)), /^Unknown flag "--/, args.join(" "));
    }
  }
});

test("defineCommand(): Stricli's help prints the default of a switch that is off", async () => {
  const { stdout } = await runCli(["version", "--help"]);
  assert.match(stdout, /--json/);
  assert.doesNotMatch(stdout, /default = false/);
});
