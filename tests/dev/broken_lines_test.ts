import assert from "node:assert/strict";
import { test } from "node:test";
import type { Contract } from "../../lib/contract/mod.ts";
import { parseContract } from "../../lib/contract/mod.ts";
import { BrokenLines } from "../../lib/dev/broken_lines.ts";
import type { ProjectConfig } from "../../lib/project/mod.ts";
import type { DiffReport } from "../../lib/report/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

/** A step: `describe a b`, `change` (a file is saved), `compiled x` (the compiler found the line `x`), `list`. */
interface Row {
  readonly name: string;
  readonly isAutomatic?: boolean;
  readonly steps: readonly string[];
  readonly want: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    name: "compiles nothing for the first description, nor for the same types",
    steps: ["describe a b", "describe a b"],
    want: [],
  },
  {
    name: "compares with the first description, so that a line stays listed",
    steps: ["describe a b", "describe a", "compiled x", "describe a c", "compiled x y"],
    want: ["compile a b → a", "lines x", "compile a b → a c", "lines x y"],
  },
  {
    name: "reports a list once, and its end",
    steps: ["describe a b", "describe b", "compiled x", "describe b c", "compiled x"].concat([
      "describe a b",
      "compiled",
    ]),
    want: ["compile a b → b", "lines x", "compile a b → b c", "compile a b → a b", "lines "],
  },
  {
    name: "reports nothing as long as no line breaks",
    steps: ["describe a b", "describe a", "compiled"],
    want: ["compile a b → a"],
  },
  {
    name: "ends the compilers at the next save, and compiles the types after it",
    steps: ["describe a b", "describe a", "change", "describe a", "compiled x"],
    want: ["compile a b → a", "cancel", "compile a b → a", "lines x"],
  },
  {
    name: "compiles once for two descriptions with the same types",
    steps: ["describe a b", "describe a", "describe a", "compiled x"],
    want: ["compile a b → a", "lines x"],
  },
  {
    name: "ends the compilers when other types are described",
    steps: ["describe a b", "describe a", "describe b", "compiled x"],
    want: ["compile a b → a", "cancel", "compile a b → b", "lines x"],
  },
  {
    name: "compiles on request only, unless it was asked to",
    isAutomatic: false,
    steps: ["list", "describe a b", "describe a", "list", "compiled x", "list", "change"],
    want: ["listed nothing", "compile a b → a", "listed x", "compile a b → a", "cancel"].concat(
      "listed nothing",
    ),
  },
  {
    name: "begins anew with another entrypoint",
    steps: ["describe a b", "entrypoint other", "describe a", "describe b", "compiled x"],
    want: ["compile a → b", "lines x"],
  },
];

for (const { name, isAutomatic = true, steps, want } of ROWS) {
  test(`BrokenLines ${name}`, async () => {
    const log: string[] = [];
    let entrypoint = "main";
    let resolve = (_lines: readonly string[]) => {};
    const lines = new BrokenLines({
      cwd: "/project",
      env: {},
      clock: new FakeClock(),
      isAutomatic,
      onEvent: (event) => {
        if (event.kind === "broken_lines") log.push(`lines ${shown(event.report)}`);
      },
      onFailure: (error) => {
        throw error;
      },
      parts: {
        findClients: () => Promise.resolve([]),
        addLines: ({ before, after, report }, { signal }) => {
          log.push(`compile ${namesOf(before.contract)} → ${namesOf(after.contract)}`);
          return new Promise((done, reject) => {
            signal?.addEventListener("abort", () => {
              log.push("cancel");
              reject(signal.reason);
            });
            resolve = (names) => done({ ...report, clients: [], otherLines: names.map(lineOf) });
          });
        },
      },
    });
    const actions: Record<string, (...args: string[]) => void> = {
      describe: (...names) =>
        lines.described(contractOf(names), names.join(" "), { entrypoint } as ProjectConfig),
      entrypoint: (name) => entrypoint = name ?? "",
      change: () => lines.cancel(),
      compiled: (...names) => resolve(names),
      list: () => {
        void lines.list().then((report) => {
          log.push(`listed ${report === undefined ? "nothing" : shown(report)}`);
        });
      },
    };
    for (const step of steps) {
      const [action = "", ...args] = step.split(" ");
      actions[action]!(...args);
      await settle();
    }
    assert.deepEqual(log, want);
  });
}

const lineOf = (file: string) => ({
  file,
  line: 1,
  column: 1,
  uses: "a",
  code: "TS1",
  message: "",
});
const shown = ({ otherLines = [] }: DiffReport) => otherLines.map(({ file }) => file).join(" ");
const namesOf = ({ procedures }: Contract) => [...procedures.keys()].join(" ");

function contractOf(names: readonly string[]): Contract {
  const document = Object.fromEntries(names.map((name) => [name, {
    parameters: [],
    return_schema: {},
  }]));
  return parseContract(document, { where: "test" });
}
