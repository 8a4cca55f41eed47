import assert from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { test } from "node:test";
import { setUpProject } from "../../lib/setup/mod.ts";
import type { ProjectSetup } from "../../lib/setup/set_up_project.ts";
import { scriptedSetup } from "../support/scripted_prompter.ts";
import { tempFolder } from "../support/temp_folder.ts";

const FILES = {
  "api/main.py": "from fastapi import FastAPI\nimport pyrpc_core\napp = FastAPI()\n",
  "api/app/core.py": "",
  "web/package.json": "{}",
  "web/vite.config.ts": "",
};
const INIT: ProjectSetup = {
  command: "pyrpc init",
  given: {},
  reconfigure: false,
  acceptsDetected: false,
};
const FRAMEWORK = "Which web framework";
const MODULE = "Python module to scan";
const DISTRIBUTION = "How are types distributed";
const CLIENT = "Where is your TypeScript client";
const DEFAULT = { default: true } as const;
const V1 = { version: 1, framework: "flask", entrypoint: "main", distribution: "server" };

test("setUpProject() asks for missing settings, with detected defaults, and stores them", async () => {
  await using folder = await tempFolder(FILES);
  const context = scriptedSetup(folder.at("api"), {
    [FRAMEWORK]: DEFAULT,
    [MODULE]: DEFAULT,
    [DISTRIBUTION]: DEFAULT,
    [CLIENT]: DEFAULT,
  });
  const { project, stored } = await setUpProject(INIT, context);
  assert.deepEqual(context.asked.map(({ initial }) => initial), [
    "fastapi",
    "main",
    "workspace",
    "../web",
  ]);
  assert.equal(stored, "written");
  assert.deepEqual(project.clients, [{ given: "../web", root: folder.at("web") }]);
  assert.deepEqual(context.events.map(({ kind }) => kind), ["written"]);
  const again = scriptedSetup(folder.at("api"), {});
  assert.equal((await setUpProject(INIT, again)).stored, "none");
  assert.deepEqual([again.asked, again.events], [[], []]);
});

test("setUpProject() stores flags in a v1 file, and reports a file that has them already", async () => {
  await using folder = await tempFolder({ ...FILES, "api/pyrpc.json": JSON.stringify(V1) });
  const given = { entry: "app.core" };
  for (const expected of ["written", "same"]) {
    const context = scriptedSetup(folder.at("api"), undefined);
    const { project, stored } = await setUpProject({ ...INIT, given }, context);
    assert.deepEqual([project.entrypoint, stored], ["app.core", expected]);
    assert.equal(context.events[0]?.kind, expected === "written" ? "written" : "unchanged");
  }
});

test("setUpProject() writes nothing if the answers cannot be used", async () => {
  const text = JSON.stringify(V1);
  await using folder = await tempFolder({ ...FILES, "api/pyrpc.json": text });
  const given = { distribution: "workspace", clientRoot: ["../nowhere"] } as const;
  const context = scriptedSetup(folder.at("api"), undefined);
  await assert.rejects(setUpProject({ ...INIT, given }, context), /does not exist/);
  assert.equal(await readFile(folder.at("api/pyrpc.json"), "utf8"), text);
});

test("setUpProject() stores nothing for a module that is run without a file", async () => {
  await using folder = await tempFolder(FILES);
  const options = { ...INIT, module: "app.core", given: { distribution: "server" } } as const;
  const context = scriptedSetup(folder.at("api"), undefined);
  const { project, stored } = await setUpProject(options, context);
  assert.deepEqual([project.entrypoint, project.distribution, stored], [
    "app.core",
    "server",
    "none",
  ]);
  assert.ok(!(await readdir(folder.at("api"))).includes("pyrpc.json"));
});

test("setUpProject() changes a file of a later format only with reconfigure and confirmation", async () => {
  const formats = {
    "0.10": JSON.stringify({ module: "main", client: "../web" }),
    "0.13": JSON.stringify({ backend: { entrypoint: "main" }, clients: [{ root: "../web" }] }),
  };
  for (const [era, text] of Object.entries(formats)) {
    await using folder = await tempFolder({ ...FILES, "api/pyrpc.json": text });
    const read = (name: string) => readFile(folder.at("api", name), "utf8");
    const given = { framework: "asgi" } as const;
    const { stored } = await setUpProject(
      { ...INIT, given },
      scriptedSetup(folder.at("api"), undefined),
    );
    assert.deepEqual([stored, await read("pyrpc.json")], ["none", text]);

    const reconfigure = { ...INIT, reconfigure: true };
    const declined = scriptedSetup(folder.at("api"), { "pyrpc.json has the format": false });
    await assert.rejects(setUpProject(reconfigure, declined), /was not converted/);
    assert.equal(await read("pyrpc.json"), text);

    const confirmed = scriptedSetup(folder.at("api"), {
      "pyrpc.json has the format": true,
      [FRAMEWORK]: DEFAULT,
      [MODULE]: DEFAULT,
      [DISTRIBUTION]: DEFAULT,
      [CLIENT]: DEFAULT,
    });
    const { project } = await setUpProject(reconfigure, confirmed);
    assert.deepEqual([project.format, project.clients[0]?.root], ["v1", folder.at("web")]);
    assert.equal(await read(`pyrpc.json.${era}`), text);
  }
});

test("setUpProject() moves, removes or keeps the types of a previous client", async () => {
  const types = {
    "web/node_modules/@pyrpc/types/src/index.ts": "// Auto-generated by @pyrpc/types\n",
    "web/node_modules/@pyrpc/types/package.json": "{}",
  };
  const config = { ...V1, distribution: "workspace", client_root: "../web" };
  const files = { ...FILES, ...types, "app/package.json": "{}" };
  const given = { clientRoot: ["../app"] };
  const rows = [
    { acceptsDetected: false, script: undefined, kinds: ["stale_output", "stale_output_kept"] },
    { acceptsDetected: true, script: undefined, kinds: ["stale_output", "stale_output_moved"] },
    {
      acceptsDetected: false,
      script: { "Move them to": true },
      kinds: ["stale_output", "stale_output_moved"],
    },
    {
      acceptsDetected: false,
      script: { "Move them to": false },
      kinds: ["stale_output", "stale_output_kept"],
    },
  ];
  for (const { acceptsDetected, script, kinds } of rows) {
    await using folder = await tempFolder({ ...files, "api/pyrpc.json": JSON.stringify(config) });
    const context = scriptedSetup(folder.at("api"), script);
    await setUpProject({ ...INIT, given, acceptsDetected }, context);
    assert.deepEqual(context.events.map(({ kind }) => kind), ["written", ...kinds]);
    const place = kinds.includes("stale_output_moved") ? "app" : "web";
    assert.ok((await stat(folder.at(place, "node_modules/@pyrpc/types/src/index.ts"))).isFile());
  }
});
