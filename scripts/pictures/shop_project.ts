/** The quick start of README.md as a repository with a backend and a frontend, for the pictures of the documentation. */

import { mkdir, symlink } from "node:fs/promises";
import process from "node:process";
import { pythonEnvironment } from "../../tests/support/python.ts";
import { type TempFolder, tempFolder } from "../../tests/support/temp_folder.ts";
import { tscFolder } from "../../tests/support/typescript.ts";
import { deno, ROOT } from "../project.ts";

/** The frontend's module that uses the backend. */
export const FRONTEND = `import type { Types } from "./api";
import { createClient } from "./pyrpc-client";

const rpc = createClient<Types>({ baseUrl: "http://localhost:8000" });

export async function label(sku: string): Promise<string> {
  const product = await rpc.get_product(sku);
  return \`\${product.name}: \${product.in_stock} left\`;
}
`;

const TSCONFIG = {
  compilerOptions: {
    target: "es2022",
    lib: ["ES2022", "DOM"],
    module: "esnext",
    moduleResolution: "bundler",
    strict: true,
    noEmit: true,
    types: [],
  },
  include: ["src"],
};

/** A repository with `main.py` and the frontend in `web`, which has TypeScript installed. */
export interface ShopProject extends TempFolder {
  /** Runs the program in the folder and returns what it prints. @throws Error for another exit code */
  pyrpc(exitCode: number, ...args: string[]): Promise<string>;
}

/** Makes the repository. */
export async function shopProject(python: string): Promise<ShopProject> {
  const folder = await tempFolder({
    "main.py": python,
    "web/package.json": `{ "name": "web", "private": true, "type": "module" }`,
    "web/tsconfig.json": JSON.stringify(TSCONFIG),
    "web/src/label.ts": FRONTEND,
  });
  await mkdir(folder.at(".git"));
  await mkdir(folder.at("web/node_modules"));
  await symlink(tscFolder("5.9"), folder.at("web/node_modules/typescript"), "junction");
  const { env } = await pythonEnvironment("shop-0.14");
  return {
    ...folder,
    async pyrpc(exitCode, ...args) {
      const program = ["run", "-A", "--no-check", `--config=${ROOT}deno.json`, `${ROOT}main.ts`];
      const { code, stdout, stderr } = await deno([...program, ...args], {
        cwd: folder.path,
        env: { ...process.env, ...env, FORCE_COLOR: "1" },
      });
      if (code !== exitCode) throw new Error(`exit code ${code}:\n${stdout}${stderr}`);
      return `${stdout}${stderr}`.replaceAll(folder.path, "~/shop");
    },
  };
}
