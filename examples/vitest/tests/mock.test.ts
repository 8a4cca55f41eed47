import { withOptions } from "@pyrpc/client";
import { expect, test } from "vitest";
import { rpc } from "../src/rpc";
import { addTask, titles } from "../src/tasks";

test("an added task is in the list", async () => {
  expect(await addTask("Write tests")).toBeUndefined();
  expect(await titles()).toEqual(["Write tests"]);
});

test("every test starts with an empty list", async () => {
  expect(await titles()).toEqual([]);
});

test("arguments are rejected with Pydantic's message", async () => {
  expect(await addTask("")).toBe("title: String should have at least 1 character");
});

test("a header makes one call fail", async () => {
  const failing = withOptions(rpc, { headers: { "x-pyrpc-mock": "error=-32000:1:Out of order" } });
  await expect(failing.list_tasks()).rejects.toThrow("Out of order");
});
