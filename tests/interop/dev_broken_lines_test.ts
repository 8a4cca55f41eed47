import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { runDevCommand } from "../../commands/dev/console.ts";
import { brokenLinesTexts } from "../../commands/dev/broken_lines_text.ts";
import { type DevEvent, DevSession } from "../../lib/dev/mod.ts";
import { loadProject } from "../../lib/project/mod.ts";
import { systemClock } from "../../lib/runtime/mod.ts";
import { styleFor } from "../../lib/terminal/mod.ts";
import { plainClient } from "../support/broken_client.ts";
import { requireTool } from "../support/external.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { tscFolder } from "../support/typescript.ts";
import { waitUntil } from "../support/wait_until.ts";

const skip = pythonSkip() || requireTool("node").skip;
const PROCEDURES = `from pydantic import BaseModel
from pyrpc_core import rpc

class Product(BaseModel):
    id: int
    in_stock: bool

@rpc
def get_product(id: int) -> Product:
    return Product(id=id, in_stock=True)

@rpc
def legacy() -> str:
    return "old"
`;
const BROKEN = PROCEDURES.replace("    in_stock: bool\n", "").replace("legacy", "renewed");
const USE = `import type { Types } from "@pyrpc/types";
declare const rpc: Types;
export const stock = async () => (await rpc.get_product(1)).in_stock;
`;

test(
  "dev --broken-lines lists the lines that a save breaks until they are fixed, after the types are written",
  {
    skip,
  },
  async () => {
    await using folder = await tempFolder({
      "api/main.py": PROCEDURES,
      "api/pyrpc.json": JSON.stringify({
        version: 1,
        framework: "asgi",
        entrypoint: "main",
        client_root: "../web",
        distribution: "workspace",
      }),
      ...plainClient(),
      "web/src/use.ts": USE,
    });
    await mkdir(folder.at(".git"));
    await mkdir(folder.at("web/node_modules"));
    await symlink(tscFolder("5.9"), folder.at("web/node_modules/typescript"), "junction");
    const { python } = await pythonEnvironment("shop-0.14");
    const overrides = { python, debounce: 50 };
    const reload = () => loadProject({ cwd: folder.at("api"), env: {}, overrides });
    const state = await reload();
    assert.ok(state.kind === "ready");
    const events: DevEvent[] = [];
    const session = new DevSession({
      project: state.project,
      reload,
      env: { PATH: process.env["PATH"] },
      cwd: folder.at("api"),
      server: "none",
      brokenLines: true,
      clock: systemClock,
      onEvent: (event) => void events.push(event),
      onFailure: (error) => {
        throw error;
      },
    });
    const printed: string[] = [];
    const console = {
      env: {},
      stderr: { isTerminal: false, write: (text: string) => void printed.push(text) },
    };
    const style = styleFor(console.stderr as never, {});
    const lists = () => events.filter((event) => event.kind === "broken_lines");
    // The command "lines" of the console.
    const list = async () => {
      printed.length = 0;
      const context = { console, session, runCommand: () => Promise.resolve(0) };
      assert.equal(await runDevCommand("lines", context as never), false);
      return printed.join("");
    };
    try {
      await session.start();
      assert.equal(await list(), "  ✓ No line of the clients breaks\n");
      await writeFile(folder.at("api/main.py"), BROKEN);
      await waitUntil(() => lists().length === 1);
      const kinds = events.map(({ kind }) => kind);
      assert.ok(kinds.lastIndexOf("contract") < kinds.indexOf("broken_lines"));
      const texts = brokenLinesTexts(lists()[0]!, style).join("\n");
      assert.match(texts, /^ {2}✗ 1 line of the clients breaks \d+ ms\n/);
      assert.match(texts, /\n {8}web\/src\/use\.ts:3 uses Product\.in_stock/);
      assert.match(texts, /PROCEDURE_REMOVED {2}.*legacy.*\n {8}no client uses it/);
      assert.match(await list(), /web\/src\/use\.ts:3 uses Product\.in_stock/);

      // Another change: the same line is still broken, and is not printed again.
      await writeFile(folder.at("api/main.py"), BROKEN.replace("renewed", "again"));
      await waitUntil(
        () => events.filter(({ kind }) => kind === "contract").length === 3,
      );
      await writeFile(folder.at("web/src/use.ts"), USE.replace(".in_stock", ".id"));
      assert.match(await list(), /^ {2}✓ No line of the clients breaks\n/);
      assert.equal(lists().length, 1);

      await writeFile(folder.at("web/src/use.ts"), USE);
      assert.match(await list(), /use\.ts:3/);
      await writeFile(folder.at("api/main.py"), PROCEDURES);
      await waitUntil(() => lists().length === 2);
      assert.deepEqual(brokenLinesTexts({ report: lists()[1]!.report }, style), [
        "  ✓ No line of the clients breaks",
      ]);
    } finally {
      await session.end();
    }
    assert.equal(session.deliveries.length, 1);
  },
);

test("dev --broken-lines needs a client", { skip }, async () => {
  const files = {
    "main.py": PROCEDURES,
    "pyrpc.json":
      `{ "version": 1, "framework": "asgi", "entrypoint": "main", "distribution": "server" }`,
  };
  const { code, stderr } = await runCli(["dev", "--broken-lines", "--no-console"], { files });
  assert.equal(code, 2, stderr);
  assert.match(
    stderr,
    /--broken-lines compiles the clients of pyrpc\.json, and none is configured/,
  );
});
