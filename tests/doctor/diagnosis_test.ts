import assert from "node:assert/strict";
import { test } from "node:test";
import { runProbe } from "../../lib/doctor/diagnosis.ts";
import { ExitCode, ToolError } from "../../lib/errors.ts";

const init = { code: "C", message: "It failed", exitCode: ExitCode.Config } as const;
const position = { line: 3, column: 5, text: "  here" };

test("runProbe() turns an error for users into a diagnosis with its location and fix", async () => {
  const rows = [
    [{ ...init }, [], []],
    [{ ...init, where: "/a", fix: "do it" }, ["/a"], ["do it"]],
    [
      { ...init, where: "/a", position, details: ["more"], fix: ["one", "two"] },
      ["/a:3:5", "here", "more"],
      ["one", "two"],
    ],
  ] as const;
  for (const [error, details, fix] of rows) {
    const { value, diagnoses } = await runProbe("entry", () => {
      throw new ToolError(error);
    });
    assert.equal(value, undefined);
    assert.deepEqual(diagnoses, [
      { check: "entry", status: "broken", message: "It failed", details, fix },
    ]);
  }
});

test("runProbe() passes values on, and errors of the program itself", async () => {
  const probe = { value: 1, diagnoses: [] };
  assert.equal(await runProbe("entry", () => probe), probe);
  await assert.rejects(runProbe("entry", () => Promise.reject(new TypeError("bug"))), TypeError);
});
