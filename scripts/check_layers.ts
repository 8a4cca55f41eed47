/**
 * Fails if a module imports from a layer above its own (main → commands → lib, inside lib downwards only), or uses
 * files, time, randomness or the process other than through `lib/runtime`. Part of `deno task lint`.
 *
 * The table lists exactly the edges in use: a missing edge and an unused one both fail. Import cycles of files fail,
 * type-only ones included, without exceptions.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { join, posix, relative } from "node:path";
import process from "node:process";
import ts from "typescript";

/** Folders of `lib` and the folders that each imports, in any order. `types` are imported with `import type` only. */
export const EDGES: Readonly<
  Record<string, { readonly imports: string; readonly types?: string }>
> = {
  json: { imports: "" },
  contract: { imports: "json" },
  runtime: { imports: "" },
  terminal: { imports: "", types: "runtime" },
  process: { imports: "runtime" },
  watch: { imports: "dev process source", types: "runtime" },
  http: { imports: "" },
  compare: { imports: "codegen contract json validate" },
  report: { imports: "compare terminal", types: "contract" },
  snapshot: { imports: "compare contract delivery json process project source" },
  breakage: { imports: "codegen contract delivery process project", types: "report" },
  check: {
    imports: "breakage compare delivery project report snapshot source",
    types: "contract",
  },
  doctor: {
    imports: "check delivery dev http process project python source",
    types: "contract",
  },
  codegen: { imports: "client contract" },
  validate: { imports: "contract json" },
  project: { imports: "contract json" },
  python: { imports: "contract json process" },
  delivery: { imports: "client codegen contract json project" },
  client: { imports: "" },
  npm: { imports: "process" },
  call: { imports: "contract json source validate" },
  contract_test: {
    imports: "call contract dev http json mock proxy python source validate",
    types: "runtime",
  },
  inspect: { imports: "codegen", types: "contract" },
  reference: { imports: "codegen inspect report", types: "contract" },
  sync: { imports: "contract delivery json npm project report snapshot source" },
  setup: { imports: "delivery project source" },
  example_projects: { imports: "delivery" },
  rpc: { imports: "contract json validate" },
  server: { imports: "json process rpc" },
  source: { imports: "contract http json python" },
  rpyc: { imports: "contract rpc", types: "server" },
  mock: { imports: "contract json rpc validate" },
  proxy: { imports: "contract json mock rpc validate", types: "http" },
  explorer: { imports: "codegen json mock", types: "contract rpc server" },
  dev: {
    imports:
      "breakage codegen compare contract delivery http json process project python report source",
    types: "runtime",
  },
  serve: {
    imports: "contract json mock process project rpc rpyc runtime server terminal watch",
  },
  mock_session: {
    imports:
      "cli contract delivery explorer http json mock process project proxy rpc rpyc runtime serve server source terminal watch",
    types: "report",
  },
  mcp: {
    imports:
      "check codegen contract delivery doctor inspect json mock process project report snapshot source validate watch",
    types: "runtime",
  },
  vite: {
    imports:
      "check contract delivery mock project report rpc runtime server snapshot source sync terminal",
  },
  testing: { imports: "client contract json mock rpc" },
  cli: { imports: "runtime terminal", types: "codegen contract delivery project setup source" },
};

/** Single files of `lib` that every folder may import. */
const LAYER_0 = [
  "closest.ts",
  "counted.ts",
  "defined.ts",
  "django_urls.ts",
  "errors.ts",
  "hide_credentials.ts",
  "is_inside.ts",
  "is_loopback.ts",
  "is_object.ts",
  "native_path.ts",
  "origins.ts",
  "plain_text.ts",
  "private_key.ts",
  "remove_quietly.ts",
  "rename_busy.ts",
  "rpc_url.ts",
  "shell_syntax.ts",
  "shell_word.ts",
  "user_frames.ts",
  "version.ts",
];

/** Node's modules for files, sockets and processes: commands leave these to `lib`. */
const NOT_FOR_COMMANDS = /^node:(fs|fs\/promises|http|https|net|tls|dgram|child_process)$/;

const HINTS = {
  upwards:
    "Imports go downwards only: main → commands → lib. Move what is shared down into a lib folder",
  command: "A command imports no other command. Move what both need into lib",
  layer:
    "Add the edge to EDGES in scripts/check_layers.ts if it points downwards, or pass the value in",
  entry: "From another folder import its mod.ts only; export what you need there",
  types: "Services take the Console as an argument: `import type` from runtime/mod.ts",
  outside:
    "Only lib/runtime and main.ts touch the outside world: take it from the Console or as an argument",
  unused: "Remove the edge from EDGES in scripts/check_layers.ts",
  cycle: "Move what both files need into a third file that imports neither",
  service:
    "A command parses flags, calls lib once and renders: move files, sockets and processes to lib",
  removal: "Cleaning up must not fail the work: use removeQuietly of lib/remove_quietly.ts",
  program: "Node and Bun throw for some programs: use runProgram or startProgram of lib/process",
  underscore: "A command with several parts is a folder: commands/NAME/part.ts",
} as const;

/** One broken rule. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly hint: string;
}

/** An import between two folders of `lib`, as a file uses it. */
interface UsedEdge {
  readonly from: string;
  readonly to: string;
  readonly isTypeOnly: boolean;
}

/**
 * Checks the text of one source file.
 *
 * @param file Path relative to the project, with `/`.
 * @param edges Receives each edge that the file uses.
 */
export function checkSource(file: string, text: string, edges: UsedEdge[] = []): Finding[] {
  const source = parse(file, text);
  const findings: Finding[] = [];
  const report = (node: ts.Node, message: string, hint: string) =>
    findings.push({
      file,
      line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      message,
      hint,
    });
  if (/^commands\/(.+\/)?_/.test(file)) report(source, "name starts with _", HINTS.underscore);
  const visit = (node: ts.Node) => {
    const target = importOf(node);
    if (target !== undefined) {
      const broken = checkImport(file, target, edges);
      if (broken !== undefined) report(node, broken.message, broken.hint);
    }
    const removal = REMOVERS.includes(file) ? undefined : removalUse(node);
    if (removal !== undefined) report(node, `\`${removal}\` can fail`, HINTS.removal);
    if (!file.startsWith("lib/process/") && importsPrograms(node)) {
      report(node, "starts programs", HINTS.program);
    }
    if (!mayTouchOutside(file)) {
      const used = outsideUse(node);
      if (used !== undefined) report(node, `\`${used}\` outside lib/runtime`, HINTS.outside);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
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
  edges: UsedEdge[],
): { message: string; hint: string } | undefined {
  if (!specifier.startsWith(".")) {
    return file.startsWith("commands/") && NOT_FOR_COMMANDS.test(specifier)
      ? { message: `imports ${specifier}`, hint: HINTS.service }
      : undefined;
  }
  const target = posix.join(posix.dirname(file), specifier);
  // The files of examples/ are embedded as texts.
  if (file.startsWith("lib/example_projects/") && target.startsWith("examples/")) return undefined;
  const [from, to] = [layerOf(file), layerOf(target)];
  const broken = (hint: string) => ({ message: `imports ${target}`, hint });
  if (from.kind === "main") return undefined;
  if (to.kind === "main" || to.kind === "other") return broken(HINTS.upwards);
  if (from.kind === "command") {
    if (to.kind === "command") {
      return file === TABLE || commandOf(file) === commandOf(target)
        ? undefined
        : broken(HINTS.command);
    }
    return to.folder === undefined || isPublicEntry(target) ? undefined : broken(HINTS.entry);
  }
  if (to.kind === "command") return broken(HINTS.upwards);
  if (to.folder === undefined) {
    return LAYER_0.includes(target.slice("lib/".length)) ? undefined : broken(HINTS.layer);
  }
  if (from.folder === undefined) return broken(HINTS.upwards);
  if (from.folder === to.folder) return undefined;
  edges.push({ from: from.folder, to: to.folder, isTypeOnly });
  const allowed = EDGES[from.folder];
  if (!words(allowed?.imports).includes(to.folder)) {
    if (!words(allowed?.types).includes(to.folder)) return broken(HINTS.layer);
    if (!isTypeOnly) return broken(HINTS.types);
  }
  return isPublicEntry(target) ? undefined : broken(HINTS.entry);
}

/** The table of commands, which loads each by name. */
const TABLE = "commands/mod.ts";

/** The command that a file belongs to: `call` for `commands/call.ts` and `commands/call/curl.ts`. */
function commandOf(file: string): string {
  return file.split("/")[1]!.replace(/\.ts$/, "");
}

function words(text: string | undefined): string[] {
  return text === undefined || text === "" ? [] : text.split(" ");
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

// `lib/server/modes/mod.ts` is the public entry point of the inner folder. The published client is a single file, which
// `lib/client/mod.ts` offers as text only.
function isPublicEntry(path: string): boolean {
  return posix.basename(path) === "mod.ts" || path === "lib/client/pyrpc_client.ts";
}

function mayTouchOutside(file: string): boolean {
  // The explorer's page and the published packages for clients and tests run without a `Console` to pass in.
  return file === "main.ts" || file === "lib/client/pyrpc_client.ts" ||
    /^lib\/(runtime|process|testing|explorer\/page)\//.test(file);
}

/** Files that remove on the user's behalf and report a failure. */
const REMOVERS = ["lib/remove_quietly.ts", "lib/delivery/stale_output.ts"];
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
function outsideUse(node: ts.Node): string | undefined {
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
    if (expression.text === "Math" && name.text === "random") return "Math.random";
    const isGlobal = GLOBALS.has(expression.text) && !isDeclared(expression, expression.text);
    return isGlobal ? `${expression.text}.${name.text}` : undefined;
  }
  if (ts.isElementAccessExpression(node) && isGlobalThis(node.expression)) {
    const { argumentExpression: key } = node;
    return !ts.isStringLiteral(key) || GLOBALS.has(key.text) ? "globalThis[…]" : undefined;
  }
  if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name)) {
    if (node.initializer === undefined || !isGlobalThis(node.initializer)) return undefined;
    const taken = node.name.elements.map((each) => (each.propertyName ?? each.name).getText())
      .find((name) => GLOBALS.has(name) || name === "fetch");
    return taken === undefined ? undefined : `globalThis.${taken}`;
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

// `globalThis`, also behind casts and parentheses.
function isGlobalThis(node: ts.Expression): boolean {
  if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) {
    return isGlobalThis(node.expression);
  }
  return ts.isIdentifier(node) && node.text === "globalThis";
}

// True if a parameter, variable, import or destructured name of that spelling is in scope at the node.
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

/** Checks `commands/` and `lib/` below `root`. */
export async function checkLayers(root: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  const edges: UsedEdge[] = [];
  const imports = new Map<string, string[]>();
  for (const top of ["commands", "lib"]) {
    const entries = await readdir(join(root, top), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
      const path = join(entry.parentPath, entry.name);
      const file = relative(root, path).replaceAll("\\", "/");
      const text = await readFile(path, "utf8");
      findings.push(...checkSource(file, text, edges));
      imports.set(file, importedFiles(file, text));
    }
  }
  findings.push(...unusedEdges(edges), ...importCycles(imports));
  return findings.sort((a, b) => a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line);
}

/** Edges of the table that no file uses, or that are used for types only. */
function unusedEdges(used: readonly UsedEdge[]): Finding[] {
  const file = "scripts/check_layers.ts";
  const findings: Finding[] = [];
  const report = (message: string) => findings.push({ file, line: 1, message, hint: HINTS.unused });
  for (const [from, { imports, types }] of Object.entries(EDGES)) {
    for (const to of words(imports)) {
      const found = used.filter((edge) => edge.from === from && edge.to === to);
      if (found.length === 0) report(`no file uses the edge ${from} → ${to}`);
      else if (found.every((edge) => edge.isTypeOnly)) {
        report(`the edge ${from} → ${to} is used for types only`);
      }
    }
    for (const to of words(types)) {
      if (!used.some((edge) => edge.from === from && edge.to === to)) {
        report(`no file uses the types of the edge ${from} → ${to}`);
      }
    }
  }
  return findings;
}

function importedFiles(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    const target = importOf(node);
    if (target?.specifier.startsWith(".")) {
      found.push(posix.join(posix.dirname(file), target.specifier));
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(file, text));
  return found;
}

/** One finding for each group of files that import each other, directly or in a circle. */
export function importCycles(imports: ReadonlyMap<string, readonly string[]>): Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string) => {
    const start = path.indexOf(file);
    if (start >= 0) {
      const message = `import cycle: ${[...path.slice(start), file].join(" → ")}`;
      findings.push({ file, line: 1, message, hint: HINTS.cycle });
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of imports.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of imports.keys()) visit(file);
  return findings;
}

if (import.meta.main) {
  const findings = await checkLayers(join(import.meta.dirname ?? ".", ".."));
  for (const { file, line, message, hint } of findings) {
    process.stderr.write(`${file}:${line} ${message}\n  hint: ${hint}\n`);
  }
  process.stderr.write(
    findings.length === 0 ? "layers: ok\n" : `layers: ${findings.length} broken\n`,
  );
  process.exitCode = findings.length === 0 ? 0 : 1;
}
