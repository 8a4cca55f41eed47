import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "../support/fuzz.ts";

// Bun gives a test 5 s unless told otherwise.
test(
  "the server answers or closes whatever comes, on every transport and protocol, and goes on answering",
  { timeout: 60_000 },
  async () => {
    const { messages, controls } = await fuzz({ count: 2000, seed: 6 });
    assert.ok(messages >= 2000 && controls >= 18);
  },
);
