import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Procedure } from "../../lib/contract/mod.ts";
import { httpSender } from "../../lib/contract_test/reply.ts";
import { runTests, type RunTestsOptions } from "../../lib/contract_test/run_tests.ts";
import { createSampler } from "../../lib/mock/mod.ts";
import { serveHttp } from "../support/http_server.ts";

const procedureOf = (name: string): Procedure => ({
  name,
  parameters: [],
  result: { type: "integer" },
  resultType: "int",
  doc: "",
});

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

const whole = (more: object, id = 1) => JSON.stringify({ id, result: 5, error: null, ...more });

test("httpSender distinguishes results, errors and every other answer", async () => {
  const rows: Record<string, [answer: Answer, kind: string, rule?: string]> = {
    result: [{ body: whole({}) }, "result"],
    mark: [{ body: `\ufeff${whole({})}` }, "result"],
    gzip: [{ body: gzipSync(whole({})), headers: { "content-encoding": "gzip" } }, "result"],
    error: [{ body: whole({ result: null, error: { code: 1, message: "m" } }) }, "error"],
    both: [{ body: whole({ error: { code: 1, message: "m" } }) }, "foreign", "not-an-answer"],
    code: [{ body: whole({ result: null, error: { code: "1", message: "m" } }) }, "foreign"],
    text_id: [{ body: whole({ id: "1" }) }, "foreign", "wrong-id"],
    no_id: [{ body: '{"result":5,"error":null}' }, "foreign", "wrong-id"],
    null_id: [{ body: whole({ id: null }) }, "foreign", "wrong-id"],
    list: [{ body: `[${whole({})}]` }, "foreign", "not-an-answer"],
    nan: [{ body: '{"id":1,"result":NaN,"error":null}' }, "foreign", "not-an-answer"],
    rest: [{ body: `${whole({})}}` }, "foreign", "not-an-answer"],
    latin1: [{ body: Uint8Array.from([0x22, 0xff, 0x22]) }, "foreign", "not-an-answer"],
    empty: [{ status: 204, body: "" }, "foreign", "not-an-answer"],
    encoding: [{ body: whole({}), headers: { "content-encoding": "gzip" } }, "foreign"],
    large: [{ body: whole({ result: "x".repeat(2_000) }) }, "too-large"],
    status: [{ status: 413, body: whole({}) }, "status"],
    denied: [{ status: 403 }, "denied"],
    redirect: [{ status: 302, headers: { location: "/login" } }, "denied"],
    loop: [{ status: 307, headers: { location: "/rpc" } }, "denied"],
  };
  await using server = await serveHttp((_, response, body) => {
    const { method } = JSON.parse(body);
    const { status = 200, headers = {}, body: text = "" } = rows[method]![0];
    response.writeHead(status, headers).end(text);
  });
  const send = httpSender(server.url, { maxBytes: 1_000 }, { cwd: ".", env: {} });
  for (const [name, [, kind, rule]] of Object.entries(rows)) {
    const reply = await send(1, { procedure: procedureOf(name), params: {} });
    assert.equal(reply.kind, kind, name);
    if (rule !== undefined && reply.kind === "foreign") assert.equal(reply.rule, rule, name);
  }
});

test("runTests keeps its findings if the server ends the test, and fails if it answers nothing", async () => {
  let statusOf: (method: string) => number;
  await using server = await serveHttp((_, response, body) => {
    const { method, id, params } = JSON.parse(body);
    const error = Object.keys(params).length === 0
      ? null
      : { code: -32602, message: "too many arguments" };
    response.writeHead(statusOf(method))
      .end(JSON.stringify({ id, result: error === null ? 1 : null, error }));
  });
  const options = (...names: string[]): RunTestsOptions => ({
    procedures: names.map(procedureOf),
    sampler: createSampler({ seed: "" }),
    examples: new Map(),
    send: httpSender(server.url, {}, { cwd: ".", env: {} }),
    isAlive: () => Promise.resolve(true),
    maxCalls: 100,
    pace: () => Promise.resolve(),
    signal: new AbortController().signal,
  });

  // A procedure that is denied is a finding, also if it is the first one.
  statusOf = (method) => method === "denied" ? 403 : 200;
  const denied = await runTests(options("denied", "good"));
  assert.deepEqual(
    denied.failures.map(({ one, rule }) => [one.procedure.name, rule]),
    [["denied", "http-status"]],
  );
  // A server that denies every call is not.
  await assert.rejects(runTests(options("denied")), /status 403/);

  statusOf = (method) => method === "broken" ? 500 : method === "limited" ? 429 : 200;
  const { failures, stopped, error } = await runTests(options("good", "broken", "limited"));
  assert.deepEqual([stopped, error?.code], ["failed", "TEST_TOO_MANY_CALLS"]);
  assert.deepEqual(failures.map(({ rule }) => rule), ["http-status"]);
  await assert.rejects(runTests(options("limited", "good")), /status 429/);
});
