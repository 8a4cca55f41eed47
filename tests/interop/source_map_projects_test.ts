// Runs under Deno only: it bundles the npm package, as a release does
// "Go to definition" in projects of Vite and Next, with the published client, while `pyrpc dev` follows edits that move lines.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { clientPackage } from "../../scripts/release/npm_packages.ts";
import { type Framework, FRAMEWORKS, projectOf } from "../support/client_projects.ts";
import { type LanguageServer, startLanguageServer } from "../support/language_server.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import type { TempFolder } from "../support/temp_folder.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";
import { waitUntil } from "../support/wait_until.ts";

const MAIN = `from pyrpc_core import rpc

from app.models import Page, Product


@rpc.query
def get_product(sku: str) -> Product:
    return Product(name=sku, inStock=1)


@rpc.query
def list_products(cursor: str | None = None) -> Page[Product]:
    return Page(items=[])


@rpc.mutation("admin.rename")
async def rename_product(
    sku: str,
    name: str,
) -> Product:
    return Product(name=name, inStock=1)
`;
const MODELS = `from typing import Generic, TypeVar

from pydantic import BaseModel, Field

T = TypeVar("T")


class Named(BaseModel):
    name: str


class Product(Named):
    in_stock: int = Field(alias="inStock")


class Page(BaseModel, Generic[T]):
    items: list[T]
`;

const use = (from: string) =>
  `import { createClient } from "@pyrpc/client";
import { createQuery } from "@pyrpc/client/query";
import type { Product, Types } from "${from}";

const rpc = createClient<Types>();
const api = createQuery(rpc);
export const product: Promise<Product> = rpc.get_product("LAMP");
export const renamed = rpc.admin.rename({ sku: "LAMP", name: "Lamp" });
export const byText = rpc["admin.rename"]("LAMP", "Lamp");
export const mutation = api["admin.rename"].mutationOptions();
export const options = api.list_products.queryOptions({});
export const first = async () => (await rpc.list_products()).items[0];
export const shown = async () => [(await product).name, (await product).inStock];
`;

/** Text in the client, and the file, line and name that it leads to. */
const CASES = [
  ['get_product("LAMP', "main.py", "def get_product", "get_product"],
  ["rename({", "main.py", "def rename_product", "rename_product"],
  ['admin.rename"]', "main.py", "def rename_product", "rename_product"],
  ['admin.rename"].mut', "main.py", "def rename_product", "rename_product"],
  ["list_products.query", "main.py", "def list_products", "list_products"],
  ["list_products()).items", "main.py", "def list_products", "list_products"],
  ["items[0]", "models.py", "items: list", "items"],
  ["Product> =", "models.py", "class Product", "Product"],
  ["name, (await", "models.py", "name: str", "name"],
  ["inStock]", "models.py", "in_stock: int", "in_stock"],
] as const;

type Edit = (folder: TempFolder) => Promise<void>;

/** Edits that move lines, applied one after the other. */
const EDITS: Readonly<Record<string, Edit>> = {
  "lines above the procedures": (folder) =>
    edit(folder, "api/app/main.py", (text) => `# One\n# more\n\n${text}`),
  "lines above the models, and between them": (folder) =>
    edit(
      folder,
      "api/app/models.py",
      (text) =>
        `"""Models."""\n${text.replace("class Product", "\n\n# A product.\nclass Product")}`,
    ),
  "a procedure before the others, which moves the lines of the types": (folder) =>
    edit(
      folder,
      "api/app/main.py",
      (text) => text.replace("@rpc.query", "@rpc.query\ndef a() -> int: ...\n\n\n@rpc.query"),
    ),
  "the procedures in another order": (folder) =>
    edit(folder, "api/app/main.py", (text) => {
      const [head = "", ...procedures] = text.split(/(?=^@rpc)/m).map((part) =>
        `${part.trim()}\n\n\n`
      );
      return [head, ...procedures.reverse()].join("");
    }),
  "lines of the client": (folder) =>
    edit(folder, "web/USE", (text) => `// One more line.\n${text}`),
};

async function edit(folder: TempFolder, path: string, change: (text: string) => string) {
  const file = folder.at(path.replace("USE", useFile));
  await writeFile(file, change(await readFile(file, "utf8")));
}

let useFile = "";

const TYPES = {
  "the package": { target: undefined, from: "@pyrpc/types" },
  "a .d.ts file": { target: "src/api.d.ts", from: "" },
} as const;

const skip = RUNS_ALL_CASES ? pythonSkip() : "runs under deno task verify maps";

for (const framework of FRAMEWORKS.filter(({ name }) => /^(Vite|Next)/.test(name))) {
  for (const [layout, { target, from }] of Object.entries(TYPES)) {
    test(`go to definition from ${framework.name}, types in ${layout}`, { skip }, async () => {
      await using folder = await projectOf(framework, "web");
      useFile = framework.use;
      const up = "../".repeat(framework.use.split("/").length - 1);
      await prepare(folder, framework, from || `${up}src/api`, target);
      await using dev = await startDev(folder);
      const types = target ?? "node_modules/@pyrpc/types/src/index.d.ts";
      await waitUntil(() => existsSync(folder.at("web", `${types}.map`)), 120_000).catch(
        (cause) => {
          throw new Error(dev.output(), { cause });
        },
      );
      const typescript = folder.at("web/node_modules/typescript");
      await using classic = await startLanguageServer("5.9", folder.at("web"), typescript);
      await using native = await startLanguageServer("7.0", folder.at("web"));
      const steps = Object.entries<Edit>({ "nothing": async () => {}, ...EDITS });
      for (const [what, change] of steps) {
        await change(folder);
        const moved = `${framework.name}, ${layout}, after an edit of ${what}`;
        const written = [folder.at("web", types), folder.at("web", `${types}.map`)];
        await assertDefinitions(folder, classic, written, `${moved} (5.9)`);
        await assertDefinitions(folder, native, written, `${moved} (7.0)`);
      }
    });
  }
}

async function prepare(
  folder: TempFolder,
  { use: file, module = (text) => text }: Framework,
  from: string,
  target: string | undefined,
): Promise<void> {
  await folder.write({
    ".git/HEAD": "",
    "api/pyrpc.json": JSON.stringify({
      version: 1,
      framework: "asgi",
      entrypoint: "app.main",
      client_root: [{ root: "../web", ...(target === undefined ? {} : { target }) }],
      distribution: "workspace",
    }),
    "api/app/main.py": MAIN,
    "api/app/models.py": MODELS,
  });
  await clientPackage(folder.at("web/node_modules"), "notices");
  await mkdir(dirname(folder.at("web", file)), { recursive: true });
  const text = use(from);
  await writeFile(
    folder.at("web", file),
    module(text).replace("typeof call", "typeof options"),
  );
}

async function startDev(folder: TempFolder): Promise<AsyncDisposable & { output(): string }> {
  const { python } = await pythonEnvironment("shop-0.14");
  let end = (_: "SIGINT") => {};
  let output = "";
  const ended = runCli(["dev", "--types-only", "--no-console", "--python", python], {
    cwd: folder.at("api"),
    env: { PATH: "/usr/bin:/bin", PYTHONDONTWRITEBYTECODE: "1" },
    onStart: (signal) => end = signal,
    onStderr: (text) => output += text,
  });
  return {
    output: () => output,
    async [Symbol.asyncDispose]() {
      end("SIGINT");
      await ended;
    },
  };
}

// `dev` writes the types after a moment: the server is asked again until all answers are right.
async function assertDefinitions(
  folder: TempFolder,
  server: LanguageServer,
  types: readonly string[],
  title: string,
): Promise<void> {
  const file = folder.at("web", useFile);
  let answers: string[] = [];
  await waitUntil(async () => {
    answers = [];
    server.filesChanged(types);
    for (const [mark, source, line, text] of CASES) {
      const python = folder.at(`api/app/${source}`);
      const lines = (await readFile(python, "utf8")).split("\n");
      const number = lines.findIndex((each) => each.includes(line)) + 1;
      const found = await server.definitions(file, mark);
      answers.push(
        `${mark} → ${found.map((at) => `${at.path}:${at.line} ${at.text}`).join(", ") || "nothing"}`
          .replaceAll(`${folder.path}/`, ""),
      );
      assert.deepEqual(found, [{ path: python, line: number, text }], mark);
    }
    return true;
  }).catch((cause) => {
    throw new Error(`${title}:\n${answers.join("\n")}`, { cause });
  });
  process.stdout.write(`${title}\n${answers.map((answer) => `  ${answer}\n`).join("")}`);
}
