import { Buffer } from "node:buffer";
import { closest } from "../../lib/closest.ts";
import { isObject } from "../../lib/is_object.ts";
import { formatDocument } from "../../lib/json/mod.ts";
import { type DevSession, originOf } from "../../lib/dev/mod.ts";
import type { Procedure } from "../../lib/contract/mod.ts";
import type { Console } from "../../lib/runtime/mod.ts";
import { plainText, renderError, styleFor } from "../../lib/terminal/mod.ts";
import { listBrokenLines } from "./broken_lines_text.ts";

/** The commands of the console, for completion and help. */
export const DEV_COMMANDS = [
  ["help", "this list"],
  ["procedures", "every procedure (procs)"],
  ["inspect <name>", "one procedure in full"],
  ["call <name> <json…>", "call it: arguments in their order, key=value, or one object"],
  ["generate", "regenerate now"],
  ["types", "where the types are and how to import them"],
  ["lines", "lines of the clients that break since the session began"],
  ["restart", "restart the server"],
  ["exit", "leave (quit, Ctrl+C)"],
] as const;

const WORDS = [...DEV_COMMANDS.map(([usage]) => splitOnce(usage)[0]), "procs", "quit"];

/** The context of {@link runDevCommand}. */
export interface DevConsoleContext {
  readonly console: Console;
  readonly session: DevSession;
  /** Runs a command line: `inspect` and `call` of the console are commands of the application. */
  readonly runCommand: (args: readonly string[], console: Console) => Promise<number>;
}

/** Runs one line. @returns true if it ends the console */
export async function runDevCommand(line: string, context: DevConsoleContext): Promise<boolean> {
  const { console, session } = context;
  const print = (text: string) => console.stderr.write(`${text}\n`);
  const [name = "", rest = ""] = splitOnce(line.trim());
  switch (name) {
    case "":
      return false;
    case "help":
    case "?":
      print(helpText(context));
      return false;
    case "procedures":
    case "procs":
      await inspect(context, []);
      return false;
    case "inspect":
      if (rest === "") print("  inspect <name>: which procedure?");
      else await inspect(context, [rest]);
      return false;
    case "call":
      await call(context, rest);
      return false;
    case "generate":
      print(
        session.project.distribution === "server"
          ? "  Regenerating schema..."
          : "  Regenerating TypeScript types...",
      );
      await session.regenerate();
      return false;
    case "types":
      for (const text of typesLines(context)) print(`  ${plainText(text)}`);
      return false;
    case "lines":
      await listBrokenLines(context);
      return false;
    case "restart":
      if (session.server === "own") await session.regenerate();
      else if (session.server === "attached") {
        print("  Another process runs the server: restart it there");
      } else if (session.server === "exec") await session.restartCommand();
      else print("  No server runs (--types-only)");
      return false;
    case "exit":
    case "quit":
      return true;
    default:
      print(
        `  Unknown command: ${plainText(name)}.${didYouMean(name, WORDS)} Type help for commands`,
      );
      return false;
  }
}

/** Candidates for the last word of a line: commands first, then procedures. */
export function completeDevCommand(line: string, session: DevSession): readonly string[] {
  const words = line.trimStart().split(/\s+/);
  if (words.length <= 1) return WORDS;
  const isNamed = words[0] === "inspect" || words[0] === "call";
  return isNamed && words.length === 2 ? [...session.contract?.procedures.keys() ?? []] : [];
}

function helpText({ console }: DevConsoleContext): string {
  const style = styleFor(console.stderr, console.env);
  const width = Math.max(...DEV_COMMANDS.map(([usage]) => usage.length));
  return DEV_COMMANDS.map(([usage, does]) =>
    `  ${style.cyan(usage.padEnd(width))}  ${style.dim(does)}`
  ).join("\n");
}

function typesLines({ session, console }: DevConsoleContext): string[] {
  if (session.project.distribution === "server") {
    return [
      "Server mode — clients fetch types via HTTP.",
      "GET /rpc returns the current schema",
      "Run npx pyrpc sync on the client to regenerate types",
    ];
  }
  if (session.deliveries.length === 0) return ["No types yet: the backend has not been loaded"];
  const style = styleFor(console.stderr, console.env);
  return session.deliveries.flatMap(({ path, importLine, error, root }) =>
    error === undefined ? [path ?? root, importLine ?? ""] : renderError(error, style).split("\n")
  );
}

// Uses the last description: the server may be broken or not run at all.
async function inspect(context: DevConsoleContext, args: readonly string[]): Promise<void> {
  const { contract } = context.session;
  if (contract === undefined) {
    context.console.stderr.write("  No procedures yet: the backend has not been loaded\n");
    return;
  }
  const [name] = args;
  const unknown = name === undefined ? undefined : unknownProcedure(context, name);
  if (unknown !== undefined) return context.console.stderr.write(`${unknown}\n`);
  const document = Buffer.from(formatDocument(contract.document), "utf8");
  const console: Console = Object.create(context.console, {
    stdin: {
      value: {
        isTerminal: false,
        readAll: () => Promise.resolve(document),
        stream: context.console.stdin.stream,
      },
    },
  });
  await context.runCommand(["inspect", "-", ...args], console);
}

// A name that no procedure has. @returns undefined before the first description
function unknownProcedure({ session }: DevConsoleContext, name: string): string | undefined {
  const names = session.contract?.procedures;
  return names === undefined || names.has(name)
    ? undefined
    : `  No such procedure: "${plainText(name)}".${didYouMean(name, [...names.keys()])}`;
}

function didYouMean(name: string, names: readonly string[]): string {
  const close = closest(name, names);
  return close.length === 0 ? "" : ` Did you mean ${close.map(plainText).join(" or ")}?`;
}

async function call(context: DevConsoleContext, rest: string): Promise<void> {
  const { session, console } = context;
  const { server } = session;
  const print = (text: string) => console.stderr.write(`  ${text}\n`);
  const isUnchecked = /(^|\s)--no-check(?=\s|$)/.test(rest);
  const [name = "", text = ""] = splitOnce(rest.replace(/(^|\s)--no-check(?=\s|$)/, " ").trim());
  if (name === "" || /^(--help|-h)$/.test(text)) {
    return print("call <name> <json…> [--no-check]: arguments in order, key=value, or one object");
  }
  const unknown = unknownProcedure(context, name);
  if (unknown !== undefined) return context.console.stderr.write(`${unknown}\n`);
  if (server === "none") return print("No server runs (--types-only)");
  if (server === "own" && !session.isServing) return print("The server does not run");
  const procedure = session.contract?.procedures.get(name);
  const { host, port } = session.project;
  const args = [
    "call",
    originOf(host, port),
    name,
    ...(isUnchecked ? ["--no-check"] : []),
    ...callArguments(text, procedure),
  ];
  await context.runCommand(args, console);
}

/**
 * Converts the arguments of `call` in the console to those of the command line. JSON values may contain spaces; one object
 * whose keys are parameters is the arguments by name, one list for several parameters is the arguments by position.
 */
export function callArguments(text: string, procedure: Procedure | undefined): string[] {
  const values = splitValues(text);
  const [only] = values;
  if (only !== undefined && values.length === 1 && /^[[{]/.test(only)) {
    const names = new Set(procedure?.parameters.map((parameter) => parameter.name));
    const value = parseJson(only);
    const isNamed = isObject(value) && Object.keys(value).every((key) => names.has(key)) &&
      (Object.keys(value).length > 0 || names.size !== 1);
    const isListed = Array.isArray(value) && names.size > 1;
    if (isNamed || isListed) return ["--data", only];
  }
  return ["--", ...values];
}

// Splits at spaces outside of JSON texts.
function splitValues(text: string): string[] {
  const values: string[] = [];
  let value = "";
  let depth = 0;
  let isString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (isString) {
      value += character;
      if (character === "\\") value += text[++index] ?? "";
      else if (character === '"') isString = false;
      continue;
    }
    if (/\s/.test(character) && depth === 0) {
      if (value !== "") values.push(value);
      value = "";
      continue;
    }
    if (character === '"') isString = true;
    else if (/[[{]/.test(character)) depth++;
    else if (/[\]}]/.test(character)) depth = Math.max(0, depth - 1);
    value += character;
  }
  if (value !== "") values.push(value);
  return values;
}

function splitOnce(text: string): [string, string] {
  const [, word = "", rest = ""] = /^(\S*)\s*(.*)$/s.exec(text) ?? [];
  return [word, rest.trim()];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
