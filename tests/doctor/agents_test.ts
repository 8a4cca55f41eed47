import assert from "node:assert/strict";
import { test } from "node:test";
import process from "node:process";
import { probeAgents } from "../../lib/doctor/agents.ts";
import { tempFolder } from "../support/temp_folder.ts";

const entry = (command: unknown) =>
  JSON.stringify({ mcpServers: { pyrpc: { command, args: ["mcp"] } } });

const CASES: readonly [name: string, text: string, status: string | undefined, message: RegExp][] =
  [
    ["this program", entry(process.execPath), "ok", /runs /],
    ["a program that was removed", entry("/nowhere/pyrpc"), "broken", /missing/],
    ["a name that is not on PATH", entry("no-such-pyrpc"), "broken", /missing/],
    ["a name, which may be the command of pyrpc-core", entry("node"), "warning", /first on PATH/],
    ["no command", entry(undefined), "broken", /no command/],
    ["other servers only", `{ "mcpServers": { "other": { "command": "x" } } }`, undefined, /^/],
    ["no JSON", "{", "broken", /JSON|expected/i],
  ];

for (const [name, text, status, message] of CASES) {
  test(`probeAgents(): ${name}`, async () => {
    await using folder = await tempFolder({ ".mcp.json": text });
    const { PATH } = process.env;
    const found = await probeAgents({ cwd: folder.path, env: { PATH } });
    assert.equal(found[0]?.status, status);
    if (status === undefined) return;
    assert.match(found[0]?.message ?? "", message);
    if (status !== "ok") assert.ok((found[0]?.fix ?? []).length > 0);
  });
}

test("probeAgents(): a project without such files has no diagnosis", async () => {
  await using folder = await tempFolder();
  assert.deepEqual(await probeAgents({ cwd: folder.path, env: {} }), []);
});
