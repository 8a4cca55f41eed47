import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import {
  CLIENT_SCHEMA_URL,
  formatProject,
  interpretProjectFile,
  parseJsonFile,
  PROJECT_SCHEMA_URL,
} from "../../lib/project/mod.ts";
import { runCli } from "../support/run_cli.ts";

const PROJECT = await schema("pyrpc.schema.json");
const CLIENT = await schema("pyrpc-client.schema.json");

async function schema(name: string) {
  const url = new URL(`../../schemas/${name}`, import.meta.url);
  return JSON.parse(await readFile(url, "utf8"));
}

function accepts(schema: object, value: unknown): boolean {
  return new Ajv2020({ strict: false }).compile(schema)(value) as boolean;
}

test("the JSON Schemas have the addresses that are written into the files", () => {
  assert.equal(PROJECT.$id, PROJECT_SCHEMA_URL);
  assert.equal(CLIENT.$id, CLIENT_SCHEMA_URL);
});

test("the JSON Schema of pyrpc.json accepts the wizard's output, and the wizard's format reads it back", () => {
  for (
    const answers of [
      { framework: "fastapi", entry: "app.main:app", distribution: "server" },
      { framework: "asgi", entry: "größe", distribution: "workspace", clientRoot: ["../web"] },
      { framework: "flask", entry: "main", distribution: "workspace", clientRoot: ["a", "b c"] },
    ] as const
  ) {
    const text = formatProject(answers);
    assert.ok(accepts(PROJECT, JSON.parse(text)), text);
    const file = interpretProjectFile(parseJsonFile("/x/pyrpc.json", text));
    assert.equal(file.entrypoint?.value, answers.entry);
    assert.equal(file.distribution?.value, answers.distribution);
  }
});

const DOCUMENTS: readonly (readonly [valid: boolean, value: object])[] = [
  [true, { framework: "fastapi" }],
  [true, { framework: "django" }],
  [false, { framework: "rails" }],
  [false, { version: 2 }],
  [false, { entrypoint: "app/main.py" }],
  [false, { distribution: "both" }],
  [false, { distribution: "workspace" }],
  [true, { distribution: "workspace", client_root: "x" }],
  [true, { client_root: { root: "../web", target: "src/api.ts", exclude: ["admin.*"] } }],
  [true, { clients: ["a", { root: "b", include: ["shop.*"] }], include: "shop.*" }],
  [false, { client_root: { target: "src/api.ts" } }],
  [false, { exclude: [1] }],
  [false, { port: -1 }],
  [true, { allow: [{ rule: "KIND_CHANGED", reason: "why not" }] }],
  [false, { allow: [{ rule: "KIND_CHANGED" }] }],
  [true, { cors_origins: ["https://app.example.com", "http://[::1]:5173", "*"] }],
  [true, { cors_origins: ["tauri://localhost"] }],
  [false, { cors_origins: "https://app.example.com" }],
  [false, { cors_origins: ["app.example.com"] }],
  [false, { cors_origins: ["https://app.example.com/page"] }],
  [true, { "x-unknown": [] }],
];

for (const [valid, change] of DOCUMENTS) {
  test(`the JSON Schema ${valid ? "accepts" : "refuses"} ${JSON.stringify(change)}, as the reader does`, () => {
    const document = {
      version: 1,
      framework: "asgi",
      entrypoint: "main",
      distribution: "server",
      ...change,
    };
    assert.equal(accepts(PROJECT, document), valid);
    // A missing client root is for the wizard to ask, not for the reader to refuse.
    if (JSON.stringify(change) === `{"distribution":"workspace"}`) return;
    const read = () => interpretProjectFile(parseJsonFile("/x", JSON.stringify(document)));
    if (valid) read();
    else assert.throws(read);
  });
}

test("config prints each effective value with its origin, as a table and as JSON", async () => {
  const files = {
    "pyrpc.json":
      `{\n  "version": 1,\n  "framework": "flask",\n  "entrypoint": "main",\n  "distribution": "server"\n}\n`,
    "pyrpc-client.json": `{\n  "distribution": "server",\n  "server_url": "http://x:1"\n}\n`,
  };
  const env = { PYRPC_PORT: "9000", PYRPC_SERVER_URL: "http://y:2" };
  const table = await runCli(["config", "--entry", "other"], { files, env });
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /framework +flask +pyrpc\.json:3/);
  assert.match(table.stdout, /entrypoint +other +flag --entry/);
  assert.match(table.stdout, /port +9000 +environment PYRPC_PORT/);
  assert.match(table.stdout, /debounce +300 +default/);
  assert.match(table.stdout, /server_url +http:\/\/y:2 +environment PYRPC_SERVER_URL/);
  const json = await runCli(["config", "--json"], { files, env });
  const view = JSON.parse(json.stdout);
  assert.equal(view.complete, true);
  assert.deepEqual(view.values.find((value: { name: string }) => value.name === "distribution"), {
    name: "distribution",
    value: "server",
    from: "pyrpc.json:5",
  });
  const incomplete = await runCli(["config"], { files: { "pyrpc.json": `{"version": 1}` } });
  assert.equal(incomplete.code, 1);
  assert.match(incomplete.stdout, /framework +— +not set/);
});
