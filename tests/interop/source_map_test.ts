import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { startLanguageServer } from "../support/language_server.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

/** A folder whose name has characters that URLs escape. */
const API = "my api #1, %20ü";

const MAIN = `from app.models import Page, Product
from pyrpc_core import rpc


@rpc
def add(a: int, b: int = 1) -> int:
    """Adds."""
    return a + b


@rpc
def product(id: int) -> Product:
    return Product(inStock=True, name="x")


@rpc
def products(
    like: Product,
) -> Page[Product]:
    return Page(items=[like])
`;

const MODELS = `from typing import Generic, TypeVar

from pydantic import BaseModel, Field

T = TypeVar("T")


class Named(BaseModel):
    name: str


class Product(Named):
    """A product."""

    in_stock: bool = Field(alias="inStock")


class Page(BaseModel, Generic[T]):
    items: list[T]
`;

const USE = `
const rpc = createClient<Types>({ baseUrl: "http://localhost" });
export const shown: Product = await rpc.product(1);
await rpc.add(1, 2);
const page = await rpc.products({ inStock: true, name: "a" });
export const names = [shown.name, shown.inStock, page.items];
`;

const CLIENT = "declare function createClient<T>(options: { baseUrl: string }): T;\nexport {};";

/** Text in the client, and the file, line and name that it leads to in Python. */
const CASES = [
  ["add(1, 2)", "main.py", "def add", "add"],
  ["product(1)", "main.py", "def product(", "product"],
  ["products(", "main.py", "def products(", "products"],
  ["Product = await", "models.py", "class Product", "Product"],
  ["name, shown", "models.py", "name: str", "name"],
  ["inStock, page", "models.py", "in_stock: bool", "in_stock"],
  ["items]", "models.py", "items: list", "items"],
] as const;

for (const version of ["5.9", "7.0"] as const) {
  test(
    `go to definition opens the Python source, also after edits (TypeScript ${version})`,
    { skip: pythonSkip() },
    async () => {
      await using folder = await project();
      const { python } = await pythonEnvironment("shop-0.14");
      const env = { PATH: "/usr/bin:/bin", PYTHONDONTWRITEBYTECODE: "1" };
      const options = { cwd: folder.at(API), env };
      const args = ["codegen", "app.main", "--python", python, "--out", "../web/src/types.d.ts"];
      const { code, block } = await runCli(args, options);
      assert.equal(code, 0, block);
      let end = (_: "SIGINT") => {};
      const dev = runCli(["dev", "--types-only", "--no-console", "--python", python], {
        ...options,
        onStart: (signal) => end = signal,
      });
      const map = folder.at("web/node_modules/@pyrpc/types/src/index.d.ts.map");
      try {
        await waitUntil(() => existsSync(map));
        await using server = await startLanguageServer(version, folder.at("web"));
        await assertDefinitions(folder, server, "web/src/file.ts");
        await assertDefinitions(folder, server, "web/src/package.ts");
        const before = await readFile(map, "utf8");
        await writeFile(folder.at(API, "app/main.py"), `# One\n# more\n${MAIN}`);
        await waitUntil(async () => await readFile(map, "utf8") !== before);
        await waitUntil(async () => {
          server.filesChanged([map]);
          await assertDefinitions(folder, server, "web/src/package.ts");
          return true;
        });
      } finally {
        end("SIGINT");
        await dev;
      }
    },
  );
}

async function project(): Promise<TempFolder> {
  return await tempFolder({
    ".git/HEAD": "",
    [`${API}/pyrpc.json`]: JSON.stringify({
      version: 1,
      framework: "asgi",
      entrypoint: "app.main",
      client_root: "../web",
      distribution: "workspace",
    }),
    [`${API}/app/main.py`]: MAIN,
    [`${API}/app/models.py`]: MODELS,
    "web/package.json": '{ "type": "module" }',
    "web/tsconfig.json": JSON.stringify({
      compilerOptions: { strict: true, module: "nodenext", target: "es2022", types: [] },
    }),
    "web/src/file.ts": `import type { Product, Types } from "./types.js";\n${CLIENT}\n${USE}`,
    "web/src/package.ts": `import type { Product, Types } from "@pyrpc/types";\n${CLIENT}\n${USE}`,
  });
}

async function assertDefinitions(
  folder: TempFolder,
  server: Awaited<ReturnType<typeof startLanguageServer>>,
  path: string,
): Promise<void> {
  for (const [mark, file, line, text] of CASES) {
    const python = folder.at(API, "app", file);
    const lines = (await readFile(python, "utf8")).split("\n");
    const wanted = { path: python, line: lines.findIndex((each) => each.includes(line)) + 1, text };
    assert.deepEqual(await server.definitions(folder.at(path), mark), [wanted], mark);
  }
}
