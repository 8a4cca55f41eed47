import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "../support/run_cli.ts";

const SCRIPT = "pyrpc init --client --optional && pyrpc sync --optional || exit 0";
const FILES = {
  "package.json": `{\n  "name": "app",\n  "scripts": { "postinstall": "husky" }\n}\n`,
};

test("init --client --save-script puts setup and sync behind the project's own postinstall, once", async () => {
  const args = ["init", "--client", "--distribution", "workspace", "--save-script"];
  const { code, files, stderr } = await runCli(args, { files: FILES });
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(files["package.json"] ?? "").scripts.postinstall, `husky && (${SCRIPT})`);
  assert.ok(files["pyrpc-client.json"]);
  const again = await runCli(args, {
    files: {
      "package.json": files["package.json"]!,
      "pyrpc-client.json": files["pyrpc-client.json"]!,
    },
  });
  assert.equal(again.code, 0, again.stderr);
  assert.equal(again.files["package.json"], undefined);
  assert.match(again.stderr, /already/);
});

test("init --client --optional without a terminal writes nothing, prints one line, and fails no installation", async () => {
  const { code, files, stdout, stderr } = await runCli(["init", "--client", "--optional"], {
    files: FILES,
  });
  assert.deepEqual([code, files, stdout], [0, {}, ""]);
  assert.match(stderr, /^pyrpc init: The client is not set up here[^\n]*\n$/);
  const inCi = await runCli(["init", "--client", "--optional"], {
    files: FILES,
    terminal: true,
    env: { CI: "true" },
  });
  assert.deepEqual([inCi.code, inCi.files], [0, {}]);
  assert.equal((await runCli(["init", "--client"], { files: FILES })).code, 2);
});

test("init: --save-script and --optional only for --client", async () => {
  for (const flag of ["--save-script", "--optional"]) {
    const { code, stderr } = await runCli(["init", flag], { files: FILES });
    assert.equal(code, 2);
    assert.match(stderr, /only for --client/);
  }
});
