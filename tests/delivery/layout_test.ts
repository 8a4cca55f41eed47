import assert from "node:assert/strict";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { test } from "node:test";
import {
  applyPlan,
  checkPlan,
  chooseLayout,
  type ChosenLayout,
  clientImportLine,
  hasSyncScript,
  importLine,
  isUpToDate,
  planLayout,
  planSyncScript,
} from "../../lib/delivery/mod.ts";
import { ToolError } from "../../lib/errors.ts";
import { tempFolder } from "../support/temp_folder.ts";

function failsWith(code: string, exitCode: number, run: () => unknown): ToolError {
  let caught: unknown;
  try {
    run();
  } catch (error) {
    caught = error;
  }
  assert.ok(caught instanceof ToolError, String(caught ?? "did not throw"));
  assert.equal(caught.code, code);
  assert.equal(caught.exitCode, exitCode);
  return caught;
}

function deliver(chosen: ChosenLayout, types = "export type Types = {};\n"): void {
  const plan = planLayout(chosen, { types });
  applyPlan(plan);
  assert.equal(
    isUpToDate(checkPlan(planLayout(chosen, { types }))),
    true,
    "a second time: nothing",
  );
}

test("chooseLayout() selects the nearest package.json that is not inside node_modules, and a whole package is written", async () => {
  await using folder = await tempFolder({
    "package.json": "{}",
    "node_modules/vite/package.json": "{}",
    "src/deep/x.ts": "",
  });
  for (const start of [folder.path, folder.at("src/deep"), folder.at("node_modules/vite")]) {
    const chosen = chooseLayout({ start });
    assert.equal(chosen.layout, "package");
    assert.equal(chosen.types, folder.at("node_modules/@pyrpc/types/src/index.ts"));
    assert.equal(importLine(chosen, start), `import type { Types } from "@pyrpc/types"`);
  }
  deliver(chooseLayout({ start: folder.path }));
  const manifest = JSON.parse(
    await readFile(folder.at("node_modules/@pyrpc/types/package.json"), "utf8"),
  );
  assert.equal(manifest.name, "@pyrpc/types");
  assert.equal(manifest.version, "0.0.0");
  assert.equal(manifest.types, "./src/index.ts");
  assert.deepEqual(manifest.exports["."], {
    require: { types: "./src/index.d.cts", default: "./src/index.ts" },
    types: "./src/index.ts",
    default: "./src/index.ts",
  });
  assert.deepEqual(manifest.files, ["src"]);
});

test("chooseLayout() invents no node_modules in a Python project, also below a package.json", async () => {
  await using folder = await tempFolder({
    "package.json": "{}",
    "backend/pyproject.toml": "",
    "other/main.py": "",
    ".git/HEAD": "",
  });
  for (const start of ["backend", "other"]) {
    const error = failsWith(
      "NO_CLIENT",
      2,
      () => chooseLayout({ start: folder.at(start), plainFolder: true }),
    );
    assert.match(error.fix.join(" "), /--out/);
  }
  await using empty = await tempFolder({ ".git/HEAD": "" });
  failsWith("NO_CLIENT", 2, () => chooseLayout({ start: empty.path }));
  const plain = chooseLayout({ start: empty.path, plainFolder: true });
  assert.equal(plain.types, empty.at("node_modules/@pyrpc/types/src/index.ts"));
});

const CLIENT = {
  file: "pyrpc-client.ts",
  text: "c",
  module: { file: "pyrpc-client.js", text: "m" },
};

test("chooseLayout() writes the file that --out names, and refuses flags that exclude each other", async () => {
  await using folder = await tempFolder({ "package.json": "{}" });
  const start = folder.path;
  const out = folder.at("src/api/types.ts");
  const chosen = chooseLayout({ start, out });
  assert.equal(chosen.layout, "file");
  assert.equal(importLine(chosen, start), `import type { Types } from "./src/api/types"`);
  assert.equal(
    clientImportLine(chosen, start),
    `import { createClient } from "./src/api/pyrpc-client"`,
  );
  applyPlan(planLayout(chosen, { types: "t", client: CLIENT }));
  assert.equal(await readFile(out, "utf8"), "t");
  assert.equal(await readFile(folder.at("src/api/pyrpc-client.ts"), "utf8"), "c");
  failsWith("USAGE", 2, () => chooseLayout({ start, out, layout: "alias" }));
  failsWith("USAGE", 2, () => chooseLayout({ start, layout: "file" }));
  failsWith("USAGE", 2, () => chooseLayout({ start, out, packageVersion: "1.0.0" }));
});

test("chooseLayout() refuses names and versions that npm would refuse", async () => {
  await using folder = await tempFolder({ "package.json": "{}" });
  const start = folder.path;
  for (
    const packageName of ["../../x", "@pyrpc/../x", "Types", "a/b", "", ".", "@/x", "node_modules"]
  ) {
    failsWith("USAGE", 2, () => chooseLayout({ start, packageName }));
  }
  for (const packageVersion of ["1", "v1.0.0", "1.0", "latest", "01.0.0", "1.0.0\n"]) {
    failsWith("USAGE", 2, () => chooseLayout({ start, packageVersion }));
  }
  const chosen = chooseLayout({
    start,
    packageName: "@org/api-types",
    packageVersion: "1.2.3-rc.1",
  });
  deliver(chosen);
  assert.equal(importLine(chosen, start), `import type { Types } from "@org/api-types"`);
  const manifest = await readFile(folder.at("node_modules/@org/api-types/package.json"), "utf8");
  assert.match(manifest, /"version": "1\.2\.3-rc\.1"/);
});

test("chooseLayout() with --layout package and --out writes a package to publish into that folder", async () => {
  await using folder = await tempFolder();
  const out = folder.at("types-package");
  deliver(chooseLayout({ start: folder.path, layout: "package", out, packageName: "api-types" }));
  assert.match(
    await readFile(folder.at("types-package/package.json"), "utf8"),
    /"name": "api-types"/,
  );
  assert.match(await readFile(folder.at("types-package/src/index.ts"), "utf8"), /Types/);
});

test("an installed package keeps the version that was resolved", async () => {
  await using folder = await tempFolder({
    "package.json": `{ "devDependencies": { "@pyrpc/types": "^0.6.0" } }`,
    "node_modules/@pyrpc/types/package.json": `{ "name": "@pyrpc/types", "version": "0.6.3" }`,
  });
  const chosen = chooseLayout({ start: folder.path });
  assert.ok(chosen.layout === "package");
  assert.equal(chosen.version, "0.6.3");
  assert.equal(chosen.isNamed, true);
});

test("chooseLayout() finds where a monorepo hoists packages to", async () => {
  await using folder = await tempFolder({
    "package.json": `{ "workspaces": ["packages/*"] }`,
    "node_modules/.package-lock.json": "{}",
    "packages/web/package.json": "{}",
    "packages/own/package.json": "{}",
    "packages/own/node_modules/.bin/x": "",
  });
  const types = (start: string) => chooseLayout({ start: folder.at(start) }).types;
  const hoisted = folder.at("node_modules/@pyrpc/types/src/index.ts");
  assert.equal(types("packages/web"), hoisted);
  assert.equal(
    types("packages/own"),
    folder.at("packages/own/node_modules/@pyrpc/types/src/index.ts"),
  );
  await folder.write({ "node_modules/@pyrpc/types/package.json": "{}" });
  assert.equal(types("packages/own"), hoisted, "the place that it resolves to");
  assert.match(chooseLayout({ start: folder.at("packages/web") }).reason, /hoisted/);
});

test("a package linked to a store becomes a folder of its own, and the store stays as it is", async () => {
  await using folder = await tempFolder({
    "app/package.json": "{}",
    "app/node_modules/.pnpm/types@0.6.1/package.json": `{ "version": "0.6.1" }`,
    "app/node_modules/.pnpm/types@0.6.1/src/index.ts": "stored",
  });
  await mkdir(folder.at("app/node_modules/@pyrpc"));
  await symlink("../.pnpm/types@0.6.1", folder.at("app/node_modules/@pyrpc/types"));
  const chosen = chooseLayout({ start: folder.at("app") });
  assert.ok(chosen.layout === "package");
  assert.equal(chosen.version, "0.6.1");
  assert.match(chosen.notes.join(), /was a link to/);
  applyPlan(planLayout(chosen, { types: "mine" }));
  const read = (path: string) => readFile(folder.at("app/node_modules", path), "utf8");
  assert.equal(await read("@pyrpc/types/src/index.ts"), "mine");
  assert.equal(await read(".pnpm/types@0.6.1/src/index.ts"), "stored");
  assert.equal(await read(".pnpm/types@0.6.1/package.json"), `{ "version": "0.6.1" }`);
});

test("node_modules that lead out of the project are refused", async () => {
  await using folder = await tempFolder({ "app/package.json": "{}", "store/x": "" });
  await symlink("../store", folder.at("app/node_modules"));
  const chosen = chooseLayout({ start: folder.at("app") });
  failsWith("TARGET_OUTSIDE_ROOT", 3, () => applyPlan(planLayout(chosen, { types: "" })));
});

test("Plug'n'Play selects the alias layout and reports it; --layout package is refused", async () => {
  for (
    const files of [
      { "package.json": "{}", ".pnp.cjs": "" },
      {
        "package.json": `{ "packageManager": "yarn@4.9.1" }`,
        ".yarnrc.yml": "enableTelemetry: false\n",
      },
      { "package.json": "{}", ".yarnrc.yml": "nodeLinker: pnp\n" },
    ]
  ) {
    await using folder = await tempFolder({ ...files, "tsconfig.json": "{}" });
    const chosen = chooseLayout({ start: folder.path });
    assert.equal(chosen.layout, "alias");
    assert.match(chosen.reason, /Plug'n'Play/);
    failsWith("PLUG_AND_PLAY", 2, () => chooseLayout({ start: folder.path, layout: "package" }));
  }
  await using linked = await tempFolder({
    "package.json": "{}",
    ".yarnrc.yml": "nodeLinker: node-modules\n",
  });
  assert.equal(chooseLayout({ start: linked.path }).layout, "package");
});

const TSCONFIG = `{
  // The compiler of this project.
  "compilerOptions": {
    "strict": true, /* always */
    "paths": {
      "@/*": ["./src/*"], // ours
    },
  },
  "include": ["src"],
}
`;

test("the alias layout edits tsconfig.json and keeps comments, commas and formatting", async () => {
  await using folder = await tempFolder({ "package.json": "{}", "tsconfig.json": TSCONFIG });
  const chosen = chooseLayout({ start: folder.path, layout: "alias" });
  deliver(chosen);
  assert.equal(
    await readFile(folder.at("tsconfig.json"), "utf8"),
    TSCONFIG.replace("// ours\n", `// ours\n      "@pyrpc/types": ["./__pyrpc.ts"],\n`),
  );
  assert.match(await readFile(folder.at("__pyrpc.ts"), "utf8"), /Types/);
  // From now on it is recognised.
  const again = chooseLayout({ start: folder.path });
  assert.equal(again.layout, "alias");
  assert.match(again.reason, /alias/);
});

test("the alias layout adds missing settings in every kind of tsconfig.json", async () => {
  const rows: [string, string][] = [
    [
      "{}",
      `{\n  "compilerOptions": {\n    "paths": {\n      "@pyrpc/types": ["./__pyrpc.ts"]\n    }\n  }\n}`,
    ],
    [
      `{\r\n\t"compilerOptions": {\r\n\t\t"strict": true\r\n\t}\r\n}\r\n`,
      `{\r\n\t"compilerOptions": {\r\n\t\t"strict": true,\r\n\t\t"paths": {\r\n\t\t\t"@pyrpc/types": ["./__pyrpc.ts"]\r\n\t\t}\r\n\t}\r\n}\r\n`,
    ],
    [
      `{ "compilerOptions": { "baseUrl": "src" } }`,
      `{ "compilerOptions": { "baseUrl": "src", "paths": { "@pyrpc/types": ["../__pyrpc.ts"] } } }`,
    ],
    [
      `{\n  "compilerOptions": {\n    "a": [1,\n 2] /* x */ // y\n    // z\n  }\n}`,
      `{\n  "compilerOptions": {\n    "a": [1,\n 2], /* x */ // y\n    "paths": {\n      "@pyrpc/types": ["./__pyrpc.ts"]\n    }\n    // z\n  }\n}`,
    ],
    [
      `{ "compilerOptions": { "paths": { /* none */ } } }`,
      `{ "compilerOptions": { "paths": { /* none */\n  "@pyrpc/types": ["./__pyrpc.ts"]\n} } }`,
    ],
  ];
  for (const [before, after] of rows) {
    await using folder = await tempFolder({ "package.json": "{}", "tsconfig.json": before });
    deliver(chooseLayout({ start: folder.path, layout: "alias" }));
    assert.equal(await readFile(folder.at("tsconfig.json"), "utf8"), after);
  }
});

test("an alias that leads elsewhere is an error, and nothing is written", async () => {
  const text = `{ "compilerOptions": { "paths": { "@pyrpc/types": ["./mine.ts"] } } }`;
  await using folder = await tempFolder({ "package.json": "{}", "tsconfig.json": text });
  const error = failsWith("ALIAS_CONFLICT", 3, () => chooseLayout({ start: folder.path }));
  assert.ok(error.message.startsWith("@pyrpc/types is already configured to point elsewhere in "));
  const chosen = chooseLayout({ start: folder.path, layout: "alias" });
  failsWith("ALIAS_CONFLICT", 3, () => planLayout(chosen, { types: "" }));
  assert.equal(await readFile(folder.at("tsconfig.json"), "utf8"), text);
});

test("the alias of a solution goes to the projects that it refers to", async () => {
  await using folder = await tempFolder({
    "package.json": "{}",
    "tsconfig.json": `{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }`,
    "tsconfig.app.json": `{ "compilerOptions": {} }`,
  });
  deliver(chooseLayout({ start: folder.path, layout: "alias" }));
  assert.match(await readFile(folder.at("tsconfig.app.json"), "utf8"), /__pyrpc\.ts/);
  assert.doesNotMatch(await readFile(folder.at("tsconfig.json"), "utf8"), /__pyrpc\.ts/);
});

test("paths that are inherited are not hidden: an error names the setting and the file", async () => {
  await using folder = await tempFolder({
    "package.json": "{}",
    "tsconfig.json": `{ "extends": "./base.json" }`,
    "base.json": `{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }`,
  });
  const start = folder.path;
  const chosen = chooseLayout({ start, layout: "alias" });
  const error = failsWith("ALIAS_INHERITED", 3, () => planLayout(chosen, { types: "" }));
  assert.match(error.fix.join(" "), /"@pyrpc\/types": \["\.\/__pyrpc\.ts"\]/);
  await folder.write({
    "base.json": `{ "compilerOptions": { "paths": { "@pyrpc/types": ["./__pyrpc.ts"] } } }`,
  });
  deliver(chooseLayout({ start, layout: "alias" }));
});

test("a broken tsconfig.json is an error with its place", async () => {
  await using folder = await tempFolder({
    "package.json": "{}",
    "tsconfig.json": `{\n  "a": ,\n}`,
  });
  const error = failsWith("TSCONFIG_BROKEN", 3, () => chooseLayout({ start: folder.path }));
  assert.deepEqual(error.position, { line: 2, column: 8, text: `  "a": ,` });
});

test("without a tsconfig.json the alias layout prints the remaining step", async () => {
  await using folder = await tempFolder({ "package.json": "{}" });
  const chosen = chooseLayout({ start: folder.path, layout: "alias" });
  assert.match(chosen.notes.join(), /tsconfig\.json does not exist/);
  deliver(chosen);
});

test("the alias layout names the bundler's configuration where an adapter needs the alias at run time", async () => {
  await using folder = await tempFolder({
    "package.json": `{ "dependencies": { "@pyrpc/react": "^0.14.0" } }`,
    "tsconfig.json": "{}",
    "vite.config.ts": "export default {};",
  });
  const notes = () => chooseLayout({ start: folder.path, layout: "alias" }).notes.join();
  assert.match(notes(), /add its alias to vite\.config\.ts/);
  await folder.write({
    "vite.config.ts": `export default { resolve: { alias: { "@pyrpc/types": "./__pyrpc.ts" } } };`,
  });
  assert.equal(notes(), "");
});

test("planSyncScript() adds to package.json once, after existing commands, and keeps its formatting", async () => {
  const rows = [
    [
      `{\n    "name": "x"\n}\n`,
      `{\n    "name": "x",\n    "scripts": {\n        "postinstall": "pyrpc sync --optional || exit 0"\n    }\n}\n`,
    ],
    [
      `{\n\t"scripts": {\n\t\t"postinstall": "husky"\n\t}\n}`,
      `{\n\t"scripts": {\n\t\t"postinstall": "husky && (pyrpc sync --optional || exit 0)"\n\t}\n}`,
    ],
  ] as const;
  for (const [before, after] of rows) {
    await using folder = await tempFolder({ "package.json": before });
    const plan = planSyncScript(folder.path);
    assert.ok(plan !== undefined);
    applyPlan(plan);
    assert.equal(await readFile(folder.at("package.json"), "utf8"), after);
    assert.equal(hasSyncScript(folder.path), true);
    assert.equal(planSyncScript(folder.path), undefined);
  }
  await using broken = await tempFolder({ "package.json": "{" });
  failsWith("MANIFEST_BROKEN", 3, () => planSyncScript(broken.path));
});

test("applyPlan() names the file in the way where node_modules is a file", async () => {
  await using folder = await tempFolder({ "package.json": "{}", "node_modules": "" });
  const error = failsWith("TARGET_NOT_A_FOLDER", 3, () => {
    applyPlan(planLayout(chooseLayout({ start: folder.path }), { types: "t" }));
  });
  assert.match(`${error.where} ${error.message}`, /node_modules/);
});

test("chooseLayout() puts the alias file below rootDir, and planAlias() leaves it to frameworks with own paths", async () => {
  const alias = { layout: "alias" } as const;
  await using rooted = await tempFolder({
    "package.json": "{}",
    "tsconfig.base.json": '{ "compilerOptions": { "rootDir": "./src", "composite": true } }',
    "tsconfig.json": '{ "extends": "./tsconfig.base.json" }',
  });
  const chosen = chooseLayout({ start: rooted.path, ...alias });
  assert.equal(chosen.types, rooted.at("src/__pyrpc.ts"));
  deliver(chosen);
  const paths =
    JSON.parse(await readFile(rooted.at("tsconfig.json"), "utf8")).compilerOptions.paths;
  assert.deepEqual(paths, { "@pyrpc/types": ["./src/__pyrpc.ts"] });
  assert.equal(chooseLayout({ start: rooted.path }).types, chosen.types);

  const rows = [
    [
      "nuxt.config.ts",
      "export default defineNuxtConfig({})",
      /alias: \{ "@pyrpc\/types": new URL\("\.\/__pyrpc\.ts", import\.meta\.url\)/,
    ],
    [
      "vite.config.ts",
      "export default { plugins: [sveltekit({})] }",
      /alias: \{ "@pyrpc\/types".* to the options of sveltekit\(\)/,
    ],
    ["svelte.config.js", "export default { kit: {} }", /kit: \{ alias: \{/],
  ] as const;
  for (const [file, text, snippet] of rows) {
    await using folder = await tempFolder({
      "package.json": "{}",
      [file]: text,
      "tsconfig.json": "{}",
    });
    const error = failsWith(
      "ALIAS_OF_FRAMEWORK",
      3,
      () => deliver(chooseLayout({ start: folder.path, ...alias })),
    );
    assert.match(error.fix.join(), snippet);
    await folder.write({ [file]: `${text} // ${error.fix[0]}` });
    deliver(chooseLayout({ start: folder.path, ...alias }));
    assert.equal(chooseLayout({ start: folder.path }).layout, "alias");
    assert.equal(await readFile(folder.at("tsconfig.json"), "utf8"), "{}");
  }
});
