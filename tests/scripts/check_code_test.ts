// Runs under Deno only: it tests a script of developers, who have Deno

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { measureSource, measureTree } from "../../scripts/check_code.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const BROKEN: readonly [rule: string, file: string, text: string][] = [
  ["a long function", "lib/x.ts", `function f() {\n${"g();\n".repeat(80)}}`],
  ["a long arrow function", "lib/x.ts", `const f = () => {\n${"g();\n".repeat(80)}};`],
  ["a long method", "lib/x.ts", `class C { f() {\n${"g();\n".repeat(80)}} }`],
  ["a long command", "commands/x.ts", "f();\n".repeat(251)],
  ["a double cast", "lib/x.ts", `f();\nconst x = y as unknown as Z;`],
  ["an inline error", "commands/x.ts", `throw new ToolError({});`],
  ["an inline usage error", "commands/x/y.ts", `throw usageError("no");`],
  ["an inline error in lib", "lib/x/y.ts", `throw new ToolError({});`],
];

const SOUND: readonly [rule: string, file: string, text: string][] = [
  ["a function of 80 lines", "lib/x.ts", `function f() {\n${"g();\n".repeat(78)}}`],
  ["a command of 250 lines", "commands/x.ts", "f();\n".repeat(250)],
  [
    "a double cast with its reason",
    "lib/x.ts",
    `// Node's types lack it.\nconst x = y as unknown as Z;`,
  ],
  ["an error factory", "lib/x/errors.ts", `export const no = () => usageError("no");`],
];

for (const [rule, file, text] of BROKEN) {
  test(`measureSource() finds: ${rule}`, () => {
    assert.equal(measureSource(file, text).findings.length, 1);
  });
}

for (const [rule, file, text] of SOUND) {
  test(`measureSource() accepts: ${rule}`, () => {
    assert.deepEqual(measureSource(file, text).findings, []);
  });
}

test("measureSource() counts non-null assertions and lengths of functions", () => {
  const { functions, nonNullAssertions } = measureSource(
    "lib/x.ts",
    "const f = (a) => {\n  a!.b!;\n};\n",
  );
  assert.equal(nonNullAssertions, 2);
  assert.deepEqual(functions, [{ file: "lib/x.ts", line: 1, name: "f", lines: 3 }]);
});

test("measureTree() finds nothing in this project", async () => {
  assert.deepEqual((await measureTree(ROOT)).findings, []);
});
