import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { type Json, parseContract } from "../../lib/contract/mod.ts";
import { run } from "../../scripts/project.ts";
import { requireTool } from "./external.ts";
import { npmPackages } from "./npm_packages.ts";
import { type TempFolder, tempFolder } from "./temp_folder.ts";

/** The versions of TypeScript that list broken lines. */
export const CLIENT_COMPILERS = ["5.9.3", "6.0.3", "7.0.2"] as const;

/** A client project that is compiled as it is: its package and its `tsconfig.json`. */
export function plainClient(folder = "web"): Record<string, string> {
  return {
    [`${folder}/package.json`]: JSON.stringify({
      name: folder,
      private: true,
      type: "module",
    }),
    [`${folder}/tsconfig.json`]: JSON.stringify({
      compilerOptions: {
        target: "es2022",
        lib: ["ES2022"],
        module: "esnext",
        moduleResolution: "bundler",
        strict: true,
        types: [],
        noEmit: true,
      },
      include: ["src"],
    }),
  };
}

/** A contract as `GET /rpc` answers it. */
export type ContractDocument = Record<string, Json>;

/** The text of the generated types of a contract. */
export function typesOf(document: ContractDocument): string {
  return generateTypes(parseContract(document, { where: "test" })).text;
}

/** The packages of the project, besides TypeScript. */
export const REACT_PACKAGES = [
  "vite@8.4.0",
  "react@19.3.1",
  "@types/react@19.3.3",
  "@vitejs/plugin-react@6.3.0",
] as const;

const OPTIONS = {
  target: "es2023",
  module: "esnext",
  lib: ["ES2023", "DOM"],
  types: ["vite/client"],
  jsx: "react-jsx",
  skipLibCheck: true,
  moduleResolution: "bundler",
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  moduleDetection: "force",
  noEmit: true,
  strict: true,
  noUnusedLocals: true,
};

/** The files of Vite's React template, around the user's own. */
export const VITE_REACT = {
  "web/package.json": `{ "name": "web", "private": true, "type": "module" }`,
  "web/vite.config.ts": `import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
export default defineConfig({ plugins: [react()] });
`,
  "web/tsconfig.json":
    `{ "files": [], "references": [{ "path": "./tsconfig.app.json" }, { "path": "./tsconfig.node.json" }] }`,
  "web/tsconfig.app.json": JSON.stringify({ compilerOptions: OPTIONS, include: ["src"] }),
  "web/tsconfig.node.json": JSON.stringify({
    compilerOptions: { ...OPTIONS, types: [] },
    include: ["vite.config.ts"],
  }),
} as const;

/** Makes a workspace whose folder `web` has Vite, React and a version of TypeScript installed. */
export async function viteReactProject(
  files: Readonly<Record<string, string>>,
  typescript: string = CLIENT_COMPILERS[0],
): Promise<TempFolder> {
  const installed = await npmPackages(`typescript@${typescript}`, ...REACT_PACKAGES);
  const folder = await tempFolder({ ...VITE_REACT, ...files });
  await mkdir(folder.at(".git"));
  await symlink(join(installed, "node_modules"), folder.at("web/node_modules"));
  return folder;
}

/** An error that the compiler prints: `src/cart.tsx:12:3 TS2339`. */
export async function compilerErrors(
  web: string,
  configs: readonly string[],
): Promise<Set<string>> {
  const node = requireTool("node").path;
  const found = new Set<string>();
  for (const config of configs) {
    const args = ["node_modules/typescript/bin/tsc", "--noEmit", "--pretty", "false", "-p", config];
    const { stdout, stderr, code } = await run(node, args, { cwd: web });
    if (code !== 0 && !stdout.includes("error TS")) {
      throw new Error(`tsc failed: ${stdout}${stderr}`);
    }
    for (const line of stdout.split("\n")) {
      const match = /^(.+)\((\d+),(\d+)\): error (TS\d+)/.exec(line);
      if (match !== null) found.add(`${match[1]}:${match[2]}:${match[3]} ${match[4]}`);
    }
  }
  return found;
}
