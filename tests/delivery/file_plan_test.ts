import assert from "node:assert/strict";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  applyPlan,
  checkPlan,
  describePlan,
  isUpToDate,
  planFile,
  planFiles,
} from "../../lib/delivery/mod.ts";
import { ToolError } from "../../lib/errors.ts";

const folders: string[] = [];
function folder(): string {
  const made = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "pyrpc-delivery-")));
  folders.push(made);
  return made;
}
after(() => folders.forEach((made) => fs.rmSync(made, { recursive: true, force: true })));

function failsWith(code: string, run: () => unknown): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof ToolError, String(error));
    assert.equal(error.code, code);
    assert.equal(error.exitCode, 3);
    return true;
  });
}

test("applyPlan writes a new file in folders that do not exist yet and leaves nothing else", () => {
  const root = folder();
  const path = join(root, "src", "api", "types.ts");
  const changes = applyPlan(planFile(path, "export {};\n"));
  assert.deepEqual(changes.map(({ state, before }) => [state, before]), [["create", undefined]]);
  assert.equal(fs.readFileSync(path, "utf8"), "export {};\n");
  assert.deepEqual(fs.readdirSync(join(root, "src", "api")), ["types.ts"]);
});

test("applyPlan does not touch a file that has the text already", () => {
  const path = join(folder(), "types.ts");
  applyPlan(planFile(path, "a\nb\n"));
  fs.utimesSync(path, 1000, 1000);
  const inode = fs.statSync(path).ino;
  assert.equal(applyPlan(planFile(path, "a\nb\n"))[0]?.state, "same");
  assert.equal(fs.statSync(path).mtimeMs, 1_000_000);
  assert.equal(fs.statSync(path).ino, inode);
});

test("applyPlan leaves a checkout with CRLF or a byte order mark alone", () => {
  const path = join(folder(), "types.ts");
  fs.writeFileSync(path, "\ufeffa\r\nb\r\n");
  assert.equal(applyPlan(planFile(path, "a\nb\n"))[0]?.state, "same");
  assert.equal(fs.readFileSync(path, "utf8"), "\ufeffa\r\nb\r\n");
});

test("checkPlan writes nothing and reports differences", () => {
  const root = folder();
  fs.writeFileSync(join(root, "old.ts"), "1\n");
  const plan = planFiles(root, [
    { path: "old.ts", content: "2\n" },
    { path: "new/x.ts", content: "3\n" },
  ]);
  const changes = checkPlan(plan);
  assert.deepEqual(changes.map(({ state }) => state), ["change", "create"]);
  assert.equal(isUpToDate(changes), false);
  assert.deepEqual(fs.readdirSync(root), ["old.ts"]);
  assert.match(describePlan(changes).join("\n"), /^change +.*old\.ts \(2 bytes\)\ncreate +/);
  applyPlan(plan);
  assert.equal(isUpToDate(checkPlan(plan)), true);
});

test("checkPlan asks isCurrent, and applyPlan restores the bytes nevertheless", () => {
  const path = join(folder(), "types.ts");
  fs.writeFileSync(path, "formatted by hand");
  const plan = planFile(path, "ours", { isCurrent: (present) => present.includes("hand") });
  assert.equal(checkPlan(plan)[0]?.state, "formatted");
  assert.equal(isUpToDate(checkPlan(plan)), true);
  applyPlan(plan);
  assert.equal(fs.readFileSync(path, "utf8"), "ours");
});

test("applyPlan replaces a hard link and leaves its other name alone", () => {
  const root = folder();
  const store = join(root, "store.ts");
  fs.writeFileSync(store, "everybody's");
  fs.mkdirSync(join(root, "project"));
  const path = join(root, "project", "index.ts");
  fs.linkSync(store, path);
  applyPlan(planFile(path, "mine"));
  assert.equal(fs.readFileSync(store, "utf8"), "everybody's");
  assert.equal(fs.readFileSync(path, "utf8"), "mine");
  assert.equal(fs.statSync(store).nlink, 1);
});

test("applyPlan replaces a symbolic link to a file and leaves its target alone", () => {
  const root = folder();
  fs.writeFileSync(join(root, "store.ts"), "everybody's");
  fs.symlinkSync("store.ts", join(root, "index.ts"));
  applyPlan(planFile(join(root, "index.ts"), "mine"));
  assert.equal(fs.readFileSync(join(root, "store.ts"), "utf8"), "everybody's");
  assert.equal(fs.lstatSync(join(root, "index.ts")).isFile(), true);
});

test("applyPlan refuses a folder that is a link out of the root, and writes nothing", () => {
  const root = folder();
  const outside = folder();
  fs.symlinkSync(outside, join(root, "src"));
  const plan = planFiles(root, [{ path: "a.ts", content: "a" }, {
    path: "src/b.ts",
    content: "b",
  }]);
  failsWith("TARGET_OUTSIDE_ROOT", () => applyPlan(plan));
  failsWith("TARGET_OUTSIDE_ROOT", () => checkPlan(plan));
  assert.deepEqual(fs.readdirSync(outside), []);
  assert.deepEqual(fs.readdirSync(root), ["src"]);
});

test("applyPlan follows a folder that is a link inside the root, and a root that is a link", () => {
  const real = folder();
  const root = join(folder(), "link");
  fs.symlinkSync(real, root);
  fs.mkdirSync(join(real, "real"));
  fs.symlinkSync("real", join(real, "src"));
  applyPlan(planFiles(root, [{ path: "src/b.ts", content: "b" }]));
  assert.equal(fs.readFileSync(join(real, "real", "b.ts"), "utf8"), "b");
});

test("applyPlan turns a link into a given store into a folder of the project", () => {
  const root = folder();
  const store = folder();
  fs.mkdirSync(join(store, "src"));
  fs.writeFileSync(join(store, "src", "index.ts"), "everybody's");
  fs.mkdirSync(join(root, "node_modules"));
  fs.symlinkSync(store, join(root, "node_modules", "types"));
  const plan = planFiles(root, [{ path: "node_modules/types/src/index.ts", content: "mine" }], {
    replaceLinks: ["node_modules/types"],
  });
  assert.equal(checkPlan(plan)[0]?.state, "change");
  applyPlan(plan);
  assert.equal(fs.readFileSync(join(store, "src", "index.ts"), "utf8"), "everybody's");
  assert.equal(fs.lstatSync(join(root, "node_modules", "types")).isDirectory(), true);
  assert.equal(fs.readFileSync(join(root, "node_modules/types/src/index.ts"), "utf8"), "mine");
});

test("applyPlan leaves a link whose files are up to date, and replaces it by all files where one is not", () => {
  const root = folder();
  const store = folder();
  fs.writeFileSync(join(store, "index.ts"), "mine");
  fs.writeFileSync(join(store, "package.json"), "{}");
  fs.symlinkSync(store, join(root, "types"));
  const plan = (manifest: string) =>
    planFiles(root, [
      { path: "types/index.ts", content: "mine" },
      { path: "types/package.json", content: manifest },
    ], { replaceLinks: ["types"] });
  assert.deepEqual(applyPlan(plan("{}")).map(({ state }) => state), ["same", "same"]);
  assert.equal(fs.readlinkSync(join(root, "types")), store);
  assert.deepEqual(applyPlan(plan("other")).map(({ state }) => state), ["same", "change"]);
  assert.equal(fs.lstatSync(join(root, "types")).isDirectory(), true);
  assert.deepEqual(fs.readdirSync(join(root, "types")).sort(), ["index.ts", "package.json"]);
  assert.equal(fs.readFileSync(join(store, "package.json"), "utf8"), "{}");
});

test("applyPlan keeps a link that it could not replace by a whole folder", () => {
  const root = folder();
  const store = folder();
  fs.writeFileSync(join(store, "index.ts"), "everybody's");
  fs.mkdirSync(join(root, "modules"));
  fs.symlinkSync(store, join(root, "modules", "types"));
  fs.writeFileSync(join(root, "read-only.ts"), "old", { mode: 0o444 });
  const plan = planFiles(root, [
    { path: "modules/types/index.ts", content: "mine" },
    { path: "modules/types/src/a/b.ts", content: "mine" },
    { path: "read-only.ts", content: "new" },
  ], { replaceLinks: ["modules/types"] });
  failsWith("TARGET_READ_ONLY", () => applyPlan(plan));
  assert.equal(fs.readlinkSync(join(root, "modules", "types")), store);
  assert.deepEqual(fs.readdirSync(join(root, "modules")), ["types"]);
  fs.chmodSync(join(root, "read-only.ts"), 0o644);
  applyPlan(plan);
  assert.deepEqual(fs.readdirSync(join(root, "modules")), ["types"]);
  assert.equal(fs.readFileSync(join(root, "modules/types/src/a/b.ts"), "utf8"), "mine");
  assert.equal(fs.readFileSync(join(store, "index.ts"), "utf8"), "everybody's");
});

test("planFiles refuses a path that leaves the root by its own text", () => {
  for (const path of ["../x.ts", "a/../../x.ts", "..", ".", "/etc/passwd"]) {
    failsWith("TARGET_OUTSIDE_ROOT", () => planFiles("/tmp/root", [{ path, content: "" }]));
  }
});

test("applyPlan rejects files that are not regular, also behind a link", () => {
  const root = folder();
  fs.mkdirSync(join(root, "folder"));
  fs.symlinkSync("/dev/null", join(root, "null"));
  fs.writeFileSync(join(root, "file"), "");
  failsWith("TARGET_NOT_A_FILE", () => applyPlan(planFile(join(root, "folder"), "x")));
  failsWith("TARGET_NOT_A_FILE", () => applyPlan(planFile(join(root, "null"), "x")));
  failsWith("TARGET_NOT_A_FOLDER", () => applyPlan(planFile(join(root, "file", "x"), "x")));
  failsWith("TARGET_NOT_A_FOLDER", () => applyPlan(planFile(join(root, "file", "y", "x"), "x")));
  assert.deepEqual(fs.readdirSync(root).sort(), ["file", "folder", "null"]);
});

test("applyPlan reports that a target is read-only and keeps its text", () => {
  const root = folder();
  const path = join(root, "types.ts");
  fs.writeFileSync(path, "old", { mode: 0o444 });
  failsWith("TARGET_READ_ONLY", () => applyPlan(planFile(path, "new")));
  assert.equal(fs.readFileSync(path, "utf8"), "old");
  const closed = join(root, "closed");
  fs.mkdirSync(closed);
  fs.chmodSync(closed, 0o555);
  failsWith("TARGET_READ_ONLY", () => applyPlan(planFile(join(closed, "types.ts"), "new")));
  assert.deepEqual(fs.readdirSync(closed), []);
  fs.chmodSync(closed, 0o755);
});

test("applyPlan keeps the permissions of the file it replaces", () => {
  const path = join(folder(), "types.ts");
  fs.writeFileSync(path, "old");
  fs.chmodSync(path, 0o640);
  applyPlan(planFile(path, "new"));
  assert.equal(fs.statSync(path).mode & 0o777, 0o640);
});

test("applyPlan does not make a root again that vanished", () => {
  const root = join(folder(), "gone");
  failsWith("TARGET_VANISHED", () => applyPlan(planFiles(root, [{ path: "a.ts", content: "" }])));
  assert.equal(fs.existsSync(root), false);
});

test("applyPlan writes no file when one of them cannot be staged, and leaves no temporary", () => {
  const root = folder();
  fs.writeFileSync(join(root, "b.ts"), "old", { mode: 0o444 });
  const plan = planFiles(root, [{ path: "a.ts", content: "a" }, { path: "b.ts", content: "b" }]);
  failsWith("TARGET_READ_ONLY", () => applyPlan(plan));
  assert.deepEqual(fs.readdirSync(root), ["b.ts"]);
});

test("applyPlan removes the leftovers of a killed run, but not those of a running one", () => {
  const root = folder();
  const old = join(root, ".types.ts.0123456789ab.pyrpc-tmp");
  const running = join(root, ".types.ts.ba9876543210.pyrpc-tmp");
  fs.writeFileSync(old, "half");
  fs.utimesSync(old, 1000, 1000);
  fs.writeFileSync(running, "half");
  applyPlan(planFile(join(root, "types.ts"), "whole"));
  assert.deepEqual(fs.readdirSync(root).sort(), [".types.ts.ba9876543210.pyrpc-tmp", "types.ts"]);
});

test("applyPlan writes the file whatever a killed run left behind", () => {
  const root = folder();
  const old = join(root, ".types.ts.0123456789ab.pyrpc-tmp");
  fs.mkdirSync(join(old, "folder"), { recursive: true });
  fs.utimesSync(old, 1000, 1000);
  applyPlan(planFile(join(root, "types.ts"), "whole"));
  assert.deepEqual(fs.readdirSync(root), ["types.ts"]);
});

test("applyPlan accepts a name as long as the file system allows", () => {
  const path = join(folder(), `${"ü".repeat(126)}.ts`);
  applyPlan(planFile(path, "x"));
  assert.equal(fs.readFileSync(path, "utf8"), "x");
});
