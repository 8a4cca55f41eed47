import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { type Json, parseContract } from "../../lib/contract/mod.ts";
import { checkTypes, expression } from "../support/check_types.ts";
import { pythonSkip, type ShopAdapter, startFixture } from "../support/python.ts";
import type { TypeScriptVersion } from "../support/typescript.ts";
import { casesToRun, RUNS_ALL_CASES } from "../support/verify.ts";

const SEED = process.env["PYRPC_SEED"] ?? "20261128";
const COUNT = process.env["PYRPC_COUNT"] ?? (RUNS_ALL_CASES ? "600" : "60");

// `result` refuses members that the type lacks, `loose` accepts them.
const PRELUDE = `
type Result<Name extends keyof api.Types> = Awaited<ReturnType<api.Types[Name]>>;
type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
declare function result<Name extends keyof api.Types>(name: Name, value: Result<Name>): void;
declare function fresh<const T>(value: T): Mutable<T>;
`;

interface Case {
  readonly adapter: ShopAdapter;
  readonly version: TypeScriptVersion;
}

const CASES: readonly Case[] = (["fastapi", "flask", "asgi"] as const).flatMap((adapter) =>
  (["5.9", "7.0"] as const).map((version) => ({ adapter, version }))
);

for (const adapter of ["fastapi", "flask", "asgi"] as const) {
  const versions = casesToRun(CASES, ({ version }) => version === "7.0")
    .filter((each) => each.adapter === adapter)
    .map(({ version }) => version);
  test(
    `every result of the Python server is a value of its generated type (${adapter})`,
    { skip: pythonSkip() },
    async () => {
      const env = { PYRPC_SEED: SEED, PYRPC_COUNT: COUNT };
      await using server = await startFixture("results", adapter, "0.14", env);
      const url = `${server.url}/rpc`;
      const { text } = generateTypes(
        parseContract(await (await fetch(url)).json(), { where: url }),
      );
      const counts = await call(url, "counts", []) as Record<string, number>;
      const checks = [];
      for (const [name, count] of Object.entries(counts)) {
        for (let index = 0; index < count; index++) {
          const value = await call(url, name, [index]);
          // A server sends an error for a value that its own return type rejects.
          if (value === undefined) continue;
          const shown = expression(value);
          const given = name.startsWith("loose_") ? `fresh(${shown})` : shown;
          checks.push({ code: `result(${JSON.stringify(name)}, ${given});`, compiles: true });
        }
      }
      assert.ok(checks.length > Object.keys(counts).length, `${checks.length} values`);
      for (const version of versions) {
        const wrong = await checkTypes(text, checks, { prelude: PRELUDE, version });
        assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} wrong, PYRPC_SEED=${SEED}`);
      }
    },
  );
}

async function call(url: string, method: string, params: Json): Promise<Json | undefined> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id: 1, method, params }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, `${method}: ${text}`);
  const { result, error } = JSON.parse(text);
  return error === null ? result : undefined;
}
