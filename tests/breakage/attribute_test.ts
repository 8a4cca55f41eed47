import assert from "node:assert/strict";
import { test } from "node:test";
import { causeOf, decisivePaths, modelNames } from "../../lib/breakage/attribute.ts";
import { generateTypes } from "../../lib/codegen/mod.ts";
import { parseContract } from "../../lib/contract/mod.ts";
import { reportDiff } from "../../lib/report/mod.ts";
import type { ContractDocument } from "../support/broken_client.ts";
import { baseContract, BREAKING_CASES } from "../support/broken_client_cases.ts";

/** Uses of the types of the contract, and of an unknown model, in code. */
const PATHS = [
  ["Types"],
  ...["get_product", "list_products", "find", "save", "rate", "admin.version", "legacy"]
    .map((name) => ["Types", name]),
  ["Types", "rate", "stars"],
  ["Types", "list_products", "q"],
  ["Product"],
  ...["id", "name", "price", "in_stock", "status"].map((name) => ["Product", name]),
  ["Product", "status", "inner"],
  ["Order"],
  ["Order", "product_id"],
  ["Order", "quantity"],
  ["Order", "address"],
  ["Other", "id"],
];

test("causeOf() finds the same cause whatever code uses after a decisive declaration", async () => {
  const sideOf = (document: ContractDocument) => ({
    where: "test",
    contract: parseContract(document, { where: "test" }),
  });
  const before = sideOf(baseContract());
  // All kinds of changes together: a declaration near the error must not hide the cause behind it.
  const document = baseContract();
  for (const { edit } of BREAKING_CASES.filter(({ name }) => !name.includes("renamed"))) {
    edit(document);
  }
  const after = sideOf(document);
  const { changes } = await reportDiff(before, after);
  const names = modelNames(generateTypes(before.contract), generateTypes(after.contract));
  const decisive = decisivePaths(changes, names);
  const isDecisive = (path: readonly string[]) =>
    decisive.some((each) => each.every((part, at) => path[at] === part));
  const cause = (...uses: readonly (readonly string[])[]) =>
    causeOf(
      { file: "use.ts", line: 1, column: 1, code: 2339, message: "no 'in_stock'", uses },
      changes,
      names,
    );
  const found = PATHS.filter(isDecisive);
  assert.ok(found.length > 5);
  for (const last of found) {
    for (const first of PATHS) {
      const stopped = cause(first, last);
      for (const later of PATHS) {
        assert.deepEqual(cause(first, last, later), stopped, `${last}, then ${later}`);
      }
    }
  }
});
