/** The real pyRPC as judge of the mock: the same verdict and error on generated calls, and valid sample values. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Json, parseContract } from "../../lib/contract/mod.ts";
import { parseJson, stringifyJson } from "../../lib/json/mod.ts";
import { createSampler } from "../../lib/mock/values/mod.ts";
import { compileCall, isSameJson } from "../../lib/validate/mod.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";

interface ServerError {
  readonly code: number;
  readonly message?: string;
  readonly data?: Json;
}

interface ValidatedProcedure {
  readonly procedure: Json;
  readonly calls: readonly { readonly value: Json; readonly error: ServerError | null }[];
}

const SEED = process.env["PYRPC_SEED"] ?? "1";
const PROCEDURES = String(RUNS_ALL_CASES ? 5_000 : 100);
const CALLS = "20";

async function askPython(mode: readonly string[], input: string): Promise<unknown[]> {
  const { python } = await pythonEnvironment("shop-0.14");
  const script = fileURLToPath(
    new URL("../fixtures/pydantic/validation_calls.py", import.meta.url),
  );
  const child = spawn(python, [script, SEED, PROCEDURES, CALLS, ...mode], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(input);
  let output = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) output += chunk;
  return output.trimEnd().split("\n").map((line) => parseJson(line));
}

const validated = async () =>
  (await askPython([], "") as ValidatedProcedure[]).map(({ procedure, calls }) => {
    const contract = parseContract({ p: procedure }, { where: "generated" });
    const parsed = contract.procedures.get("p");
    assert.ok(parsed !== undefined);
    return { procedure: parsed, calls };
  });

test("compileCall() returns the Python server's verdict and error on generated calls", {
  skip: pythonSkip(),
  timeout: 1_000_000,
}, async (context) => {
  const different: string[] = [];
  let [count, refused] = [0, 0];
  for (const { procedure, calls } of await validated()) {
    const validator = compileCall(procedure, {
      mode: "lax",
      warn: (message) => different.push(message),
    });
    for (const { value, error } of calls) {
      count++;
      if (error !== null) refused++;
      const checked = validator.checkCall([value]);
      // The server reports a constraint that Python cannot apply as an internal error, with the value in its message.
      const isSame = checked.ok || error === null
        ? checked.ok === (error === null)
        : checked.error.code === error.code &&
          (error.code === -32603 || isSameJson(checked.error.data, error.data));
      if (isSame) continue;
      different.push(
        `${stringifyJson(procedure.parameters[0]?.schema)} ${stringifyJson(value)}: server ${
          stringifyJson(error)
        }, mock ${checked.ok ? "accepts" : stringifyJson(checked.error)}`,
      );
    }
  }
  context.diagnostic(`${count} calls, ${refused} of them refused, ${different.length} differ`);
  assert.ok(refused > count / 10 && refused < count * 0.9, `${refused} of ${count} refused`);
  assert.deepEqual(different.slice(0, 10), []);
});

test("createSampler() makes arguments of generated types that the Python server accepts", {
  skip: pythonSkip(),
  timeout: 1_000_000,
}, async (context) => {
  const sampler = createSampler();
  const values: string[] = [];
  const missing: string[] = [];
  for (const [index, { procedure, calls }] of (await validated()).entries()) {
    // Nothing fits contradictory limits.
    if (calls.every(({ error }) => error !== null)) continue;
    for (let round = 0; round < 5; round++) {
      const { v } = sampler.arguments(procedure, String(round));
      if (v === undefined) missing.push(stringifyJson(procedure.parameters[0]?.schema));
      else values.push(stringifyJson([index, v]));
    }
  }
  const verdicts = await askPython(["check"], values.join("\n")) as [number, ServerError | null][];
  const wrong = verdicts.flatMap(([, error], index) =>
    error === null ? [] : [`${values[index]}: ${stringifyJson(error)}`]
  );
  context.diagnostic(`${values.length} values, ${missing.length} not found, ${wrong.length} wrong`);
  assert.deepEqual(wrong.slice(0, 10), []);
  assert.ok(missing.length <= values.length / 1_000, missing.slice(0, 5).join("\n"));
});
