import assert from "node:assert/strict";
import { test } from "node:test";
import { OutgoingRequests } from "../../lib/rpyc/outgoing_requests.ts";
import { PythonError } from "../../lib/rpyc/python_errors.ts";

// JavaScriptCore removes the frame of a function that ends with a call; one that awaits keeps it.
async function sendFromHandler(requests: OutgoingRequests, sent: number[]): Promise<unknown> {
  return await requests.add(undefined, (seq) => sent.push(seq));
}

test("OutgoingRequests resolves each request with the reply of its number", async () => {
  const requests = new OutgoingRequests(60_000, () => {});
  const sent: number[] = [];
  const results = [sendFromHandler(requests, sent), sendFromHandler(requests, sent)];
  assert.deepEqual(sent, [0, 1]);
  assert.equal(requests.size, 2);
  requests.take(1)?.resolve("second");
  requests.take(0)?.resolve("first");
  assert.deepEqual(await Promise.all(results), ["first", "second"]);
  assert.equal(requests.size, 0);
  assert.equal(requests.take(0), undefined);
});

test("OutgoingRequests rejects without a reply in time, with the stack of the sender", async () => {
  const timedOut: number[] = [];
  const requests = new OutgoingRequests(1, () => timedOut.push(requests.size));
  await assert.rejects(sendFromHandler(requests, []), (error: Error) => {
    assert.equal(error.name, "TimeoutError");
    assert.match(error.stack ?? "", /^TimeoutError: result expired\n.*sendFromHandler/s);
    return true;
  });
  assert.deepEqual(timedOut, [0]);
});

test("OutgoingRequests adds the stack of the sender to exceptions of the client", async () => {
  const requests = new OutgoingRequests(60_000, () => {});
  const result = sendFromHandler(requests, []);
  requests.take(0)?.reject(new PythonError("KeyError", "x"));
  await assert.rejects(result, (error: Error) => /sendFromHandler/.test(error.stack ?? ""));
});

test("OutgoingRequests.rejectAll() rejects with EOFError", async () => {
  const requests = new OutgoingRequests(60_000, () => {});
  const results = [sendFromHandler(requests, []), sendFromHandler(requests, [])];
  requests.rejectAll();
  for (const result of results) await assert.rejects(result, { name: "EOFError" });
  assert.equal(requests.size, 0);
});
