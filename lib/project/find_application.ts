import { readFile } from "node:fs/promises";
import { readStart } from "./read_start.ts";

const APPLICATION = "(?:FastAPI|Flask|Starlette|PyRPCAsgiApp)";
const FACTORY = "(?:create|make|build|get)_(?:app|application)";
const ASSIGNMENT = /^([\p{L}_][\p{L}\p{N}_]*)\s*(?::[^=\n]+)?=(?!=)([\s\S]*)/u;
const FUNCTION = /^(?:async\s+)?def\s+([\p{L}_][\p{L}\p{N}_]*)\s*\(([\s\S]*)/u;
const MAKES = new RegExp(`\\b${APPLICATION}\\(`);
const CALLS_FACTORY = new RegExp(`^\\s*(?:[\\w.]+\\.)?${FACTORY}\\(`);
const IS_ASGI = /^\s*scope\b[^,]*,\s*receive\b[^,]*,\s*send\b/;
const RETURNS = new RegExp(`->\\s*["']?(?:[\\w.]+\\.)?${APPLICATION}\\b`);
const IS_FACTORY = new RegExp(`^${FACTORY}$`);

/**
 * Finds the name of a module's only application or factory, to be written after the colon of an entry.
 *
 * @returns undefined if the name is `app`, the default, or if the text does not determine it
 */
export function findApplication(source: string): string | undefined {
  const statements = topLevelStatements(source);
  if (statements.some((text) => hasName(text, "app"))) return undefined;
  const [name, ...others] = madeIn(statements);
  if (name === undefined) return findFactory(statements);
  if (others.length > 0 || statements.some((text) => mayWrap(text, name))) return undefined;
  return name;
}

/** Returns the names of a module's applications if it has several that do not wrap or mount one another. */
export function findApplications(source: string): string[] {
  const statements = topLevelStatements(source);
  const names = [...madeIn(statements)];
  const isSingle = names.length < 2 ||
    names.some((name) => statements.some((text) => mayWrap(text, name) || mayMount(text, name)));
  return isSingle ? [] : names;
}

/** Like {@link findApplications}, for a file. */
export async function applicationsIn(path: string): Promise<string[]> {
  return findApplications(await readStart(path) ?? "");
}

/** Returns false if a module cannot have a name: its text does not contain it, and computes no names. */
export async function mayDefine(path: string, name: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined || /import\s*\*|__getattr__|globals\(|setattr\(/.test(text)) return true;
  return text.match(/[\p{L}_][\p{L}\p{N}_]*/gu)?.includes(name) ?? false;
}

function madeIn(statements: readonly string[]): Set<string> {
  return new Set(statements.flatMap((text) => {
    const [, name, value = ""] = ASSIGNMENT.exec(text) ?? [];
    if (name !== undefined) return MAKES.test(value) || CALLS_FACTORY.test(value) ? [name] : [];
    const [, called, rest = ""] = FUNCTION.exec(text) ?? [];
    return called !== undefined && IS_ASGI.test(rest) ? [called] : [];
  }));
}

// `app.mount("/api", api)`
function mayMount(statement: string, name: string): boolean {
  return new RegExp(`\\.mount\\(.*(?<![\\w.])${name}(?!\\w)`, "s").test(statement);
}

function findFactory(statements: readonly string[]): string | undefined {
  const names = statements.flatMap((text, index) => {
    const [, name, rest = ""] = FUNCTION.exec(text) ?? [];
    if (name === undefined || text.startsWith("async")) return [];
    // A decorator may turn it into a procedure.
    if (/^@(?!(?:functools\.)?(?:lru_)?cache\b)/.test(statements[index - 1] ?? "")) return [];
    const makes = IS_FACTORY.test(name) || RETURNS.test(rest) ||
      (MAKES.test(rest) && /^\s+return\b/m.test(rest));
    return makes && needsNoArguments(rest) ? [name] : [];
  });
  if (names.includes("create_app")) return "create_app";
  return names.length === 1 ? names[0] : undefined;
}

// Middleware around the application must be served instead. Only running the module shows which.
function mayWrap(statement: string, name: string): boolean {
  const [, target, value = ""] = ASSIGNMENT.exec(statement) ?? [];
  const [, called, rest = ""] = FUNCTION.exec(statement) ?? [];
  const isCallable = called !== undefined && /^\s*(?:scope|environ)\b/.test(rest);
  const text = target !== undefined && target !== name ? value : isCallable ? rest : "";
  return new RegExp(`(?<![\\w.])${name}(?!\\w)`).test(text);
}

function hasName(statement: string, name: string): boolean {
  return ASSIGNMENT.exec(statement)?.[1] === name || FUNCTION.exec(statement)?.[1] === name ||
    (/^(?:from|import)\s/.test(statement) && new RegExp(`\\b${name}\\s*(?:,|\\)|$)`).test(
      statement.replace(/^from\s+\S+\s+/, ""),
    ));
}

// `text` follows the opening parenthesis. True if every parameter has a default or a star.
function needsNoArguments(text: string): boolean {
  let depth = 0;
  let parameters = "";
  for (const character of text) {
    if (/[([{]/.test(character)) depth++;
    else if (/[)\]}]/.test(character) && --depth < 0) break;
    parameters += depth > 0 && character === "," ? " " : character;
  }
  return parameters.split(",").map((each) => each.trim()).every((each) =>
    each === "" || each.startsWith("*") || each.startsWith("/") || each.includes("=")
  );
}

// Statements that begin in the first column, with their continuation lines, without multi-line strings and comments.
function topLevelStatements(source: string): string[] {
  const code = source.replace(/("""|''')[\s\S]*?\1/g, '""').replace(/(^|\s)#.*$/gm, "$1");
  const statements: string[] = [];
  for (const line of code.split(/\r?\n/)) {
    if (/^[^\s)\]}]/.test(line)) statements.push(line);
    else if (statements.length > 0) statements[statements.length - 1] += `\n${line}`;
  }
  return statements;
}
