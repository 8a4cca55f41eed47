/**
 * Fails where code outside tests breaks a measurable rule of style. `tests/scripts/check_code_test.ts` runs it.
 *
 * The rules: functions of at most 80 lines, files in `commands/` of at most 250, no error built outside an `errors.ts`, at
 * most 80 non-null assertions, and a reason on the line above each `as unknown as`. `--longest` prints the ten longest
 * functions.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import process from "node:process";
import ts from "typescript";

const MAX_FUNCTION_LINES = 80;
const MAX_COMMAND_LINES = 250;
const MAX_NON_NULL_ASSERTIONS = 80;

/** Functions that may be longer, each with its reason. At most five. */
const LONG_FUNCTIONS: Readonly<Record<string, string>> = {};

/** Constructors of errors that belong in an `errors.ts`. */
const ERROR_MAKERS = new Set(["ToolError", "usageError"]);

/** One broken rule. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** A function with its length in lines, comments included. */
export interface MeasuredFunction {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly lines: number;
}

/** The measurements of one file. */
export interface Measurement {
  readonly findings: readonly Finding[];
  readonly functions: readonly MeasuredFunction[];
  readonly nonNullAssertions: number;
}

/** Measures the text of one TypeScript file. `file` is relative to the project, with `/`. */
export function measureSource(file: string, text: string): Measurement {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const lineOf = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const findings: Finding[] = [];
  const functions: MeasuredFunction[] = [];
  let nonNullAssertions = 0;
  const lines = text.split("\n");
  const isCommand = file.startsWith("commands/");
  if (isCommand && lines.length - 1 > MAX_COMMAND_LINES) {
    findings.push({
      file,
      line: 1,
      message: `${lines.length - 1} lines (max ${MAX_COMMAND_LINES})`,
    });
  }
  const visit = (node: ts.Node) => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const [start, end] = [lineOf(node.getStart()), lineOf(node.getEnd())];
      const measured = { file, line: start, name: nameOf(node), lines: end - start + 1 };
      functions.push(measured);
      const isAllowed = Object.hasOwn(LONG_FUNCTIONS, `${file} ${measured.name}`);
      if (measured.lines > MAX_FUNCTION_LINES && !isAllowed) {
        const message = `${measured.name} has ${measured.lines} lines (max ${MAX_FUNCTION_LINES})`;
        findings.push({ file, line: start, message });
      }
    }
    if (ts.isNonNullExpression(node)) nonNullAssertions++;
    if (isDoubleCast(node)) {
      const above = lines[lineOf(statementOf(node).getStart()) - 2] ?? "";
      const directlyAbove = lines[lineOf(node.getStart()) - 2] ?? "";
      if (![above, directlyAbove].some((line) => /^\s*(\/\/|\*|\/\*)/.test(line))) {
        const message = "`as unknown as` without a reason on the line above";
        findings.push({ file, line: lineOf(node.getStart()), message });
      }
    }
    if (!file.endsWith("/errors.ts") && isErrorMaker(node)) {
      const message = "error built outside an errors.ts: add a named function there";
      findings.push({ file, line: lineOf(node.getStart()), message });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { findings, functions, nonNullAssertions };
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  if (ts.isConstructorDeclaration(node)) return "constructor";
  const { parent } = node;
  const isNamed = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ||
    ts.isPropertyDeclaration(parent);
  return isNamed ? parent.name.getText() : "(anonymous)";
}

function isDoubleCast(node: ts.Node): boolean {
  return ts.isAsExpression(node) && ts.isAsExpression(node.expression) &&
    node.expression.type.kind === ts.SyntaxKind.UnknownKeyword;
}

function statementOf(node: ts.Node): ts.Node {
  let statement = node;
  while (!ts.isStatement(statement) && statement.parent !== undefined) statement = statement.parent;
  return statement;
}

function isErrorMaker(node: ts.Node): boolean {
  return (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
    ts.isIdentifier(node.expression) && ERROR_MAKERS.has(node.expression.text);
}

/** Measures `main.ts`, `commands/` and `lib/` below `root`. */
export async function measureTree(root: string): Promise<Measurement> {
  const findings: Finding[] = [];
  const functions: MeasuredFunction[] = [];
  let nonNullAssertions = 0;
  const add = async (path: string) => {
    const file = relative(root, path).replaceAll("\\", "/");
    if (file.endsWith(".generated.ts")) return;
    const measured = measureSource(file, await readFile(path, "utf8"));
    findings.push(...measured.findings);
    functions.push(...measured.functions);
    nonNullAssertions += measured.nonNullAssertions;
  };
  await add(join(root, "main.ts"));
  for (const top of ["commands", "lib"]) {
    const entries = await readdir(join(root, top), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
      const path = join(entry.parentPath, entry.name);
      // An `errors.ts` of a command is where its factories live.
      await add(path);
    }
  }
  if (nonNullAssertions > MAX_NON_NULL_ASSERTIONS) {
    const message = `${nonNullAssertions} non-null assertions (max ${MAX_NON_NULL_ASSERTIONS})`;
    findings.push({ file: "lib", line: 1, message });
  }
  const names = new Set(functions.map(({ file, name }) => `${file} ${name}`));
  for (const name of Object.keys(LONG_FUNCTIONS)) {
    if (!names.has(name)) {
      findings.push({ file: "scripts/check_code.ts", line: 1, message: `no function "${name}"` });
    }
  }
  functions.sort((a, b) => b.lines - a.lines);
  return { findings, functions, nonNullAssertions };
}

if (import.meta.main) {
  const { findings, functions, nonNullAssertions } = await measureTree(
    join(import.meta.dirname ?? ".", ".."),
  );
  for (const { file, line, message } of findings) {
    process.stderr.write(`${file}:${line} ${message}\n`);
  }
  if (process.argv.includes("--longest")) {
    for (const { file, line, name, lines } of functions.slice(0, 10)) {
      process.stdout.write(`${lines} ${name} ${file}:${line}\n`);
    }
    process.stdout.write(`${nonNullAssertions} non-null assertions\n`);
  }
  process.stderr.write(findings.length === 0 ? "code: ok\n" : `code: ${findings.length} broken\n`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
