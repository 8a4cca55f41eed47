import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { pythonSkip, type ShopAdapter, startShop } from "../support/python.ts";

const fixture = new URL("../fixtures/shop.schema.json", import.meta.url);

for (const adapter of ["fastapi", "flask", "asgi"] as const satisfies ShopAdapter[]) {
  test(
    `shop.schema.json is the answer of the real backend today (${adapter})`,
    { skip: pythonSkip() },
    async () => {
      await using server = await startShop(adapter);
      const answer = await (await fetch(`${server.url}/rpc`)).json();
      assert.deepEqual(answer, JSON.parse(await readFile(fixture, "utf8")));
    },
  );
}

for (const version of ["0.12", "0.9", "0.7"] as const) {
  test(
    `startShop() serves the example backend under pyrpc-core ${version}`,
    { skip: pythonSkip() },
    async () => {
      await using server = await startShop("fastapi", version);
      const answer = await (await fetch(`${server.url}/rpc`)).json() as Record<string, unknown>;
      assert.ok("list_products" in answer);
    },
  );
}
