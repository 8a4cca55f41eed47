import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { collectHandlers, dispatcherOf, type WireValue } from "../../lib/rpc/mod.ts";

const tag = Object.assign(
  (id: number, size: number, labels: unknown) => ({ id, size: size ?? null, labels }),
  { parameters: ["id", "size", "**labels"] },
);

const context = { transport: "test", remote: "" };
const invalid = (message: string) => ({
  ok: false,
  fault: { kind: "invalid-params", message: `Invalid params: ${message}` },
});

describe("a last parameter **kwargs receives the remaining arguments by name", () => {
  const rows: readonly (readonly [params: WireValue, outcome: unknown])[] = [
    [{ id: 1, size: 2, colour: "red", __proto__x: 1 }, {
      id: 1,
      size: 2,
      labels: { colour: "red", __proto__x: 1 },
    }],
    [{ id: 1, size: 2 }, { id: 1, size: 2, labels: {} }],
    [[1, 2], { id: 1, size: 2, labels: {} }],
    [{ id: 1, size: 2, labels: 3 }, { id: 1, size: 2, labels: { labels: 3 } }],
    [[1, 2, 3], invalid("too many positional arguments")],
    [{ size: 2, colour: "red" }, invalid("missing a required argument: 'id'")],
    [null, invalid("missing a required argument: 'id'")],
  ];
  for (const [params, wanted] of rows) {
    it(JSON.stringify(params), async () => {
      const dispatcher = dispatcherOf(collectHandlers({ tag }, "handlers.ts"));
      const outcome = await dispatcher.dispatch({ method: "tag", params: params as null }, context);
      assert.deepEqual(outcome.ok ? outcome.value : outcome, wanted);
    });
  }
});
