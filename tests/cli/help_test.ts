import assert from "node:assert/strict";
import { test } from "node:test";
import { PYRPC } from "../../commands/mod.ts";
import { loadCommands } from "../../lib/cli/application.ts";
import {
  file,
  grouped,
  repeatable,
  repeatedArgument,
  text,
  toggle,
  value,
} from "../../lib/cli/flags/builders.ts";
import { formatCommandHelp } from "../../lib/cli/help.ts";
import { spelled } from "../../lib/cli/suggestions.ts";
import { ExitCode } from "../../lib/errors.ts";
import { runCli } from "../support/run_cli.ts";

const COMMANDS = Object.entries(await loadCommands(PYRPC));

for (const [name, { help }] of COMMANDS) {
  test(`help of "${name}" has a summary, examples, and every flag with its placeholder`, async () => {
    const { code, stdout, stderr } = await runCli([name, "--help"]);
    assert.equal(code, ExitCode.Ok);
    assert.equal(stderr, "");
    assert.ok(stdout.includes(`\n${help.summary}\n`));
    assert.match(help.summary, /^[A-Z].*[^.]$/, "an imperative sentence without a full stop");
    assert.match(stdout, new RegExp(`^EXAMPLES\n  .*pyrpc ${name}`, "m"), "no example");
    for (const [flag, { brief, parse, placeholder, hidden }] of Object.entries(help.flags ?? {})) {
      assert.match(brief, /^\S.{5,84}[^.\s]$/, `--${flag} is explained on one line`);
      if (hidden) assert.ok(!stdout.includes(spelled(flag)), `--${flag} is hidden`);
      else if (parse === undefined) {
        assert.match(stdout, new RegExp(`--(\\[no-\\])?${spelled(flag).slice(2)}\\s`));
      } else {assert.match(
          stdout,
          new RegExp(`${spelled(flag)} \\[?<${placeholder?.replace(/[|[\]]/g, "\\$&")}>`),
        );}
    }
  });
}

test("help lists every command and the exit codes", async () => {
  const { stdout } = await runCli(["--help"]);
  for (const [name, { help }] of COMMANDS) {
    const line = stdout.split("\n").find((each) => each.startsWith(`  ${name} `));
    assert.equal(line?.slice(name.length + 2).trim(), help.summary);
  }
  for (const code of Object.values(ExitCode)) assert.match(stdout, new RegExp(`\\b${code}\\b`));
});

test("formatCommandHelp() puts each argument that may be omitted in brackets", () => {
  const rows: [Parameters<typeof repeatedArgument>, string][] = [
    [["NAME", "Names"], "[NAME...]"],
    [["NAME", "Names", { minimum: 1 }], "NAME..."],
    [["SOURCE NAME", "Names", { minimum: 1 }], "SOURCE [NAME...]"],
    [["SOURCE NAME ARGUMENT", "Names", { minimum: 2 }], "SOURCE NAME [ARGUMENT...]"],
  ];
  for (const [argument, usage] of rows) {
    const help = formatCommandHelp("tool do", {
      summary: "Do it",
      examples: [],
      args: [repeatedArgument(...argument)],
    });
    assert.ok(help.includes(`tool do [flags] ${usage}\n`), help);
  }
});

test("formatCommandHelp() lists flags without a group first, then each group", () => {
  const help = formatCommandHelp("tool do", {
    summary: "Do it",
    examples: [{ command: "tool do", does: "does it" }],
    flags: {
      ...grouped("Second", { late: toggle("In a group") }),
      out: file("File to write", { alias: "o" }),
      color: toggle("Colours", { default: true }),
      mode: value("Mode", String, { placeholder: "mode", isValueOptional: true }),
      names: repeatable(text("Names", { placeholder: "name" })),
      secret: toggle("Hidden", { hidden: true }),
    },
  });
  assert.equal(
    help.slice(help.indexOf("FLAGS\n")),
    `FLAGS
  -o, --out <file>       File to write
      --[no-]color       Colours
      --mode [<mode>]    Mode
      --names <name>...  Names
  -h, --help             Print help information and exit
      --                 Treat everything that follows as arguments

SECOND FLAGS
      --late  In a group
`,
  );
});

const WRONG: readonly [string, readonly string[]][] = [
  ["an unknown command", ["xyzzy"]],
  ["an unknown flag", ["version", "--nope"]],
  ["a misspelled flag", ["serve", "--cors-orgin", "x"]],
  ["an unknown alias", ["version", "-z"]],
  ["too many arguments", ["version", "x"]],
  ["a missing argument", ["codegen"]],
  ["a missing value", ["codegen", "x", "--out"]],
  ["a value that cannot be", ["codegen", "x", "--timeout", "soon"]],
  ["a value for a switch", ["version", "--json=perhaps"]],
  ["a value glued to no flag", ["codegen", "-p18812"]],
  ["a one-letter long flag", ["codegen", "--p", "x"]],
  ["a negated value", ["version", "--no-json=x"]],
  ["a flag that is not ASCII", ["version", "-ü"]],
];

for (const [what, args] of WRONG) {
  test(`usage error: ${what} is exit code 2, on stderr, with a way out`, async () => {
    const { code, stdout, stderr } = await runCli(args);
    assert.equal(code, ExitCode.Usage, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^error: .+\n {2}fix: pyrpc .*--help/);
  });
}

test("usage error: arguments after -- are arguments", async () => {
  const { stderr } = await runCli(["codegen", "--out", "-", "--", "-p18812"]);
  assert.doesNotMatch(stderr, /flag/i);
});
