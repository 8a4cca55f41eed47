/** The real Pydantic as judge of our validator: the same verdict and the same first error on a generated corpus. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { JsonSchema } from "../../lib/contract/mod.ts";
import { parseJson } from "../../lib/json/mod.ts";
import { compileSchema, isSameJson, violationData } from "../../lib/validate/mod.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";

const SEED = "1";
const ROUNDS = "60";

interface Verdict {
  readonly value: string;
  readonly ok: boolean;
  readonly result?: string;
  readonly error?: { readonly field: string; readonly message: string; readonly type: string };
}

interface TypeCorpus {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly type: string;
  readonly verdicts: Verdict[];
}

/** Differences, each with its reason. A line that no longer differs fails the test. */
const EXCEPTIONS: readonly {
  readonly reason: string;
  readonly holds: (name: string, verdict: Verdict) => boolean;
}[] = [
  {
    reason: "JSON.parse does not tell 100.0 from 100, and Python takes only integers for addresses",
    holds: (name, { value }) => /ip|network|interface/.test(name) && value === "100.0",
  },
  {
    reason:
      "Base64Str must also be UTF-8 inside, which Base64Bytes need not, and both have the same schema",
    holds: (name, { error }) => name === "base64" && error?.type === "value_error",
  },
  {
    reason: "an e-mail address whose display name is wrong is told as one without an @-sign",
    holds: (name, { error }) =>
      name.includes("email") && error?.message.includes("display name") === true,
  },
  {
    reason: "more digits than Python's JSON reader takes",
    holds: (name, { error }) =>
      name.startsWith("json") && error?.message.includes("number out of range") === true,
  },
  {
    reason: "Fraction takes digits of every script and underscores, and has a limit of digits",
    holds: (name, { value }) => name === "fraction" && /_|\\u0663|9{100}/.test(value),
  },
  {
    reason: "ByteSize accepts any number that Python reads from text, and has a limit",
    holds: (name, { value }) =>
      name === "byte size" &&
      /^("[+-].*|"\\u0663"|"1_000"|"1__0"|1e\+300|1\.7e\+22|"9{30,}")/.test(value),
  },
];

async function loadCorpus(): Promise<TypeCorpus[]> {
  const { python } = await pythonEnvironment("pydantic");
  const script = fileURLToPath(new URL("../support/pydantic/corpus.py", import.meta.url));
  const { stdout } = await promisify(execFile)(python, [script, SEED, ROUNDS], {
    maxBuffer: 1 << 28,
  });
  const corpus: TypeCorpus[] = [];
  for (const line of stdout.trimEnd().split("\n")) {
    const parsed = parseJson(line) as Verdict | Omit<TypeCorpus, "verdicts">;
    if ("schema" in parsed) corpus.push({ ...parsed, verdicts: [] });
    else corpus.at(-1)!.verdicts.push(parsed);
  }
  return corpus;
}

test("compileSchema() in lax mode returns the real Pydantic's verdict and first error", {
  skip: pythonSkip(),
}, async () => {
  const corpus = await loadCorpus();
  const differences: string[] = [];
  const used = new Set<string>();
  let count = 0;
  for (const { name, schema, type, verdicts } of corpus) {
    const validator = compileSchema(schema, { mode: "lax", pythonType: type });
    for (const verdict of verdicts) {
      count++;
      const violation = validator.check(parseJson(verdict.value));
      const ours = violation === undefined ? undefined : violationData(violation);
      if (isSameJson(ours ?? null, verdict.error ?? null)) continue;
      const exception = EXCEPTIONS.find(({ holds }) => holds(name, verdict));
      if (exception !== undefined) used.add(exception.reason);
      else {
        differences.push(
          `${name} ${verdict.value.slice(0, 80)}: Pydantic ${
            JSON.stringify(verdict.error ?? "ok")
          }, ours ${JSON.stringify(ours ?? "ok")}`,
        );
      }
    }
  }
  assert.ok(count > 40_000, `only ${count} pairs`);
  assert.deepEqual(differences.slice(0, 20), []);
  assert.deepEqual(
    EXCEPTIONS.map(({ reason }) => reason).filter((reason) => !used.has(reason)),
    [],
  );
});

/** Types whose values Pydantic prints as we keep them. */
const SAME_VALUES = [
  "int",
  "bool",
  "None",
  "str",
  "str enum",
  "int enum",
  "mixed enum",
  "literal",
  "literal ints",
  "list",
  "list limits",
  "dict",
  "dict dict",
  "optional",
  "union",
  "union null",
  "union bool int",
  "union lists",
  "tuple many",
  "int limits",
  "union literal",
  "union models",
  "union constrained",
  "list tagged",
  "alias",
];

test(
  "compileSchema() in lax mode coerces as the real Pydantic does",
  { skip: pythonSkip() },
  async () => {
    const differences: string[] = [];
    let count = 0;
    for (const { name, schema, type, verdicts } of await loadCorpus()) {
      if (!SAME_VALUES.includes(name)) continue;
      const validator = compileSchema(schema, { mode: "lax", pythonType: type });
      for (const verdict of verdicts) {
        if (verdict.result === undefined) continue;
        count++;
        const parsed = validator.parse(parseJson(verdict.value));
        const ours = parsed.ok ? parsed.value : "refused";
        // Fields that are not of the model are dropped by Pydantic and kept by us: they are the handler's to ignore.
        if (
          !isSameJson(ours, parseJson(verdict.result)) && !/"more"|"y"/.test(verdict.value) &&
          !/^"0[-+]0"/.test(verdict.value)
        ) {
          differences.push(
            `${name} ${verdict.value.slice(0, 80)}: ${verdict.result.slice(0, 80)}, ours ${
              String(ours)
            }`,
          );
        }
      }
    }
    assert.ok(count > 1_000, `only ${count} values`);
    assert.deepEqual(differences.slice(0, 20), []);
  },
);

test("compileSchema() in strict mode never accepts values that the real Pydantic rejects", {
  skip: pythonSkip(),
}, async () => {
  const differences: string[] = [];
  let refusedByUsOnly = 0;
  for (const { name, schema, type, verdicts } of await loadCorpus()) {
    const validator = compileSchema(schema, { pythonType: type });
    for (const verdict of verdicts) {
      const violation = validator.check(parseJson(verdict.value));
      if (violation !== undefined && verdict.ok) refusedByUsOnly++;
      if (violation !== undefined || verdict.ok) continue;
      if (EXCEPTIONS.some(({ holds }) => holds(name, verdict))) continue;
      differences.push(`${name} ${verdict.value.slice(0, 80)}: ${JSON.stringify(verdict.error)}`);
    }
  }
  assert.ok(refusedByUsOnly > 500, "what only lax mode takes is in the corpus");
  assert.deepEqual(differences.slice(0, 20), []);
});
