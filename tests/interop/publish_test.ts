import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { promisify } from "node:util";
import { findOnPath } from "../support/external.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { runTsc, strictOptions } from "../support/typescript.ts";
import { registrySkip, startRegistry } from "../support/verdaccio.ts";

const run = promisify(execFile);
const SHOP = await readFile(new URL("../fixtures/shop.schema.json", import.meta.url), "utf8");

/** As far as the edits below look into a contract. */
interface Editable {
  [name: string]: {
    name: string;
    parameters: { name: string }[];
    return_schema: object;
    doc: string;
  };
}

test(
  "a types package gets its versions by the diff, and a consumer breaks exactly where the break is",
  {
    skip: registrySkip(),
    timeout: 300_000,
  },
  async () => {
    let contract = SHOP;
    const edit = (change: (document: Editable) => void) => {
      const document: Editable = JSON.parse(contract);
      change(document);
      contract = JSON.stringify(document);
    };
    const server = createServer((_, response) => {
      response.setHeader("content-type", "application/json").end(contract);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await using folder = await tempFolder({ "registry/x": "" });
    await using registry = await startRegistry(folder.at("registry"));
    const manifest = JSON.stringify({ name: "consumer", private: true, type: "module" });
    await folder.write({
      "api/package.json": manifest,
      "api/.npmrc": registry.npmrc,
      "app/package.json": manifest,
      "app/.npmrc": registry.npmrc,
      "app/app.ts": [
        'import type { Types } from "@org/api-types";',
        "declare const api: Types;",
        "export const sum: Promise<number> = api.add(1, 2);",
        'export const hello: Promise<string> = api.greet({ name: "Ada" });',
        "",
      ].join("\n"),
    });
    const npm = (cwd: string, ...args: string[]) =>
      run(findOnPath("npm") as string, [...args, "--no-audit", "--no-fund"], {
        cwd: folder.at(cwd),
      });
    const sync = (...args: string[]) =>
      runCli(
        [
          "sync",
          url,
          "--package-name",
          "@org/api-types",
          "--layout",
          "package",
          "--out",
          "types",
          "--version-from",
          "diff",
          ...args,
        ],
        { cwd: folder.at("api") },
      );
    const version = async () =>
      JSON.parse(await readFile(folder.at("api/types/package.json"), "utf8")).version;
    const compile = async () => {
      await npm("app", "install", "@org/api-types@latest");
      return await runTsc(folder.at("app"), "5.9", { ...strictOptions("5.9"), files: ["app.ts"] });
    };

    try {
      const first = await sync();
      assert.equal(first.code, 0, first.stderr);
      assert.match(first.stderr, /@org\/api-types 1\.0\.0: nothing is published yet/);
      await npm("api/types", "publish", "--userconfig", folder.at("api/.npmrc"));
      assert.equal(await compile(), "");

      const same = await sync();
      assert.match(same.stderr, /1\.0\.0 after 1\.0\.0: nothing has changed/);

      edit((document) => (document["add"]!.doc = "Adds."));
      await sync();
      assert.equal(await version(), "1.0.1");

      edit((document) => {
        document["ping"] = { ...document["add"]!, name: "ping", parameters: [] };
      });
      await sync();
      assert.equal(await version(), "1.1.0");
      await npm("api/types", "publish", "--userconfig", folder.at("api/.npmrc"));
      assert.equal(await compile(), "");

      edit((document) => (document["greet"]!.parameters[0]!.name = "who"));
      const dry = await sync("--dry-run");
      assert.match(
        dry.stderr,
        /@org\/api-types 2\.0\.0 after 1\.1\.0: a major change since @org\/api-types@1\.1\.0/,
      );
      assert.match(dry.stderr, /PARAMETER_RENAMED/);
      assert.equal(await version(), "1.1.0");
      const major = await sync();
      assert.equal(major.code, 0, major.stderr);
      assert.equal(await version(), "2.0.0");
      const changelog = await readFile(folder.at("api/types/CHANGELOG.md"), "utf8");
      assert.match(
        changelog,
        /^# Changelog\n\n## 2\.0\.0\n[\s\S]*PARAMETER_RENAMED[\s\S]*\n## 1\.1\.0\n[\s\S]*PROCEDURE_ADDED[\s\S]*\n## 1\.0\.0\n/,
      );
      await npm("api/types", "publish", "--userconfig", folder.at("api/.npmrc"));
      const errors = (await compile()).trim().split("\n").filter((line) => /error TS/.test(line));
      assert.equal(errors.length, 1, errors.join("\n"));
      assert.match(errors[0] ?? "", /^app\.ts\(4,\d+\)/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
);
