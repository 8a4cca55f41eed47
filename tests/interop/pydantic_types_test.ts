import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { uncheckedConstraints } from "../../lib/validate/unchecked.ts";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { type Json, parseContract } from "../../lib/contract/mod.ts";
import { type Check, checkTypes, expression } from "../support/check_types.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";

interface Row {
  readonly name: string;
  readonly accepted: readonly Json[];
  readonly refused: readonly Json[];
  readonly results: readonly Json[];
}

test(
  "generateTypes() is exact for everything that the real Pydantic emits",
  { skip: pythonSkip() },
  async () => {
    const { python } = await pythonEnvironment("shop-0.14");
    const script = fileURLToPath(new URL("../fixtures/pydantic/emitted_types.py", import.meta.url));
    const { stdout } = await promisify(execFile)(python, [script], { maxBuffer: 1 << 26 });
    const { document, rows } = JSON.parse(stdout) as { document: Json; rows: readonly Row[] };
    const contract = parseContract(document, { where: script });
    const { text, warnings } = generateTypes(contract);
    assert.deepEqual(warnings, []);
    for (const { name, parameters, result } of contract.procedures.values()) {
      for (const schema of [result, ...parameters.map((one) => one.schema)]) {
        assert.deepEqual(uncheckedConstraints(schema), [], name);
      }
    }

    const checks = rows.flatMap(({ name, accepted, refused, results }): Check[] => [
      ...accepted.flatMap((value) => [
        { code: `void c.${name}(${expression(value)}, 1);`, compiles: true },
        { code: `void c.${name}({ v: ${expression(value)}, n: 1 });`, compiles: true },
      ]),
      ...refused.flatMap((value) => [
        { code: `void c.${name}(${expression(value)}, 1);`, compiles: false },
        { code: `void c.${name}({ v: ${expression(value)}, n: 1 });`, compiles: false },
      ]),
      ...results.map((value) => ({
        code: `result("${name}", ${expression(value)});`,
        compiles: true,
      })),
    ]);
    assert.ok(checks.length > 500, `${checks.length} checks`);
    const prelude = "declare function result<Name extends keyof api.Types>(" +
      "name: Name, value: Awaited<ReturnType<api.Types[Name]>>): void;";
    assert.deepEqual(await checkTypes(text, checks, { prelude }), []);
  },
);
