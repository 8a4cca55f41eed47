/**
 * Fails when a module imports what its layer may not (STYLE: main → commands → lib, inside lib downwards only), or uses
 * the outside world other than through `lib/runtime`. Part of `deno task lint`.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { join, posix, relative } from "node:path";
import process from "node:process";
import ts from "typescript";

/** What a folder of `lib` may import: itself and these. A type-only import of `runtime` is open to services. */
const LIB: Readonly<
  Record<string, { readonly imports: readonly string[]; readonly types?: readonly string[] }>
> = {
  json: { imports: [] },
  schema: { imports: [] },
  codegen: { imports: ["schema"] },
  validate: { imports: ["json", "schema"] },
  runtime: { imports: [] },
  process: { imports: [] },
  terminal: { imports: [], types: ["runtime"] },
  config: { imports: ["json", "schema"], types: ["runtime"] },
  python: { imports: ["schema", "process"], types: ["runtime"] },
  delivery: { imports: ["json", "schema", "codegen"], types: ["runtime"] },
  client: { imports: ["schema", "codegen", "validate"], types: ["runtime"] },
  server: { imports: ["json", "schema", "codegen", "validate"], types: ["runtime"] },
  http: { imports: [], types: ["runtime"] },
  source: { imports: ["json", "schema", "config", "python", "http"], types: ["runtime"] },
  rpyc: { imports: ["schema", "codegen", "validate", "server"], types: ["runtime"] },
  mock: {
    imports: ["json", "schema", "codegen", "validate", "server", "http"],
    types: ["runtime"],
  },
  dev: {
    imports: [
      "schema",
      "codegen",
      "config",
      "http",
      "source",
      "process",
      "python",
      "delivery",
      "server",
      "mock",
    ],
    types: ["runtime"],
  },
};

/** Single files of `lib` that every folder may import. */
const LAYER_0 = ["errors.ts", "remove_quietly.ts", "rpc_url.ts", "version.ts"];

const HINTS = {
  upwards:
    "Imports go downwards only: main → commands → lib. Move what is shared down into a lib folder",
  command: "A command imports no other command. Move what both need into lib",
  layer:
    "See the table in STYLE §10 and in scripts/check_layers.ts: pass the value in, or move it down",
  door: "From another folder import its mod.ts only; export what you need there",
  types: "Services take the Console as an argument: `import type` from runtime/mod.ts",
  world:
    "Only lib/runtime and main.ts touch the outside world: take it from the Console or as an argument",
  removal: "Cleaning up must not fail the work: use removeQuietly of lib/remove_quietly.ts",
  program: "Node and Bun throw for some programs: use runProgram or startProgram of lib/process",
} as const;

/** One broken rule. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

/**
 * Checks the text of one source file.
 *
 * @param file Path relative to the project, with `/`.
 */
export function checkSource(file: string, text: string): Finding[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const findings: Finding[] = [];
  const report = (node: ts.Node, message: string, hint: string) =>
    findings.push({
      file,
      line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      message,
      hint,
    });
  const visit = (node: ts.Node) => {
    const target = importOf(node);
    if (target !== undefined) {
      const broken = checkImport(file, target);
      if (broken !== undefined) report(node, broken.message, broken.hint);
    }
    const removal = REMOVERS.includes(file) ? undefined : removalUse(node);
    if (removal !== undefined) report(node, `\`${removal}\` can fail`, HINTS.removal);
    if (!/^lib\/(process|runtime\/again)\//.test(file) && importsPrograms(node)) {
      report(node, "starts programs", HINTS.program);
    }
    if (!mayTouchWorld(file)) {
      const used = worldUse(node);
      if (used !== undefined) report(node, `\`${used}\` outside lib/runtime`, HINTS.world);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

interface Import {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

function importOf(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const clause = node.importClause;
    return { specifier: node.moduleSpecifier.text, isTypeOnly: isTypeOnly(clause) };
  }
  if (
    ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)
  ) {
    return { specifier: node.moduleSpecifier.text, isTypeOnly: node.isTypeOnly };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    if (argument && ts.isStringLiteral(argument)) {
      return { specifier: argument.text, isTypeOnly: false };
    }
  }
  if (
    ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) &&
    ts.isStringLiteral(node.argument.literal)
  ) {
    return { specifier: node.argument.literal.text, isTypeOnly: true };
  }
  return undefined;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return clause.name === undefined && named !== undefined && ts.isNamedImports(named) &&
    named.elements.every((element) => element.isTypeOnly);
}

function checkImport(
  file: string,
  { specifier, isTypeOnly }: Import,
): { message: string; hint: string } | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const target = posix.join(posix.dirname(file), specifier);
  const [from, to] = [layerOf(file), layerOf(target)];
  const broken = (hint: string) => ({ message: `imports ${target}`, hint });
  if (from.kind === "main") return undefined;
  if (to.kind === "main" || to.kind === "other") return broken(HINTS.upwards);
  if (from.kind === "command") {
    if (to.kind === "command") {
      const shared = posix.basename(target).startsWith("_");
      const isTable = file === "commands/mod.ts" || file === "commands/run.ts";
      // Not a command but the whole application: the console of `dev` runs its lines through it.
      const isApplication = file === "commands/dev.ts" && target === "commands/run.ts";
      return shared || isTable || isApplication ? undefined : broken(HINTS.command);
    }
    return to.folder === undefined || isDoor(target) ? undefined : broken(HINTS.door);
  }
  if (to.kind === "command") return broken(HINTS.upwards);
  if (to.folder === undefined) {
    return LAYER_0.includes(target.slice("lib/".length)) ? undefined : broken(HINTS.layer);
  }
  if (from.folder === to.folder) return undefined;
  const allowed = LIB[from.folder ?? ""];
  if (allowed === undefined || !allowed.imports.includes(to.folder)) {
    if (!allowed?.types?.includes(to.folder)) return broken(HINTS.layer);
    if (!isTypeOnly) return broken(HINTS.types);
  }
  return isDoor(target) ? undefined : broken(HINTS.door);
}

interface Layer {
  readonly kind: "main" | "command" | "lib" | "other";
  /** The folder of `lib`; undefined for a file directly in `lib`. */
  readonly folder?: string | undefined;
}

function layerOf(path: string): Layer {
  if (path === "main.ts") return { kind: "main" };
  const [top, folder, ...rest] = path.split("/");
  if (top === "commands") return { kind: "command" };
  if (top === "lib") return { kind: "lib", folder: rest.length === 0 ? undefined : folder };
  return { kind: "other" };
}

// `lib/rpc/protocols/mod.ts` is a door too: of the inner folder.
function isDoor(path: string): boolean {
  return posix.basename(path) === "mod.ts";
}

function mayTouchWorld(file: string): boolean {
  // The explorer's page runs in a browser: there is nothing to take its world from.
  if (file.startsWith("lib/explorer/page/")) return true;
  return file === "main.ts" || /^lib\/(runtime|process)\//.test(file);
}

/** Files that remove on the user's behalf, and report a failure. */
const REMOVERS = ["lib/remove_quietly.ts", "commands/_left_types.ts"];
const REMOVAL = /^(rm|rmdir|unlink)(Sync)?$/;

/** The function of `node:fs` by which this node removes a file or folder, if any. */
function removalUse(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const { expression, name } = node;
    const isFs = ts.isIdentifier(expression) && /^(fs|fsPromises|promises)$/.test(expression.text);
    return isFs && REMOVAL.test(name.text) ? `${expression.text}.${name.text}` : undefined;
  }
  if (!ts.isImportSpecifier(node)) return undefined;
  const { moduleSpecifier } = node.parent.parent.parent;
  if (!ts.isStringLiteral(moduleSpecifier)) return undefined;
  const { text } = node.propertyName ?? node.name;
  return /^node:fs(\/promises)?$/.test(moduleSpecifier.text) && REMOVAL.test(text)
    ? text
    : undefined;
}

function importsPrograms(node: ts.Node): boolean {
  const target = importOf(node);
  return target?.specifier === "node:child_process" && !target.isTypeOnly;
}

const GLOBALS = new Set(["console", "Deno", "Bun", "process"]);

/** The name of the outside world that this node uses, if any. */
function worldUse(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const { text } = node.moduleSpecifier;
    return /^(node:)?process$/.test(text) ? text : undefined;
  }
  if (ts.isPropertyAccessExpression(node)) {
    const { expression, name } = node;
    if (!ts.isIdentifier(expression)) return undefined;
    if (expression.text === "globalThis" && (GLOBALS.has(name.text) || name.text === "fetch")) {
      return `globalThis.${name.text}`;
    }
    if (expression.text === "Date" && name.text === "now") return "Date.now";
    const isGlobal = GLOBALS.has(expression.text) && !isDeclared(expression, expression.text);
    return isGlobal ? `${expression.text}.${name.text}` : undefined;
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    if (node.expression.text !== "fetch" || isDeclared(node, "fetch")) return undefined;
    return "fetch";
  }
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
    const isNow = node.expression.text === "Date" && (node.arguments?.length ?? 0) === 0;
    return isNow ? "new Date()" : undefined;
  }
  return undefined;
}

// Whether a parameter, variable, import or destructured name of that spelling is in scope at the node.
function isDeclared(node: ts.Node, name: string): boolean {
  for (let scope: ts.Node | undefined = node.parent; scope; scope = scope.parent) {
    if (ts.isFunctionLike(scope) && scope.parameters.some((each) => binds(each.name, name))) {
      return true;
    }
    if (!ts.isBlock(scope) && !ts.isSourceFile(scope)) continue;
    if (scope.statements.some((statement) => declares(statement, name))) return true;
  }
  return false;
}

function declares(statement: ts.Statement, name: string): boolean {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.some((each) => binds(each.name, name));
  }
  if (ts.isFunctionDeclaration(statement)) return statement.name?.text === name;
  if (!ts.isImportDeclaration(statement)) return false;
  const clause = statement.importClause;
  if (clause?.name?.text === name) return true;
  const named = clause?.namedBindings;
  return named !== undefined && ts.isNamedImports(named) &&
    named.elements.some((element) => element.name.text === name);
}

function binds(binding: ts.BindingName, name: string): boolean {
  if (ts.isIdentifier(binding)) return binding.text === name;
  return binding.elements.some((element) =>
    ts.isBindingElement(element) && binds(element.name, name)
  );
}

/** Checks `main.ts`, `commands/` and `lib/` below `root`. */
export async function checkLayers(root: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const top of ["commands", "lib"]) {
    const entries = await readdir(join(root, top), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
      const path = join(entry.parentPath, entry.name);
      const file = relative(root, path).replaceAll("\\", "/");
      findings.push(...checkSource(file, await readFile(path, "utf8")));
    }
  }
  return findings.sort((a, b) => a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line);
}

if (import.meta.main) {
  const findings = await checkLayers(join(import.meta.dirname ?? ".", ".."));
  for (const { file, line, message, hint } of findings) {
    process.stderr.write(`${file}:${line} ${message}\n  hint: ${hint}\n`);
  }
  process.stderr.write(findings.length === 0 ? "layers hold\n" : `${findings.length} broken\n`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
