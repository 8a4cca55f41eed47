import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isKeywordOnly,
  jsonContent,
  leastItems,
  mayBeAbsent,
  tagOf,
  undeclaredMembers,
} from "../../lib/contract/mod.ts";

test("mayBeAbsent() counts a default as present in results only", () => {
  const properties = { a: { type: "integer", default: 1 } };
  assert.equal(mayBeAbsent(properties, "a", "input"), true);
  assert.equal(mayBeAbsent(properties, "a", "output"), false);
  assert.equal(mayBeAbsent({ a: { type: "integer" } }, "a", "output"), true);
});

test("undeclaredMembers() is empty for the result of a model with fields, closed or not", () => {
  const model = { type: "object", properties: { a: { type: "integer" } } };
  assert.equal(undeclaredMembers(model, "output"), false);
  assert.equal(undeclaredMembers(model, "input"), true);
  assert.equal(undeclaredMembers({ ...model, additionalProperties: false }, "input"), false);
  assert.equal(undeclaredMembers({ ...model, additionalProperties: true }, "output"), true);
  assert.equal(undeclaredMembers({ type: "object" }, "output"), true);
  // A function may return a subclass of a model without fields.
  assert.equal(undeclaredMembers({ type: "object", properties: {} }, "output"), true);
});

test("leastItems() counts defaults of a NamedTuple in results", () => {
  const prefix = [{ type: "integer" }, { type: "integer", default: 0 }];
  assert.equal(leastItems(prefix, 1, "input"), 1);
  assert.equal(leastItems(prefix, 1, "output"), 2);
});

test("jsonContent() is the content of Json[T] only", () => {
  const schema = { type: "string", contentMediaType: "application/json" };
  assert.equal(jsonContent(schema), true);
  assert.deepEqual(jsonContent({ ...schema, contentSchema: { type: "null" } }), { type: "null" });
  assert.equal(jsonContent({ type: "string" }), undefined);
});

test("tagOf() reads the discriminator", () => {
  assert.equal(tagOf({ discriminator: { propertyName: "kind" } }), "kind");
  assert.equal(tagOf({ oneOf: [] }), undefined);
});

test("isKeywordOnly() finds a required parameter after an optional one", () => {
  assert.equal(isKeywordOnly([{ required: false }, { required: true }]), true);
  assert.equal(isKeywordOnly([{ required: true }, { required: false }]), false);
});
