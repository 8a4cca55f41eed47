/**
 * Checks each code sample of README.md and `docs`, and lists how with `--list`. A sample is
 *
 * - run: commands with their output (`console`), and what a test reads from the page
 *   (`<!-- sample: tests/FILE_test.ts -->` or `<!-- recipe: NAME -->` before it);
 * - compiled: TypeScript, against the sources of the published packages and the types of a contract; Python;
 * - parsed: JSON, YAML, and shell commands, whose commands and flags have to exist;
 * - shown only, with the reason: `<!-- sample: shown, REASON -->`.
 *
 * Any other sample fails. `text` is output or a picture, not a sample.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { parse as parseYaml } from "yaml";
import { PYRPC } from "../commands/mod.ts";
import { loadCommands } from "../lib/cli/mod.ts";
import { declarationText, generateTypes } from "../lib/codegen/mod.ts";
import { type Json, parseContract } from "../lib/contract/mod.ts";
import { findPython } from "../tests/support/python.ts";
import { tempFolder } from "../tests/support/temp_folder.ts";
import { runTsc } from "../tests/support/typescript.ts";
import { filesBelow, ROOT } from "./project.ts";

/** A code block of a page. */
export interface Sample {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** The comment before the block. */
  readonly marker: string | undefined;
}

/** The samples of a Markdown text. */
export function samplesIn(page: string, markdown: string): Sample[] {
  const found: Sample[] = [];
  const lines = markdown.split("\n");
  let begin: { line: number; fence: string; language: string } | undefined;
  lines.forEach((line, index) => {
    const [, fence = "", language = ""] = /^(?:> )?(`{3,})\s*([\w-]*)/.exec(line) ?? [];
    if (begin === undefined) {
      if (fence !== "") begin = { line: index + 1, fence, language };
    } else if (fence.length >= begin.fence.length && language === "") {
      const before = lines.slice(0, begin.line - 1).filter((each) => each.trim() !== "").at(-1);
      const marker = /^<!-- ((?:sample|recipe): .+) -->$/.exec(before ?? "")?.[1];
      const text = `${lines.slice(begin.line, index).join("\n")}\n`;
      found.push({ page, line: begin.line, language: begin.language, text, marker });
      begin = undefined;
    }
  });
  return found;
}

/** A sample, the way it is checked, and its problem. */
export interface Checked {
  readonly sample: Sample;
  readonly how: string;
  readonly problem?: string | undefined;
}

type Check = (sample: Sample) => Promise<string | undefined> | string | undefined;

const LANGUAGES: Readonly<Record<string, readonly [how: string, check: Check]>> = {
  console: ["run by scripts/check_readme.ts", () => undefined],
  json: ["parsed", ({ text }) => problemOf(() => JSON.parse(text))],
  yaml: ["parsed", ({ text }) => problemOf(() => parseYaml(text))],
  sh: ["parsed: its commands and flags exist", checkShell],
  python: ["compiled", checkPython],
};

const COMPILED = ["ts", "tsx", "js"];

/** Checks a sample. TypeScript is compiled later, all at once. */
export async function check(sample: Sample): Promise<Checked> {
  const { marker, language, page } = sample;
  const [, kind, value = ""] = /^(sample|recipe): (.+)$/.exec(marker ?? "") ?? [];
  if (kind === "recipe") return await checkedByTest(sample, `tests/interop/ci_recipes_test.ts`);
  if (/^shown, ./.test(value)) return { sample, how: `shown only: ${value.slice(7)}` };
  if (value !== "") return await checkedByTest(sample, value);
  if (language === "text") return { sample, how: "output, not a sample" };
  if (COMPILED.includes(language)) return { sample, how: "compiled" };
  const [how, run] = LANGUAGES[language] ?? [];
  if (how === undefined || run === undefined) {
    const problem = `has no marker: ${page}:${sample.line} needs <!-- sample: … --> before it`;
    return { sample, how: "unchecked", problem };
  }
  return { sample, how, problem: await run(sample) };
}

async function checkedByTest(sample: Sample, file: string): Promise<Checked> {
  const text = await readFile(join(ROOT, file), "utf8").catch(() => undefined);
  const name = sample.page.split("/").at(-1) ?? "";
  const problem = text === undefined
    ? `the marker names ${file}, which does not exist`
    : text.includes(name) || /quick_start/.test(text)
    ? undefined
    : `${file} does not read ${name}`;
  return { sample, how: `run by ${file}`, problem };
}

function problemOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

type LoadedCommands = Awaited<ReturnType<typeof loadCommands>>;

let loaded: Promise<LoadedCommands> | undefined;

/** Checks that each `pyrpc` command line of a block names a command and flags that exist. */
async function checkShell({ text }: Sample): Promise<string | undefined> {
  const commands = await (loaded ??= loadCommands(PYRPC));
  const lines = text.replaceAll("\\\n", " ").split("\n").map((line) =>
    line.replace(/(^|\s)#.*/, "")
  );
  for (const line of lines) {
    for (const part of line.split(/&&|\|\||[;|]/)) {
      const problem = problemOfCommand(part.trim().split(/\s+/), commands);
      if (problem !== undefined) return `${problem}: ${line.trim()}`;
    }
  }
  const syntax = await promisify(execFile)("sh", ["-n", "-c", text]).catch((error) => error);
  return syntax instanceof Error ? syntax.message : undefined;
}

function problemOfCommand(
  words: readonly string[],
  commands: LoadedCommands,
): string | undefined {
  const at = words.findIndex((word) => /^pyrpc(-toolkit)?$/.test(word));
  const name = words[at + 1];
  const isInstalled = /^(install|add|remove|uninstall|i)$/.test(words.slice(0, at).at(-1) ?? "");
  if (at === -1 || isInstalled || name === undefined || !/^[a-z]/.test(name)) return undefined;
  const command = commands[name];
  // A sentence or an installer with that name, such as `uv tool install pyrpc-toolkit`.
  if (command === undefined) return words[0] === "pyrpc" ? `no command "${name}"` : undefined;
  const end = words.indexOf("--exec", at);
  const flags = words.slice(at, end === -1 ? undefined : end + 1).filter((word) =>
    /^--\w/.test(word)
  )
    .map((word) => word.slice(2).split("=")[0] ?? "");
  const known = new Set(["help", "version"]);
  for (const [flag, { default: value }] of Object.entries(command.help.flags ?? {})) {
    const kebab = flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    known.add(kebab);
    if (value === true) known.add(`no-${kebab}`);
  }
  const unknown = flags.find((flag) => !known.has(flag));
  return unknown === undefined ? undefined : `${name} has no flag --${unknown}`;
}

async function checkPython({ text }: Sample): Promise<string | undefined> {
  const python = findPython();
  if (python === undefined) return "no Python 3.11 or newer";
  const ran = await promisify(execFile)(python, [
    "-c",
    "import ast, sys; ast.parse(sys.argv[1])",
    text,
  ]).catch((error) => error);
  return ran instanceof Error ? ran.message.split("\n").at(-2) : undefined;
}

/** Names that an earlier sample of the page or the text around it declares. */
const CONTEXT: Readonly<Record<string, string>> = {
  Types: 'import type { Types } from "@pyrpc/types";',
  rpc: 'declare const rpc: import("@pyrpc/client").Client<import("@pyrpc/types").Types>;',
  mock: 'declare const mock: import("@pyrpc/client/testing").Mock<any>;',
  api: 'import { createQuery } from "@pyrpc/client/query"; const api = createQuery(rpc);',
  login: "declare function login(): Promise<string>;",
  order: "declare const order: never;",
  showBanner: "declare function showBanner(text: string): void;",
};

/** Packages of others: only calls of this project's packages are compiled against their types. */
const FOREIGN = [
  "vite",
  "vitest",
  "vitest/config",
  "msw",
  "msw/node",
  "@sveltejs/kit/vite",
  "@tanstack/react-query",
  "@nats-io/transport-node",
  "react",
  "zod",
];

const own = (path: string) => [join(ROOT, "lib", path)];

/** Compiles all samples in TypeScript in one project. @returns the problems by sample */
async function compile(samples: readonly Sample[]): Promise<ReadonlyMap<Sample, string>> {
  await using folder = await tempFolder({
    "package.json": '{ "type": "module" }',
    "foreign.d.ts": `${FOREIGN.map((name) => `declare module "${name}";\n`).join("")}
declare module "node:http" { export type IncomingMessage = any; export type ServerResponse = any }
declare namespace JSX { interface IntrinsicElements { [name: string]: any } }
declare function defineNuxtConfig(config: object): object;
declare const process: { env: Record<string, string | undefined> };
`,
  });
  await writeFile(folder.at("api.d.ts"), declarationText(typesOfShop()));
  const options = JSON.stringify(join(ROOT, "lib/vite/options.ts"));
  await writeFile(
    folder.at("vite.d.ts"),
    `export default function pyrpc(options?: import(${options}).PyrpcOptions): object;\n`,
  );
  await cp(join(ROOT, "lib/client/pyrpc_client.ts"), folder.at("pyrpc-client.ts"));
  const files = new Map<string, Sample>();
  for (const [index, sample] of samples.entries()) {
    const name = `${index}.${sample.language}`;
    files.set(name, sample);
    const isDeclared = (word: string) =>
      new RegExp(`\\b(?:const|let|function|class|type|interface) ${word}\\b`).test(sample.text) ||
      new RegExp(`import [^;]*\\b${word}\\b[^;]* from`).test(sample.text);
    const isUsed = (word: string) => new RegExp(`\\b${word}\\b`, "m").test(sample.text);
    const isMissing = (word: string) =>
      isUsed(word === "api" ? `(?<![/. ])api(?=\\.[a-z_]+\\.)` : word) && !isDeclared(word);
    const context = Object.entries(CONTEXT)
      .filter(([word]) =>
        isMissing(word) || word === "rpc" && isMissing("api") && !isDeclared("rpc")
      )
      .map(([, text]) => `${text} `);
    await writeFile(folder.at(name), `${context.join("")}export {}; ${sample.text}`);
  }
  const errors = await runTsc(folder.path, "5.9", {
    noEmit: true,
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["ES2023", "DOM", "DOM.Iterable"],
    types: [],
    jsx: "preserve",
    strict: true,
    // Handlers of a sample may leave types out.
    noImplicitAny: false,
    allowJs: true,
    checkJs: false,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    paths: {
      "@pyrpc/client": own("client/pyrpc_client.ts"),
      "@pyrpc/client/query": own("client/query/mod.ts"),
      "@pyrpc/client/nats": own("client/nats_link.ts"),
      "@pyrpc/client/contract": own("client/contract/mod.ts"),
      "@pyrpc/client/testing": own("testing/mod.ts"),
      "@pyrpc/vite": [folder.at("vite.d.ts")],
      "@pyrpc/types": [folder.at("api.d.ts")],
    },
    files: [...files.keys(), "foreign.d.ts"].map((name) => `./${name}`),
  });
  const problems = new Map<Sample, string>();
  for (const line of errors.split("\n")) {
    const [, name = ""] = /^(\d+\.\w+)\(/.exec(line) ?? [];
    const sample = files.get(name);
    if (sample !== undefined) problems.set(sample, `${problems.get(sample) ?? ""}${line}\n`);
  }
  const other = errors.split("\n").filter((line) =>
    /^\S+\(\d+/.test(line) && !/^\d+\.\w+\(/.test(line)
  );
  if (other.length > 0) throw new Error(other.join("\n"));
  return problems;
}

/** The types of the backend that the pages are about. */
function typesOfShop(): string {
  const document: Record<string, Json> = {};
  const product = {
    type: "object",
    title: "Product",
    properties: {
      name: { type: "string" },
      price: { type: "number" },
      in_stock: { type: "integer" },
    },
    required: ["name", "price", "in_stock"],
  };
  const text = { type: "string" };
  const page = {
    type: "object",
    properties: {
      items: { type: "array", items: product },
      next_cursor: { anyOf: [text, { type: "null" }] },
    },
    required: ["items", "next_cursor"],
  };
  const procedure = (
    name: string,
    parameters: Readonly<Record<string, Json>>,
    result: Json,
    isRequired = true,
  ) => {
    document[name] = {
      name,
      doc: "",
      kind: "query",
      parameters: Object.entries(parameters).map(([name, schema_]) => ({
        name,
        type: "",
        schema_,
        required: isRequired,
      })),
      return_schema: result,
    };
  };
  const integer = { type: "integer" };
  procedure("add", { a: integer, b: integer }, integer);
  procedure("get_product", { sku: text }, product);
  procedure("admin.version", {}, text);
  procedure("place_order", { order: product }, product);
  procedure("list_products", { limit: integer }, { type: "array", items: product }, false);
  procedure("list_orders", { limit: integer, cursor: text }, page, false);
  procedure(
    "list_rows",
    { size: integer, offset: integer },
    { type: "array", items: product },
    false,
  );
  return generateTypes(parseContract(document, { where: "samples" })).text;
}

async function main(args: readonly string[]): Promise<number> {
  const pages = ["README.md", ...(await filesBelow("docs", ".md")).sort()];
  const samples: Sample[] = [];
  for (const page of pages) {
    samples.push(...samplesIn(page, await readFile(join(ROOT, page), "utf8")));
  }
  const checked = await Promise.all(samples.map(check));
  const compiled = await compile(
    checked.filter(({ how, sample }) => how === "compiled" && COMPILED.includes(sample.language))
      .map(({ sample }) => sample),
  );
  let failed = 0;
  for (const { sample, how, problem: own } of checked) {
    const problem = own ?? compiled.get(sample);
    const name = `${sample.page}:${sample.line} ${sample.language || "no language"}`;
    if (args.includes("--list")) process.stdout.write(`${name}: ${how}\n`);
    if (problem === undefined) continue;
    failed++;
    process.stderr.write(`${name}: ${problem.trim()}\n`);
  }
  process.stderr.write(`${samples.length} samples, ${failed} problems\n`);
  return failed === 0 && samples.length > 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
