import assert from "node:assert/strict";
import { test } from "node:test";
import { isReadOnlyFolder } from "../../lib/delivery/apply_plan.ts";
import { writeFailed } from "../../lib/delivery/errors.ts";
import { assertNames } from "../../lib/delivery/locate.ts";
import { windowsNameProblem } from "../../lib/delivery/windows_names.ts";

test("windowsNameProblem() reports names that Windows does not allow", () => {
  const devices = ["NUL", "con", "aux.ts", "COM1", "lpt9.d.ts", "com¹", "CONIN$", "nul .ts"];
  for (const name of devices) assert.match(windowsNameProblem(name) ?? "", /device/, name);
  for (const name of ["x.ts.", "x.ts "]) assert.match(windowsNameProblem(name) ?? "", /removes/);
  for (const name of ["what?.ts", "a:b", "a*", 'a"', "a|b", "<a>", "a\tb"]) {
    assert.match(windowsNameProblem(name) ?? "", /does not allow/, name);
  }
  const allowed = ["api.ts", ".env", "console.ts", "com10", "lpt", "aux-types.ts", "ü 日本.ts"];
  for (const name of allowed) assert.equal(windowsNameProblem(name), undefined, name);
});

test("assertNames() refuses such a name on Windows only", () => {
  const refused = { code: "TARGET_NAME", exitCode: 3 };
  const names = (path: string, system: string) => () =>
    assertNames(path, path.split("/"), { system, named: { flag: "--record", path } });
  assert.throws(names("a/aux/b.ts", "win32"), {
    ...refused,
    fix: ["Use another name for --record"],
  });
  names("a/b.ts", "win32")();
  names("a/aux/b.ts", "linux")();
});

test("isReadOnlyFolder() ignores the attribute of a folder on Windows", () => {
  assert.equal(isReadOnlyFolder(0o40444, "win32"), false);
  assert.equal(isReadOnlyFolder(0o40555, "linux"), true);
  assert.equal(isReadOnlyFolder(0o40755, "linux"), false);
});

test("writeFailed() names another program on Windows, where it has the file open", () => {
  for (const code of ["EBUSY", "EPERM", "EACCES"]) {
    const cause = Object.assign(new Error(code), { code });
    assert.match(writeFailed("a.ts", cause, "win32").message, /another program has it open/);
    assert.doesNotMatch(writeFailed("a.ts", cause, "linux").message, /another program/);
  }
});
