import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { plainClient, typesOf } from "../support/broken_client.ts";
import { documentOf } from "../support/contracts.ts";
import { requireTool } from "../support/external.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { tscFolder } from "../support/typescript.ts";

const TEXT = { type: "string" };
const INTEGER = { type: "integer" };

/** Two versions of a contract: what the client below uses has changed, and `Other` and `alone`, which it does not use. */
function contract(isNew: boolean) {
  const maximum = isNew ? { maximum: 5 } : {};
  const enumOf = (title: string) => ({
    title,
    type: "string",
    enum: ["a", "b", ...isNew ? ["c"] : []],
  });
  const $defs = {
    Level: enumOf("Level"),
    Other: enumOf("Other"),
    Order: {
      title: "Order",
      type: "object",
      properties: {
        level: { $ref: "#/$defs/Level" },
        other: { $ref: "#/$defs/Other" },
        zip: isNew ? TEXT : { anyOf: [TEXT, { type: "null" }], default: null },
      },
      required: ["level", "other", ...isNew ? ["zip"] : []],
    },
  };
  return documentOf({
    get: { result: { $ref: "#/$defs/Order", $defs } },
    save: {
      parameters: [{ name: "order", schema: { $ref: "#/$defs/Order", $defs } }],
      result: { type: "null" },
    },
    bounded: { parameters: [{ name: "a", schema: { ...INTEGER, ...maximum } }], result: INTEGER },
    list: { result: isNew ? { type: "array", items: TEXT } : TEXT },
    alone: { parameters: [{ name: "a", schema: { ...INTEGER, ...maximum } }], result: TEXT },
  });
}

const USE = `import type { Order, Types } from "./api.ts";
type Result<K extends keyof Types> = Awaited<ReturnType<Types[K]>>;
export const isLow = (order: Order) => order.level === "a";
export const zip = (order: Order) => order.zip ?? "";
export type Some = Pick<Types, "bounded" | "get">;
let state: Result<"list"> = "";
export const upper = () => state.toUpperCase();
export const set = (next: typeof state) => void (state = next);
`;

for (const version of ["5.9", "7.0"] as const) {
  test(
    `diff --client-root finds each use of what changed, and calls nothing else used (TypeScript ${version})`,
    { skip: requireTool("node").skip },
    async () => {
      await using folder = await tempFolder({
        ...plainClient(),
        "web/tsconfig.json": plainClient()["web/tsconfig.json"]!.replace(
          '"strict"',
          '"allowImportingTsExtensions":true,"strict"',
        ),
        "web/src/api.ts": typesOf(contract(false)),
        "web/src/use.ts": USE,
        "old.json": JSON.stringify(contract(false)),
        "new.json": JSON.stringify(contract(true)),
      });
      await mkdir(folder.at("web/node_modules"));
      await symlink(tscFolder(version), folder.at("web/node_modules/typescript"), "junction");
      const args = ["diff", "old.json", "new.json", "--client-root", "web", "--json"];
      const options = { cwd: folder.path, env: { PATH: process.env["PATH"] } };
      const { stdout, block } = await runCli(args, options);
      const { changes, otherLines, clients } = JSON.parse(stdout);
      assert.deepEqual(clients[0].notes, [], block);
      const breaking = changes.filter(({ severity }: { severity: string }) =>
        severity === "breaking"
      );
      // deno-lint-ignore no-explicit-any
      const found = breaking.map(({ procedure, model, member, message, impact }: any) => {
        const { status, lines, uses } = impact;
        const places = [...lines, ...uses].map(({ line }: { line: number }) => line);
        const name = procedure ?? `${model}${member ? `.${member}` : ""}`;
        return `${name} ${/required|null|$/.exec(message)![0]}: ${status} ${[...new Set(places)]}`;
      });
      assert.deepEqual(found.sort(), [
        "Level : used 3",
        // Two changes of one member.
        "Order.zip null: used 4",
        "Order.zip required: used 4",
        "Other : unused ",
        "alone : unused ",
        "bounded : used 5",
        "list : breaks 6,7",
      ], JSON.stringify(changes));
      assert.deepEqual(otherLines, []);
    },
  );
}
