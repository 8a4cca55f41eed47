import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { ExitCode, ToolError } from "../errors.ts";
import { readClient } from "../delivery/mod.ts";
import type { ClientProblem } from "../report/mod.ts";
import { commandIn, shellWord } from "../shell_word.ts";
import type { CompilationProblem } from "./compile_client.ts";

/** `--client-root` is not a folder. */
export function notAClientFolder(given: string): ToolError {
  return new ToolError({
    code: "CLIENT_ROOT_NOT_FOUND",
    message: `The client folder "${given}" does not exist`,
    where: given,
    fix: "Specify the folder with the client's tsconfig.json: --client-root ../web",
    exitCode: ExitCode.Config,
  });
}

/** `--clients` without a client in `pyrpc.json` or a `pyrpc-client.json`. */
export function noClientsConfigured(): ToolError {
  return new ToolError({
    code: "NO_CLIENTS",
    message: "No client is configured here",
    fix: "Specify the folder with the client's tsconfig.json: --client-root ../web",
    exitCode: ExitCode.Usage,
  });
}

/** Clients that could not be compiled, after the report was printed. */
export function clientsNotCompiled(
  clients: readonly { readonly root: string; readonly problem: ClientProblem }[],
): ToolError {
  const [first] = clients;
  return new ToolError({
    code: first?.problem.code ?? "CLIENT_NOT_COMPILED",
    message: clients.map(({ root, problem }) => `Cannot compile ${root}: ${problem.message}`)
      .join("\n"),
    fix: [...new Set(clients.flatMap(({ problem }) => problem.fix))],
    exitCode: ExitCode.Config,
  });
}

/** Describes why a client was not compiled. */
export function problemOf(
  { code, version, detail = "" }: CompilationProblem,
  root: string,
): ClientProblem {
  switch (code) {
    case "NO_RUNTIME":
      return {
        code: "CLIENT_NO_NODE",
        message: "Node.js was not found on PATH, and the client's TypeScript runs in it",
        fix: ["Install Node.js 20 or later (nodejs.org), or add its folder to PATH"],
      };
    case "NO_TYPESCRIPT":
      return {
        code: "CLIENT_NO_TYPESCRIPT",
        message: "TypeScript is not installed",
        fix: [installCommand(root)],
      };
    case "OLD_TYPESCRIPT":
      return {
        code: "CLIENT_OLD_TYPESCRIPT",
        message: `TypeScript ${version} is too old: 5.0 or later is needed`,
        fix: [addCommand(root, "typescript@5")],
      };
    case "NO_COMPILER_API":
      return {
        code: "CLIENT_NO_COMPILER_API",
        message: `TypeScript ${version} has no programming interface that pyrpc supports`,
        fix: [addCommand(root, "typescript@7.0")],
      };
    case "NO_TSCONFIG":
      return {
        code: "CLIENT_NO_TSCONFIG",
        message: "the folder has no tsconfig.json",
        fix: ["Specify the folder with the client's tsconfig.json: --client-root ../web"],
      };
    case "BROKEN_TSCONFIG":
      return {
        code: "CLIENT_BROKEN_TSCONFIG",
        message: `the compiler rejects the configuration: ${detail}`,
        fix: [
          `See the error in full: cd ${
            shellWord(root)
          } && npx tsc --noEmit. Frameworks generate a part of it: npx nuxt prepare, npx svelte-kit sync`,
        ],
      };
    case "EMPTY_TSCONFIG":
      return {
        code: "CLIENT_EMPTY_TSCONFIG",
        message: "tsconfig.json includes no files and references no configuration that does",
        fix: ['Add "include": ["src"] to tsconfig.json'],
      };
    case "COMPILER_FAILED":
      return {
        code: "CLIENT_COMPILER_FAILED",
        message: `the compiler failed: ${detail.trim()}`,
        fix: [`Check that the compiler runs: cd ${shellWord(root)} && npx tsc --noEmit`],
      };
  }
}

/** No file of a client imports its types. */
export function typesNotImported(root: string): ClientProblem {
  return {
    code: "CLIENT_WITHOUT_TYPES",
    message: "no file in its tsconfig.json imports the generated types",
    fix: [
      `Generate them, and import them in the client: ${
        commandIn(root, "pyrpc codegen SOURCE --out src/api.ts")
      }`,
      'If another package of the workspace has them, list it in "references" of tsconfig.json',
    ],
  };
}

const LOCK_FILES = [
  ["pnpm-lock.yaml", "pnpm install", "pnpm add -D"],
  ["yarn.lock", "yarn install", "yarn add -D"],
  ["bun.lock", "bun install", "bun add -d"],
  ["bun.lockb", "bun install", "bun add -d"],
] as const;

// Installs what the manifest lists; adds TypeScript where it does not.
function installCommand(root: string): string {
  return readClient(root).manifest?.dependencies.has("typescript")
    ? commandIn(root, managerOf(root)[0])
    : addCommand(root, "typescript");
}

function addCommand(root: string, name: string): string {
  return commandIn(root, `${managerOf(root)[1]} ${name}`);
}

function managerOf(root: string): readonly [install: string, add: string] {
  for (let folder = root;; folder = dirname(folder)) {
    const found = LOCK_FILES.find(([file]) => existsSync(join(folder, file)));
    if (found !== undefined) return [found[1], found[2]];
    if (folder === dirname(folder)) return ["npm install", "npm install -D"];
  }
}
