import assert from "node:assert/strict";
import { test } from "node:test";
import { findModels, type JsonSchema } from "../../lib/contract/mod.ts";
import { contractOf } from "../support/contracts.ts";

const LABELS = ["Order", "Customer", "Address", "Country"];

// Each class refers to the next, and the last one to the first; `last` is a field of the last one.
function cycle(last: JsonSchema, labels: readonly string[] = LABELS): JsonSchema {
  const definitions = labels.map((title, index) => {
    const next = { $ref: `#/$defs/${labels[(index + 1) % labels.length]}` };
    const isLast = index === labels.length - 1;
    const properties: JsonSchema = isLast ? { next, own: last } : { next };
    return [title, { type: "object", title, properties }] as const;
  });
  return { $ref: `#/$defs/${labels[0]}`, $defs: Object.fromEntries(definitions) };
}

function labelsOf(...results: readonly JsonSchema[]): string[] {
  const contract = contractOf(
    Object.fromEntries(results.map((result, index) => [`p${index}`, { result }])),
  );
  return findModels(contract).models.map(({ label }) => label);
}

test("findModels() finds the classes of a cycle once, wherever the cycle is entered and however keys are ordered", () => {
  const turned = [...LABELS.slice(2), ...LABELS.slice(0, 2)];
  const entered = cycle({ type: "integer" });
  const elsewhere = {
    ...entered as object,
    $ref: "#/$defs/Address",
    $defs: Object.fromEntries(
      turned.map((label) => [label, (entered as { $defs: Record<string, object> }).$defs[label]!]),
    ),
  } as JsonSchema;
  assert.deepEqual(labelsOf(entered, elsewhere).sort(), [...LABELS].sort());
});

test("findModels() distinguishes the classes of two cycles that differ only in the farthest class", () => {
  const labels = labelsOf(cycle({ type: "integer" }), cycle({ type: "string" }));
  assert.deepEqual(labels.sort(), [...LABELS, ...LABELS].sort());
});

test("findModels() merges equal classes of one cycle, named by their modules", () => {
  const node = (module: string) => ({
    type: "object",
    title: "Node",
    properties: { next: { $ref: `#/$defs/${module}__Node` } },
  });
  const result = { $ref: "#/$defs/a__Node", $defs: { a__Node: node("b"), b__Node: node("a") } };
  assert.deepEqual(labelsOf(result), ["Node"]);
});

test("findModels() reads a cycle of thousands of classes", () => {
  const labels = Array.from({ length: 3000 }, (_, index) => `Class${index}`);
  const models = labelsOf(
    cycle({ type: "integer" }, labels),
    cycle({ type: "integer" }, labels),
  );
  assert.equal(models.length, labels.length);
});
