import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { type ContractDiff, diffContracts } from "../../lib/compare/mod.ts";
import { type Contract, type Json, parseContract } from "../../lib/contract/mod.ts";
import { compileTypes } from "../support/assignability.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";
import { RUNS_ALL_CASES } from "../support/verify.ts";

/** A pair of modules, and the Python server's verdicts on calls and answers of their procedures. */
interface Pair {
  readonly seed: number;
  readonly changes: readonly string[];
  readonly before: Json;
  readonly after: Json;
  /** A call of a procedure that the old server accepts and the new one rejects. */
  readonly lost: Readonly<Record<string, Json>>;
  /** An answer of the new server that does not fit the old type. */
  readonly gained: Readonly<Record<string, Json>>;
}

interface Contracts extends Pair {
  readonly old: Contract;
  readonly next: Contract;
}

const BATCH = 100;
const FIRST_SEED = Number(process.env["PYRPC_SEED"] ?? 1);
const COUNT = RUNS_ALL_CASES ? Number(process.env["PYRPC_PAIRS"] ?? 3000) : 60;
const PRELUDE =
  `type Hook<F> = F extends (...a: infer A) => any ? [A] extends [[]] ? void : [A] extends [[infer E]] ? E : A : never;`;

async function pairsOf(seed: number, count: number): Promise<Contracts[]> {
  const { python } = await pythonEnvironment("shop-0.14");
  const script = fileURLToPath(new URL("../fixtures/pydantic/diff_pairs.py", import.meta.url));
  const { stdout } = await promisify(execFile)(python, [script, String(seed), String(count)], {
    maxBuffer: 1 << 28,
  });
  return stdout.trim().split("\n").map((line) => {
    const pair = JSON.parse(line) as Pair;
    const [old, next] = [pair.before, pair.after].map((document) =>
      parseContract(document, { where: `seed ${pair.seed}` })
    );
    assert.ok(old !== undefined && next !== undefined);
    return { ...pair, old, next };
  });
}

// One program for many pairs: starting the compiler takes longer than a hundred pairs.
function compilePairs(pairs: readonly Contracts[]) {
  const lines = [PRELUDE];
  for (const [index, { old, next }] of pairs.entries()) {
    for (const [side, contract] of [["Old", old], ["New", next]] as const) {
      const space = `${side}${index}`;
      lines.push(`namespace ${space} {\n${generateTypes(contract).text}\n}`);
      for (const name of contract.procedures.keys()) {
        const type = `${space}.Types["${name}"]`;
        lines.push(`type A${space}_${name} = ${space}.ProcedureArguments<${type}>;`);
        lines.push(`type H${space}_${name} = Hook<${type}>;`);
        lines.push(`type R${space}_${name} = Awaited<ReturnType<${type}>>;`);
      }
    }
  }
  return compileTypes(lines.join("\n"));
}

test(
  "diffContracts() is right for generated pairs of modules, by the compiler's and the server's verdict",
  { skip: pythonSkip(), timeout: 1_100_000 },
  async () => {
    const wrong: string[] = [];
    const unshown: string[] = [];
    const counts: Record<string, number> = {};
    const count = (what: string) => counts[what] = (counts[what] ?? 0) + 1;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed += BATCH) {
      const pairs = await pairsOf(seed, Math.min(BATCH, COUNT));
      const compiler = compilePairs(pairs);
      for (const [index, pair] of pairs.entries()) {
        const diff = diffContracts(pair.old, pair.next);
        const about = `seed ${pair.seed} (${pair.changes.join(", ")})`;
        count("pairs");
        count(diff.severity);
        if (diff.changes.length === 0 && bodyOf(pair.old) !== bodyOf(pair.next)) {
          wrong.push(`${about}: no changes, but other types`);
        }
        for (const { severity, reason } of diff.changes) {
          if (severity === "possibly-breaking") count(`because of ${reason}`);
        }
        let isShown = false;
        for (const [name, { kind }] of pair.old.procedures) {
          const next = pair.next.procedures.get(name);
          if (next === undefined) {
            isShown = true;
            continue;
          }
          const assignable = (from: string, to: string) =>
            compiler.isAssignable(`${from}_${name}`, `${to}_${name}`);
          const problems = {
            callers: [
              pair.lost[name] === undefined
                ? ""
                : `${JSON.stringify(pair.lost[name])} was accepted and is not`,
              assignable(`AOld${index}`, `ANew${index}`) ? "" : "an old call does not compile",
              kind === next.kind ? "" : "another kind",
            ].filter((text) => text !== ""),
            readers: assignable(`RNew${index}`, `ROld${index}`)
              ? []
              : ["the new result does not fit"],
          };
          isShown ||= problems.callers.length + problems.readers.length > 0 ||
            pair.gained[name] !== undefined;
          const { callers, readers } = severities(diff, name);
          if (callers) wrong.push(...problems.callers.map((text) => `${about} ${name}: ${text}`));
          const isNoted = diff.changes.some(({ rule, procedure }) =>
            rule === "HOOK_INPUT_CHANGED" && procedure === name
          );
          if (callers && !isNoted && !assignable(`HOld${index}`, `HNew${index}`)) {
            wrong.push(`${about} ${name}: another hook input without a note`);
          }
          if (readers) wrong.push(...problems.readers.map((text) => `${about} ${name}: ${text}`));
        }
        if (diff.severity === "breaking" && !isShown) unshown.push(about);
      }
    }
    process.stderr.write(
      `pairs of modules: ${JSON.stringify({ ...counts, "without witness": unshown.length })}\n`,
    );
    assert.deepEqual(wrong, []);
    assert.ok(unshown.length <= 0.05 * COUNT, unshown.join("\n"));
  },
);

// Returns which audiences of a procedure no change affects.
function severities({ changes }: ContractDiff, name: string) {
  const own = changes.filter(({ procedure, procedures = [] }) =>
    procedure === name || procedures.includes(name)
  );
  const isSafe = (audience: "byPosition" | "byName" | "readers") =>
    own.every((change) => change[audience] === "safe");
  return { callers: isSafe("byPosition") && isSafe("byName"), readers: isSafe("readers") };
}

function bodyOf(contract: Contract): string {
  return generateTypes(contract).text;
}
