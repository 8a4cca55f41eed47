import assert from "node:assert/strict";
import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { test } from "node:test";
import { loadFiles, RUN_COMMANDS } from "../../lib/example_projects/mod.ts";
import { runCli } from "../support/run_cli.ts";
import { tempFolder } from "../support/temp_folder.ts";

const example = (...args: string[]) => ["init", "--example", ...args];

test("init --example copies a project to a new folder and prints the commands that run it", async () => {
  const { code, stdout, stderr, files } = await runCli(example("fastapi-react", "a/my tasks"));
  assert.equal(code, 0, stderr);
  const wanted = Object.entries(await loadFiles("fastapi-react"));
  assert.deepEqual(
    files,
    Object.fromEntries(wanted.map(([path, text]) => [`a/my tasks/${path}`, text])),
  );
  assert.equal(stdout, "");
  const [first = [], second = []] = RUN_COMMANDS["fastapi-react"]
    .map((commands) => ["cd 'a/my tasks'", ...commands].map((command) => `  ${command}`));
  const printed = ["", "Next:", ...first, "In a second terminal:", ...second, ""].join("\n");
  assert.ok(stderr.endsWith(printed), stderr);
});

test("init --example --json prints the files and commands; --dry-run writes nothing", async () => {
  const written = await runCli(example("vitest", "--json"));
  const dry = await runCli(example("vitest", "--json", "--dry-run"));
  assert.deepEqual([written.code, dry.code], [0, 0]);
  assert.deepEqual(dry.files, {});
  for (const { stdout } of [written, dry]) {
    const json = JSON.parse(stdout);
    assert.equal(json.example, "vitest");
    assert.deepEqual(json.next, RUN_COMMANDS.vitest);
    assert.deepEqual(
      json.files.map(({ path, state }: { path: string; state: string }) => [
        path.slice(json.folder.length + 1).replaceAll("\\", "/"),
        state,
      ]),
      Object.keys(await loadFiles("vitest")).map((path) => [path, "create"]),
    );
  }
});

test("init --example refuses a folder with files; both proposed commands work", async () => {
  await using folder = await tempFolder({ "my shop/README.md": "mine", "my shop/notes.txt": "" });
  await mkdir(folder.at("vitest"));
  const run = (args: readonly string[]) => runCli(args, { cwd: folder.path });
  const refused = await run(example("vitest", "my shop"));
  assert.equal(refused.code, 2);
  assert.deepEqual(refused.files, {});
  const fixes = [...refused.stderr.matchAll(/: (pyrpc init .*)$/gm)].map(([, command = ""]) =>
    command
  );
  assert.deepEqual(fixes, [
    "pyrpc init --example vitest vitest-2",
    "pyrpc init --example vitest 'my shop' --force",
  ]);
  for (const fix of fixes) {
    const words = fix.replace("'my shop'", "my_shop").split(" ").slice(1)
      .map((word) => word.replace("_", " "));
    const fixed = await run(words);
    assert.equal(fixed.code, 0, fixed.stderr);
    assert.equal(fixed.stderr.includes("  replaced my shop"), words.includes("--force"));
  }
  assert.notEqual(await readFile(folder.at("my shop/README.md"), "utf8"), "mine");
  assert.equal(await readFile(folder.at("my shop/notes.txt"), "utf8"), "");
});

test("init --example accepts the folder of a new repository", async () => {
  const { code, files } = await runCli(example("vitest"), { files: { ".git/HEAD": "" } });
  assert.equal(code, 0);
  assert.ok("schema.json" in files);
});

test("init --example writes through no link, and replaces no file in the place of a folder", async () => {
  await using folder = await tempFolder({ "target/.keep": "", "app/.git/HEAD": "", "file": "" });
  await symlink(folder.at("target"), folder.at("app/src"));
  const run = (...args: string[]) => runCli(example(...args), { cwd: folder.path });
  for (const args of [["vitest", "app", "--force"], ["vitest", "file"], ["vitest", "file/x"]]) {
    const { code, files } = await run(...args);
    assert.equal(code, 3, args.join(" "));
    assert.deepEqual(files, {});
  }
  assert.deepEqual(await readdir(folder.at("target")), [".keep"]);
});

const REFUSED: readonly [args: string[], message: RegExp][] = [
  [example("react"), /did you mean "fastapi-react"\?/],
  [example("nothing-like-it"), /Expected one of fastapi-react, django-vue, vitest\n/],
  [example("vitest", ""), /FOLDER is empty\n {2}fix: pyrpc init --example vitest shop/],
  [example("vitest", "--client"), /--client is not supported with --example/],
  [example("vitest", "--framework", "flask"), /--framework is not supported with --example/],
  [example("vitest", "--client-root", "web"), /--client-root is not supported with --example/],
  [["init", "--json"], /--json is only for --example\n {2}fix: pyrpc init --example \S+ --json/],
  [["init", "--dry-run"], /--dry-run is only for --example/],
  [["init", "shop"], /only for --example\n.*mkdir -p shop && cd shop && pyrpc init/],
  [["init", "vitest"], /only for --example\n {2}fix: pyrpc init --example vitest\n/],
];

test("init refuses flags that have no effect, and names the right ones", async () => {
  for (const [args, message] of REFUSED) {
    const { code, stderr, files } = await runCli(args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, message);
    assert.deepEqual(files, {});
  }
});
