import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { it } from "node:test";
import { responseStyleOf } from "../../lib/server/mod.ts";
import { pyrpcProtocol } from "../../lib/rpc/mod.ts";

const LIMITS = { maxBatch: 100, maxDepth: 100 };

function refusal(text: string) {
  const message = Buffer.from(text);
  const headers = { "content-type": "application/json" };
  return responseStyleOf("fastapi").refuse(
    message,
    pyrpcProtocol.parse(message, LIMITS),
    headers,
  );
}

it("FastAPI's response style rejects a list with other items than calls, and leaves non-standard JSON to the protocol", () => {
  const call = '{"id":1,"method":"add","params":[1,2]}';
  assert.equal(refusal(`[${call}]`), undefined);
  assert.equal(refusal(`[${call},5]`)?.status, 422);
  assert.equal(refusal('[{"id":1,"method":"add","params":[1,NaN]},{"id":2}]'), undefined);
  assert.equal(refusal(`[${call},${"[".repeat(200)}${"]".repeat(200)}]`), undefined);
  assert.equal(refusal("[".repeat(100_000)), undefined);
});
