import assert from "node:assert/strict";
import { test } from "node:test";
import { probeConfiguration } from "../../lib/doctor/configuration.ts";
import { tempFolder } from "../support/temp_folder.ts";

const PROJECT = JSON.stringify({
  version: 1,
  framework: "asgi",
  entrypoint: "main",
  distribution: "server",
});
const CLIENT = JSON.stringify({
  distribution: "server",
  servers: [{ name: "a", url: "http://localhost:1/rpc" }, { name: "b", url: "http://b.test" }],
});

async function probe(files: Record<string, string>) {
  await using folder = await tempFolder(files);
  const { value, diagnoses } = await probeConfiguration({ cwd: folder.path, env: {} });
  const messages = diagnoses.map(({ status, message }) => [
    status,
    message.replace(folder.path, "").replaceAll("\\", "/"),
  ]);
  return { value, diagnoses, messages };
}

test("probeConfiguration() describes both files", async () => {
  const { value, messages } = await probe({
    "main.py": "",
    "pyrpc.json": PROJECT,
    "pyrpc-client.json": CLIENT,
  });
  assert.deepEqual(messages, [
    ["ok", "/pyrpc.json: asgi, main, server distribution"],
    ["ok", "/pyrpc-client.json: server distribution, localhost:1, b.test"],
  ]);
  assert.equal(value.project?.entrypoint, "main");
  assert.equal(value.client?.servers.length, 2);
});

test("probeConfiguration() suggests the setup without files and for incomplete ones", async () => {
  const none = await probe({});
  assert.deepEqual(none.messages, [
    ["warning", "No pyrpc.json and no pyrpc-client.json here or above"],
  ]);
  assert.equal(none.diagnoses[0]?.fix?.length, 2);
  const incomplete = await probe({ "pyrpc.json": `{ "version": 1, "framework": "asgi" }` });
  assert.equal(incomplete.messages[0]?.[0], "broken");
  assert.match(
    incomplete.messages[0]?.[1] ?? "",
    /^\/pyrpc\.json does not set entrypoint, distribution/,
  );
  assert.deepEqual(incomplete.diagnoses[0]?.fix, ["pyrpc init"]);
});

test("probeConfiguration() reports each invalid file with its line, and still reads the other", async () => {
  const { value, diagnoses } = await probe({
    "main.py": "",
    "pyrpc.json": `{\n  "version": 1,\n  "framework": "rails"\n}`,
    "pyrpc-client.json": CLIENT,
  });
  assert.deepEqual(diagnoses.map(({ status }) => status), ["broken", "ok"]);
  assert.match(diagnoses[0]?.details?.[0] ?? "", /pyrpc\.json:3:\d+$/);
  assert.deepEqual([value.project, value.client?.servers.length], [undefined, 2]);
});
