import assert from "node:assert/strict";
import { test } from "node:test";
import { PYRPC } from "../../../commands/mod.ts";
import { loadCommands } from "../../../lib/cli/application.ts";
import * as flags from "../../../lib/cli/flags/builders.ts";
import type { FlagValues } from "../../../lib/cli/flags/builders.ts";

type Parser = { readonly parse?: (text: string) => unknown };

/** The value that a flag gives for a text, or the message of its error. */
function parse({ parse }: Parser, text: string): unknown {
  assert.ok(parse);
  try {
    return parse(text);
  } catch (error) {
    assert.ok(error instanceof SyntaxError);
    return error.message;
  }
}

const names = ["json", "junit", "text"] as const;
const seconds = flags.duration("Time", { unit: "s", min: 50, max: 60_000 });
const longest = flags.duration("Time", { unit: "s", min: 1, max: flags.LONGEST_TIMEOUT });
const milliseconds = flags.duration("Time", { unit: "ms", min: 0, max: 60_000 });
const port = flags.port("Port");
const registryPort = flags.port("Port", { min: 1 });
const size = flags.size("Size", { max: 2 ** 30 });

const TABLE: readonly [name: string, flag: Parser, text: string, expected: unknown][] = [
  ["text()", flags.text("Text"), "", ""],
  ["file()", flags.file("File"), "-", "-"],
  ["url() leaves the text to its user", flags.url("URL"), "http://a:b@c", "http://a:b@c"],
  ["choice()", flags.choice("Format", names), "json", "json"],
  [
    "choice()",
    flags.choice("Format", names),
    "jsn",
    'Expected one of json, junit, text, did you mean "json"?',
  ],
  ["choice()", flags.choice("Format", ["diff"]), "xyz", "Expected diff"],
  ["caselessChoice()", flags.caselessChoice("Type", ["udp", "tcp"]), "UDP", "udp"],
  [
    "integer()",
    flags.integer("Number", { min: 1, max: 20 }),
    "0",
    'Expected a whole number from 1 to 20, found "0"',
  ],
  ["integer()", flags.integer("Number", { min: 1, max: 20 }), "20", 20],
  [
    "integer()",
    flags.integer("Number", { min: 0, max: 20 }),
    "-1",
    'Expected a whole number from 0 to 20, found "-1"',
  ],
  ["port()", port, "0", 0],
  ["port()", port, "65536", 'Expected a whole number from 0 to 65535, found "65536"'],
  ["port()", registryPort, "0", 'Expected a whole number from 1 to 65535, found "0"'],
  ["duration() of seconds", seconds, "5", 5000],
  ["duration() of seconds", seconds, "0.5", 500],
  ["duration() of seconds", seconds, "500ms", 500],
  ["duration() of seconds", seconds, "1m", 60_000],
  ["duration() of milliseconds", milliseconds, "300", 300],
  ["duration() of milliseconds", milliseconds, "0.5s", 500],
  [
    "duration()",
    seconds,
    "0.01",
    'Expected seconds such as 5, 0.5, 500ms or 2m, from 0.05 to 60, found "0.01"',
  ],
  ["duration()", longest, "soon", 'Expected seconds such as 5, 0.5, 500ms or 2m, found "soon"'],
  [
    "duration()",
    milliseconds,
    "2m",
    'Expected milliseconds such as 300, 0.5s or 1m, from 0 to 60000, found "2m"',
  ],
  ["size()", size, "4096", 4096],
  ["size()", size, "1.5k", 1536],
  ["size()", size, "10 MiB", 10 * 2 ** 20],
  ["size()", size, "1GB", 2 ** 30],
  ["size()", size, "2GiB", 'Expected a size such as 10MiB, up to 1 GiB, found "2GiB"'],
  ["size()", size, "0", 'Expected a size such as 10MiB, up to 1 GiB, found "0"'],
];

for (const [name, flag, text, expected] of TABLE) {
  test(`${name} reads ${JSON.stringify(text)}`, () =>
    assert.deepEqual(parse(flag, text), expected));
}

test("flags carry placeholder and completions", () => {
  assert.equal(flags.integer("Number", { min: 0, max: 1 }).placeholder, "number");
  assert.equal(seconds.placeholder, "seconds");
  assert.equal(milliseconds.placeholder, "ms");
  assert.equal(flags.file("Folder", { placeholder: "folder" }).placeholder, "folder");
  assert.equal(flags.choice("Format", names).placeholder, "json|junit|text");
  assert.deepEqual(flags.choice("Format", names).completions, names);
});

test("grouped() leaves the group that a flag has", () => {
  const { a, b } = flags.grouped("Outer", {
    a: flags.toggle("A"),
    b: flags.toggle("B", { group: "Inner" }),
  });
  assert.deepEqual([a.group, b.group], ["Outer", "Inner"]);
});

test("FlagValues<> has required values for toggles and defaults, optional ones for the rest", () => {
  const declared = {
    json: flags.toggle("JSON"),
    mode: flags.withDefault(flags.choice("Mode", ["udp", "tcp"]), "udp"),
    out: flags.file("File"),
    names: flags.repeatable(flags.text("Name")),
    port,
  };
  const values: FlagValues<typeof declared> = { json: true, mode: "tcp" };
  const full: FlagValues<typeof declared> = { ...values, out: "x", names: ["a"], port: 1 };
  // @ts-expect-error not one of the names
  const wrong: FlagValues<typeof declared> = { json: true, mode: "tls" };
  assert.ok([full, wrong].every(({ json }) => json));
});

test("a default is a value that the flag accepts, in every command", async () => {
  for (const [command, { help }] of Object.entries(await loadCommands(PYRPC))) {
    for (const [name, flag] of Object.entries(help.flags ?? {})) {
      if (typeof flag.default === "string") {
        assert.doesNotThrow(() => flag.parse?.(String(flag.default)), `${command} --${name}`);
      }
    }
  }
});
