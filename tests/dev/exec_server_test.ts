import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpState } from "../../lib/dev/ask_http.ts";
import type { ExecEvent } from "../../lib/dev/dev_event.ts";
import { ExecServer } from "../../lib/dev/exec_server.ts";
import type { RunningCommand } from "../../lib/process/mod.ts";
import type { ModuleAnswer } from "../../lib/python/mod.ts";
import { contractOf, documentOf } from "../support/contracts.ts";
import { FakeClock } from "../support/fake_clock.ts";

const DOCUMENT = documentOf({ add: {} });
const CONTRACT = contractOf({ add: {} });
const ANSWER: ModuleAnswer = {
  ok: true,
  contract: DOCUMENT,
  problems: [],
  adapted: [],
  defaults: [],
  facts: [],
  duplicates: [],
  files: [],
  app: null,
  core: "0.14.0",
};
const PROJECT = { host: "127.0.0.1", port: 4000, entrypoint: "main", framework: "django" } as const;
const DESCRIBED = { contract: CONTRACT, answer: ANSWER, project: PROJECT };
const GOOD: HttpState = { kind: "answer", status: 200, body: JSON.stringify(DOCUMENT) };

interface FakeCommand extends RunningCommand {
  readonly signals: string[];
  exit(code: number): void;
}

/** @param ignores signals that do not end the command */
function session({ restarts = false, ignores = [] as string[] } = {}) {
  const clock = new FakeClock();
  const commands: FakeCommand[] = [];
  const events: ExecEvent[] = [];
  const exits: number[] = [];
  const envs: (string | undefined)[] = [];
  const state = { state: { kind: "refused" } as HttpState, asked: 0 };
  const server = new ExecServer({
    line: "serve",
    restarts,
    cwd: "/",
    env: { A: "1" },
    clock,
    ask: () => {
      state.asked++;
      return Promise.resolve(state.state);
    },
    start: (_line, { env }) => {
      envs.push(`${env["A"]} ${env["PYRPC_HOST"]}:${env["PYRPC_PORT"]}`);
      let isRunning = true;
      let exit = (_code: number) => {};
      const ended = new Promise<number>((resolve) => exit = resolve);
      const signals: string[] = [];
      const command: FakeCommand = {
        ended,
        signals,
        isRunning: () => isRunning,
        exit(code) {
          isRunning = false;
          exit(code);
        },
        signal(name) {
          signals.push(`${name} ${clock.monotonic()}`);
          if (!ignores.includes(name)) command.exit(143);
        },
      };
      commands.push(command);
      return command;
    },
    onOutput: () => {},
    onEvent: (event) => events.push(event),
    onExit: (code) => exits.push(code),
    onFailure: (error) => {
      throw error;
    },
  });
  return { clock, commands, events, exits, envs, server, state };
}

test("ExecServer waits until GET /rpc answers with the contract of the project", async () => {
  const { clock, server, events, envs, state } = session();
  server.start(PROJECT);
  assert.deepEqual(envs, ["1 127.0.0.1:4000"]);
  const waiting = server.described(DESCRIBED);
  await clock.advance(10_000);
  state.state = { kind: "answer", status: 503, body: "starting" };
  await clock.advance(10_000);
  state.state = {
    kind: "answer",
    status: 200,
    body: JSON.stringify(documentOf({ other: {} })),
  };
  await clock.advance(10_000);
  assert.deepEqual(events, []);
  state.state = GOOD;
  await clock.advance(1000);
  await waiting;
  assert.deepEqual(events.map(({ kind }) => kind), ["exec_ready"]);
  // A server that reloads itself is not reported again.
  const again = server.described(DESCRIBED);
  await clock.advance(1000);
  await again;
  assert.equal(events.length, 1);
});

test("ExecServer reports Django's refusal soon, once, and waits for the changed routes", async () => {
  const { clock, server, events, state: fake } = session();
  server.start(PROJECT);
  fake.state = { kind: "answer", status: 405, body: '{"error": "Method not allowed"}' };
  const waiting = server.described(DESCRIBED);
  await clock.advance(2000);
  assert.equal(events.length, 0);
  await clock.advance(60_000);
  await waiting;
  const [event, ...more] = events;
  assert.ok(event?.kind === "exec_unready");
  assert.match(event.response, /answered 405/);
  assert.ok(event.fault?.snippet !== undefined);
  assert.ok(event.seconds < 10, `${event.seconds}`);
  // A change of another file.
  const second = server.described(DESCRIBED);
  await clock.advance(10_000);
  assert.deepEqual(more, []);
  fake.state = GOOD;
  await clock.advance(2000);
  await second;
  assert.deepEqual(events.map(({ kind }) => kind), ["exec_unready", "exec_ready"]);
});

for (
  const [name, state, response] of [
    [
      "nothing listens",
      { kind: "refused" },
      /^nothing listens at http:\/\/127\.0\.0\.1:4000\/rpc$/,
    ],
    ["it does not answer", { kind: "silent", reason: "no answer in 5 s" }, /no answer in 5 s/],
    [
      "a status",
      { kind: "answer", status: 404, body: "<h1>Not\nFound</h1>" },
      /answered 404: Not Found$/,
    ],
    [
      "another contract",
      { kind: "answer", status: 200, body: JSON.stringify(documentOf({ other: {} })) },
      /is another pyRPC server \(other\)$/,
    ],
  ] as [string, HttpState, RegExp][]
) {
  test(`ExecServer reports the last response after 60 s: ${name}`, async () => {
    const { clock, server, events, state: fake } = session();
    server.start(PROJECT);
    fake.state = state;
    const waiting = server.described(DESCRIBED);
    await clock.advance(59_000);
    assert.equal(events.length, 0);
    await clock.advance(2000);
    await waiting;
    const [event, ...more] = events;
    assert.ok(event?.kind === "exec_unready");
    assert.deepEqual([event.seconds, more], [60, []]);
    assert.match(event.response, response);
    assert.equal(event.fault?.snippet, undefined);
    const { asked } = fake;
    await clock.advance(60_000);
    assert.equal(fake.asked, asked);
  });
}

test("ExecServer asks a server that answers with something else ever more seldom", async () => {
  const { clock, server, state: fake } = session();
  fake.state = { kind: "answer", status: 405, body: "" };
  server.start(PROJECT);
  const described = server.described(DESCRIBED);
  await clock.advance(61_000);
  await described;
  assert.ok(fake.asked > 20 && fake.asked < 50, String(fake.asked));
});

test("ExecServer ends with SIGTERM, and with SIGKILL after five seconds", async () => {
  const quick = session();
  quick.server.start(PROJECT);
  await quick.server.end();
  assert.deepEqual(quick.commands[0]?.signals, ["SIGTERM 0"]);
  const stubborn = session({ ignores: ["SIGTERM"] });
  stubborn.server.start(PROJECT);
  const ended = stubborn.server.end();
  await stubborn.clock.advance(6000);
  await ended;
  assert.deepEqual(stubborn.commands[0]?.signals, ["SIGTERM 0", "SIGKILL 5000"]);
  assert.deepEqual([...quick.exits, ...stubborn.exits], []);
});

test("ExecServer restarts the command after later descriptions only with restarts, one at a time", async () => {
  for (const restarts of [false, true]) {
    const { clock, server, commands, exits, state: fake } = session({ restarts });
    fake.state = GOOD;
    server.start(PROJECT);
    await server.described(DESCRIBED);
    assert.equal(commands.length, 1);
    const waiting = [server.described(DESCRIBED), server.described(DESCRIBED)];
    await clock.advance(1000);
    await Promise.all(waiting);
    assert.equal(commands.length, restarts ? 3 : 1);
    assert.equal(commands.filter((each) => each.isRunning()).length, 1);
    assert.deepEqual(exits, []);
    await server.end();
  }
});

test("ExecServer reports the exit code of a command that ends by itself", async () => {
  const { server, commands, exits } = session();
  server.start(PROJECT);
  commands[0]?.exit(3);
  await commands[0]?.ended;
  await Promise.resolve();
  assert.deepEqual(exits, [3]);
  await server.end();
  assert.deepEqual(commands[0]?.signals, []);
});
