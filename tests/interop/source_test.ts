import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { loadSource } from "../../lib/source/mod.ts";
import { pythonSkip, type ShopAdapter, startShop } from "../support/python.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url);
const ADAPTERS: readonly ShopAdapter[] = ["fastapi", "flask", "asgi"];

const context = { cwd: "/", env: {}, stdin: { readAll: () => Promise.resolve(new Uint8Array()) } };

for (const adapter of ADAPTERS) {
  test(
    `loadSource() reads pyRPC 0.14 over ${adapter} as it was captured`,
    { skip: pythonSkip() },
    async () => {
      await using server = await startShop(adapter, "0.14");
      const { contract, where } = await loadSource(server.url, {}, context);
      assert.equal(where, `${server.url}/rpc`);
      const captured = JSON.parse(await readFile(new URL("shop.schema.json", FIXTURES), "utf8"));
      assert.deepEqual(contract.document, captured);
      assert.deepEqual(
        [...contract.procedures.values()].map(({ name, kind }) => [name, kind]).sort(),
        Object.entries(captured as Record<string, { kind: string }>).map((
          [name, { kind }],
        ) => [name, kind]).sort(),
      );
    },
  );

  test(`loadSource() reads pyRPC 0.7.7 over ${adapter}, which has no kinds`, {
    skip: pythonSkip(),
  }, async () => {
    await using server = await startShop(adapter, "0.7");
    const { contract } = await loadSource(`${server.url}/`, {}, context);
    const names = [...contract.procedures.keys()];
    assert.ok(names.includes("add") && names.includes("users.get"), names.join());
    for (const procedure of contract.procedures.values()) {
      assert.equal(procedure.kind, undefined);
      assert.equal(typeof procedure.isAsync, "boolean");
    }
    const add = contract.procedures.get("add");
    assert.deepEqual(add?.parameters.map(({ name, required }) => [name, required]), [["a", true], [
      "b",
      true,
    ]]);
  });
}
