import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type Contract, parseContract } from "../../lib/contract/mod.ts";
import { diffContracts } from "../../lib/compare/mod.ts";
import { pythonSkip, startShop } from "../support/python.ts";

const VERSIONS = ["0.7", "0.9", "0.12", "0.14"] as const;
const ADAPTERS = ["fastapi", "flask", "asgi"] as const;
const skip = pythonSkip();
const contracts = new Map<string, Contract>();
after(() => contracts.clear());

test(
  "every version of pyRPC and adapter returns the shop's contract",
  { skip, timeout: 300_000 },
  async () => {
    for (const version of VERSIONS) {
      for (const adapter of ADAPTERS) {
        await using server = await startShop(adapter, version);
        const answer = await fetch(`${server.url}/rpc`);
        const name = `${version} ${adapter}`;
        contracts.set(name, parseContract(await answer.json(), { where: name }));
      }
    }
    assert.equal(contracts.size, VERSIONS.length * ADAPTERS.length);
  },
);

test("diffContracts() finds nothing breaking between any two of them", { skip }, () => {
  assert.ok(contracts.size > 0);
  for (const [from, before] of contracts) {
    for (const [to, next] of contracts) {
      const { severity, changes } = diffContracts(before, next);
      const breaking = changes.filter((change) => change.severity === "breaking");
      assert.deepEqual(breaking, [], `${from} → ${to}`);
      assert.notEqual(severity, "breaking");
      if (from === to) assert.deepEqual(changes, []);
    }
  }
});
