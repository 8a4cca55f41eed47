import assert from "node:assert/strict";
import { test } from "node:test";
import { plainSchema } from "../../lib/mcp/plain_schema.ts";

test("plainSchema() keeps no prose of the backend but its description", () => {
  const prose = {
    "x-note": "p",
    markdownDescription: "p",
    summary: "p",
    title: "p",
    $comment: "p",
    examples: ["p"],
    externalDocs: { description: "p" },
  };
  assert.deepEqual(
    plainSchema({
      ...prose,
      type: "object",
      description: "d",
      properties: { "x-note": { ...prose, type: "string", default: "v" } },
    }),
    {
      type: "object",
      properties: { "x-note": { type: "string", default: "v" } },
      backend_documentation: "d",
    },
  );
});
