/**
 * Counts from JUnit reports, as Deno 2.9 and Bun 1.4 write them.
 *
 * What they leave out is what makes counting wrong: Deno's report has no suite for a file that throws at import, and no
 * report at all is written after a type error; Deno also lists a test with steps beside its steps.
 *
 * @module
 */

/** One failed test. */
export interface Failure {
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

/** The result of one run of a test runner. */
export interface Counts {
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
}

interface Case {
  readonly file: string;
  readonly name: string;
  failure: string | undefined;
  skipped: boolean;
}

/**
 * Counts one run.
 *
 * @param report the report's text; undefined without a report
 * @param files the expected test files, relative to the project: each must be in the report
 * @param exitCode the runner's exit code
 */
export function countRun(
  report: string | undefined,
  files: readonly string[],
  exitCode: number,
): Counts {
  const { cases, suites } = parse(report ?? "");
  // A test with steps (Deno: "outer", "outer > inner") is counted by its steps, unless it failed itself.
  const isGroup = (each: Case) => cases.some((other) => other.name.startsWith(`${each.name} > `));
  const isFailedGroup = (each: Case) =>
    cases.some((other) => other.name.startsWith(`${each.name} > `) && other.failure !== undefined);
  const counted = cases.filter((each) =>
    !isGroup(each) || (each.failure !== undefined && !isFailedGroup(each))
  );
  const failures: Failure[] = counted
    .filter((each) => each.failure !== undefined)
    .map(({ file, name, failure }) => ({ file, name, text: failure ?? "" }));
  for (const file of files) {
    if (suites.has(file)) continue;
    const text = "Not in the report: it threw at import, or has no test";
    failures.push({ file, name: "(the file)", text });
  }
  if (exitCode !== 0 && failures.length === 0) {
    failures.push({
      file: "",
      name: "(the runner)",
      text: `Ended with ${exitCode} though no test failed`,
    });
  }
  const skipped = counted.filter((each) => each.skipped && each.failure === undefined).length;
  const failed = counted.filter((each) => each.failure !== undefined).length;
  return { passed: counted.length - skipped - failed, skipped, failures };
}

function parse(report: string): { cases: Case[]; suites: Set<string> } {
  const cases: Case[] = [];
  const suites = new Set<string>();
  const groups: string[] = [];
  let current: Case | undefined;
  const tag =
    /<(\/?)(testsuite|testcase|failure|error|skipped)\b((?:\s+[\w-]+="[^"]*")*)\s*(\/?)>/g;
  for (let match = tag.exec(report); match !== null; match = tag.exec(report)) {
    const [, closes, name, text, empty] = match;
    const attributes = attributesOf(text ?? "");
    if (name === "testsuite") {
      if (closes) {
        groups.pop();
      } else {
        suites.add(fileOf(attributes["file"] ?? attributes["name"] ?? ""));
        if (!empty) groups.push(attributes["name"] ?? "");
      }
    } else if (name === "testcase" && !closes) {
      // Bun nests suites of `describe`; the first is the file itself.
      const title = [...groups.slice(1), attributes["name"] ?? ""].join(" > ");
      const file = fileOf(attributes["file"] ?? attributes["classname"] ?? "");
      current = { file, name: title, failure: undefined, skipped: false };
      cases.push(current);
    } else if (current !== undefined && name === "skipped") {
      current.skipped = true;
    } else if (current !== undefined && !closes) {
      const end = empty ? tag.lastIndex : report.indexOf("</", tag.lastIndex);
      const body = unescape(report.slice(tag.lastIndex, end)).trim();
      current.failure = body === "" ? attributes["message"] ?? "failed" : body;
    }
  }
  return { cases, suites };
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/([\w-]+)="([^"]*)"/g)) {
    attributes[name ?? ""] = unescape(value ?? "");
  }
  return attributes;
}

function fileOf(name: string): string {
  return name.replace(/^\.\//, "");
}

function unescape(text: string): string {
  const named: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(
    /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
    (whole, decimal: string, hex: string, name: string) => {
      if (name !== undefined) return named[name] ?? whole;
      return String.fromCodePoint(decimal === undefined ? parseInt(hex, 16) : Number(decimal));
    },
  );
}
