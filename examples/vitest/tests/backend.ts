// The backend of all tests: answers requests of the application's own client from the contract.
import { createMock } from "@pyrpc/client/testing";
import type { Types } from "@pyrpc/types";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll } from "vitest";
import contract from "../schema.json" with { type: "json" };

export const mock = createMock<Types>(contract, {
  // list_tasks returns what add_task has stored.
  examples: { collections: { tasks: { list: "list_tasks", add: "add_task", items: 0 } } },
});

const server = setupServer(...mock.mswHandlers("http://localhost:8000"));
beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
afterEach(() => mock.reset());
afterAll(() => server.close());
