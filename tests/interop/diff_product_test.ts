import assert from "node:assert/strict";
import process from "node:process";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Ajv2020 } from "ajv/dist/2020.js";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { type ContractDiff, diffContracts } from "../../lib/compare/mod.ts";
import {
  type Contract,
  type Json,
  type JsonObject,
  parseContract,
} from "../../lib/contract/mod.ts";
import { compileTypes } from "../support/assignability.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { casesToRun } from "../support/verify.ts";

/** One type, as the procedure `name(v: T) -> T`. */
interface Row {
  readonly name: string;
  readonly type: string;
  /** Indexes of the values that the real Pydantic accepts. */
  readonly accepted: readonly number[];
  /** Indexes of what it answers for them. */
  readonly answers: readonly number[];
  /** Indexes of all answers that it accepts. */
  readonly fitting: readonly number[];
}

interface Product {
  readonly document: JsonObject;
  readonly values: readonly Json[];
  readonly rows: readonly Row[];
}

interface ProcedureDocument extends JsonObject {
  readonly parameters: readonly (JsonObject & { readonly schema_: Json })[];
  readonly return_schema: Json;
}

async function loadProduct(): Promise<Product> {
  const { python } = await pythonEnvironment("shop-0.14");
  const script = fileURLToPath(new URL("../fixtures/pydantic/diff_types.py", import.meta.url));
  const { stdout } = await promisify(execFile)(python, [script], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as Product;
}

// A caller does not send undeclared members; the server's verdict on repeated values of sets counts.
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy: Record<string, Json> = {};
  for (const [key, value] of Object.entries(schema as JsonObject)) {
    if (key !== "discriminator" && key !== "uniqueItems") copy[key] = closed(value);
  }
  if (copy["type"] === "any") delete copy["type"];
  if ("properties" in copy && copy["type"] === "object") copy["additionalProperties"] ??= false;
  return copy;
}

test(
  "diffContracts() is right for the product of types, by the compiler's and the server's verdict",
  { skip: pythonSkip(), timeout: 600_000 },
  async () => {
    const { document, values, rows } = await loadProduct();
    assert.ok(rows.length >= 120, `${rows.length} types`);
    const documents = new Map(
      rows.map(({ name }) => [name, document[name] as ProcedureDocument]),
    );
    const contracts = new Map(
      [...documents].map(([name, value]) => [
        name,
        parseContract({ p: { ...value, name: "p" } }, { where: name }),
      ]),
    );
    const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false });
    const calls = new Map(rows.map(({ name, accepted }) => {
      const isLegal = ajv.compile(
        closed(documents.get(name)?.parameters[0]?.schema_ ?? true) as object,
      );
      return [name, accepted.filter((index) => isLegal(values[index]))];
    }));
    const accepts = new Map(rows.map(({ name, accepted }) => [name, new Set(accepted)]));
    const generated = generateTypes(parseContract(document, { where: "types" })).text;
    const aliases = rows.map(({ name }) =>
      `type A_${name} = ProcedureArguments<Types["${name}"]>; type R_${name} = Awaited<ReturnType<Types["${name}"]>>;`
    );
    const compiler = compileTypes(`${generated}\n${aliases.join("\n")}`);
    const texts = new Map([...contracts].map(([name, contract]) => [name, textOf(contract)]));

    const wrong: string[] = [];
    const counts: Record<string, number> = {};
    const pairs = rows.flatMap((old, index) =>
      rows.map((next, other) => ({ old, next, index, other }))
    );
    // The gate has one of 23 pairs, the neighbours among them, which are alike.
    const cases = casesToRun(
      pairs,
      ({ index, other }) => (index * 7 + other) % 23 === 0 || other === index + 1,
    );
    for (const { old, next } of cases) {
      if (old === next) continue;
      const [before, after] = [contracts.get(old.name), contracts.get(next.name)];
      assert.ok(before !== undefined && after !== undefined);
      const diff = diffContracts(before, after);
      const { callers, readers } = severities(diff);
      counts[diff.severity] = (counts[diff.severity] ?? 0) + 1;
      counts["all"] = (counts["all"] ?? 0) + 1;
      const lost = calls.get(old.name)?.find((index) => !accepts.get(next.name)?.has(index));
      const compiles = compiler.isAssignable(`A_${old.name}`, `A_${next.name}`);
      const fits = compiler.isAssignable(`R_${next.name}`, `R_${old.name}`);
      const about = `${old.type} → ${next.type}`;
      const gained = next.answers.some((answer) => !old.fitting.includes(answer));
      const isShown = lost !== undefined || !compiles || !fits || gained;
      if (diff.severity === "breaking" && !isShown) {
        counts["without witness"] = (counts["without witness"] ?? 0) + 1;
      }
      if (callers === "safe" && lost !== undefined) {
        wrong.push(`${about}: ${JSON.stringify(values[lost])} was accepted and is not`);
      }
      if (callers === "safe" && !compiles) wrong.push(`${about}: an old call does not compile`);
      if (readers === "safe" && !fits) wrong.push(`${about}: the new result does not fit`);
      if (diff.changes.length === 0 && texts.get(old.name) !== texts.get(next.name)) {
        wrong.push(`${about}: no changes, but other types`);
      }
      for (const { severity, reason } of diff.changes) {
        if (severity === "possibly-breaking" && reason === undefined) {
          wrong.push(`${about}: no reason`);
        }
      }
    }
    assert.deepEqual(wrong, []);
    const share = (counts["possibly-breaking"] ?? 0) / (counts["all"] ?? 1);
    assert.ok(share <= 0.03, JSON.stringify(counts));
    // Our values do not contain each bound and each undeclared member.
    assert.ok(
      (counts["without witness"] ?? 0) <= 0.01 * (counts["all"] ?? 1),
      JSON.stringify(counts),
    );
    process.stderr.write(`product of types: ${JSON.stringify(counts)}\n`);
  },
);

function severities({ changes }: ContractDiff): { callers: string; readers: string } {
  // A name that is gone does not change calls and results.
  const isSafe = (audience: "byPosition" | "byName" | "readers") =>
    changes.every((change) => change[audience] === "safe" || change.reason === "name");
  return {
    callers: isSafe("byPosition") && isSafe("byName") ? "safe" : "affected",
    readers: isSafe("readers") ? "safe" : "affected",
  };
}

function textOf(contract: Contract): string {
  return generateTypes(contract).text;
}
