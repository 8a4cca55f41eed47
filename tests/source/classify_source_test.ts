import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { ToolError } from "../../lib/errors.ts";
import { classifySource } from "../../lib/source/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";

const FILES = {
  "schema.json": "{}",
  "contract": "{}",
  "name with space.json": "{}",
  "app/main.py": "",
  "main.py": "",
  "app.main": "{}",
  "folder.d/x": "",
};

test("classifySource() distinguishes the kinds of source", async () => {
  await using folder = await tempFolder(FILES);
  const file = (path: string) => ({ kind: "file", path: folder.at(path) });
  const rows: [source: string, want: object][] = [
    ["-", { kind: "stdin" }],
    ["http://h", { kind: "url", url: "http://h" }],
    ["HTTPS://H/x", { kind: "url", url: "HTTPS://H/x" }],
    ["schema.json", file("schema.json")],
    ["./schema.json", file("schema.json")],
    ["name with space.json", file("name with space.json")],
    [folder.at("schema.json"), file("schema.json")],
    [pathToFileURL(folder.at("schema.json")).href, file("schema.json")],
    // An existing file is a file, even with the name of a module.
    ["contract", file("contract")],
    ["app.main", file("app.main")],
    // A folder is the package of that name.
    ["app", { kind: "module", module: "app" }],
    ["app.other", { kind: "module", module: "app.other" }],
    ["app.other:create.api", { kind: "module", module: "app.other", app: "create.api" }],
    ["größe.módulo", { kind: "module", module: "größe.módulo" }],
    ["_x", { kind: "module", module: "_x" }],
  ];
  for (const [source, want] of rows) {
    assert.deepEqual(classifySource(source, folder.path), want, source);
  }
});

test("classifySource() rejects everything else with a fix", async () => {
  await using folder = await tempFolder(FILES);
  const rows: [source: string, code: string, exitCode: number, words: RegExp][] = [
    ["ftp://h/x.json", "SOURCE_SCHEME", 2, /"ftp:"/],
    ["ws://h", "SOURCE_SCHEME", 2, /http/],
    ["missing.json", "SOURCE_FILE_MISSING", 3, /"missing.json"/],
    ["a/b", "SOURCE_FILE_MISSING", 3, /"a\/b"/],
    ["../x.json", "SOURCE_FILE_MISSING", 3, /x\.json/],
    ["schema.json/inside", "SOURCE_FILE_MISSING", 3, /inside/],
    ["./app", "SOURCE_IS_FOLDER", 3, /folder/],
    ["main.py", "SOURCE_UNKNOWN", 2, /"main"/],
    ["app/main.py", "SOURCE_UNKNOWN", 2, /"app\.main"/],
    ["gone/away.py", "SOURCE_FILE_MISSING", 3, /"gone\.away"/],
    ["localhost:8000", "SOURCE_UNKNOWN", 2, /http:\/\/localhost:8000/],
    ["127.0.0.1:8000/rpc", "SOURCE_UNKNOWN", 2, /http:\/\/127/],
    ["", "SOURCE_UNKNOWN", 2, /""/],
    ["a b", "SOURCE_UNKNOWN", 2, /"a b"/],
    ["app.", "SOURCE_UNKNOWN", 2, /module/],
    ["app:8x", "SOURCE_UNKNOWN", 2, /module/],
    ["file://", "SOURCE_", 0, /./],
  ];
  for (const [source, code, exitCode, words] of rows) {
    assert.throws(() => classifySource(source, folder.path), (error) => {
      assert.ok(error instanceof ToolError, source);
      assert.ok(error.code.startsWith(code), `${source}: ${error.code}`);
      if (exitCode !== 0) assert.equal(error.exitCode, exitCode, source);
      assert.match(`${error.message} ${error.fix.join(" ")}`, words, source);
      return true;
    });
  }
});

test("classifySource() resolves relative paths against the given folder", async () => {
  await using folder = await tempFolder({ "sub/s.json": "{}" });
  assert.deepEqual(classifySource("s.json", folder.at("sub")), {
    kind: "file",
    path: join(folder.path, "sub", "s.json"),
  });
});
