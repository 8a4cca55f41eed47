import { NetworkError } from "@pyrpc/client";
import { createFake } from "@pyrpc/client/testing";
import type { Task, Types } from "@pyrpc/types";
import { expect, test, vi } from "vitest";
import { summary } from "../src/tasks";

const task: Task = { id: 1, title: "Write tests", due: null, done: false };

test("the summary counts open tasks", async () => {
  const tasks = [task, { ...task, id: 2, done: true }];
  const list_tasks = vi.fn((done?: boolean | null) => tasks.filter((each) => each.done === done));
  expect(await summary(createFake<Types>({ list_tasks }))).toBe("1 to do");
  expect(list_tasks).toHaveBeenCalledWith(false);
});

test("the summary reports that nothing is left to do", async () => {
  expect(await summary(createFake<Types>({ list_tasks: () => [] }))).toBe("All done");
});

test("the summary survives a broken network", async () => {
  const list_tasks = () => {
    throw new NetworkError("unreachable");
  };
  expect(await summary(createFake<Types>({ list_tasks }))).toBe("Offline");
});
