import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { diffContracts } from "../../lib/compare/mod.ts";
import { type Json, parseContract } from "../../lib/contract/mod.ts";
import { pythonEnvironment, pythonSkip } from "../support/python.ts";

interface Case {
  readonly name: string;
  readonly before: Json;
  readonly after: Json;
  readonly severity: string;
  /** Part of the message of one of the changes. */
  readonly sentence: string | null;
}

test(
  "diffContracts() returns the verdict and sentence of each kind of change in real modules",
  { skip: pythonSkip() },
  async () => {
    const { python } = await pythonEnvironment("shop-0.14");
    const script = fileURLToPath(new URL("../fixtures/pydantic/diff_cases.py", import.meta.url));
    const { stdout } = await promisify(execFile)(python, ["-W", "ignore", script], {
      maxBuffer: 1 << 26,
    });
    const wrong: string[] = [];
    for (const { name, before, after, severity, sentence } of JSON.parse(stdout) as Case[]) {
      const [old, next] = [before, after].map((document) =>
        parseContract(document, { where: name })
      );
      assert.ok(old !== undefined && next !== undefined);
      const diff = diffContracts(old, next);
      if (diff.changes.length === 0 && generateTypes(old).text !== generateTypes(next).text) {
        wrong.push(`${name}: no changes, but another file`);
      }
      const messages = diff.changes.map(({ rule, message }) => `${rule} ${message}`);
      // Comments of the types do not count.
      const got = diff.changes.every(({ rule }) =>
          rule === "DOCUMENTATION_CHANGED" || rule === "TYPES_REWRITTEN"
        )
        ? "none"
        : diff.severity;
      const isDescribed = sentence === null || messages.some((message) =>
        message.includes(sentence)
      );
      if (got !== severity && !(severity === "safe" && got === "none")) {
        wrong.push(`${name}: ${got}, expected ${severity}\n  ${messages.join("\n  ")}`);
      } else if (!isDescribed) wrong.push(`${name}: no "${sentence}"\n  ${messages.join("\n  ")}`);
    }
    assert.equal(wrong.join("\n"), "");
  },
);
