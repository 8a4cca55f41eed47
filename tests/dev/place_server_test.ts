import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { placeServer } from "../../lib/dev/place_server.ts";
import { ToolError } from "../../lib/errors.ts";
import { resolveProject } from "../../lib/project/mod.ts";
import { freePort } from "../support/free_port.ts";

async function projectAt(port: number) {
  const state = await resolveProject(undefined, {
    cwd: "/",
    env: {},
    module: "main",
    overrides: { framework: "asgi", distribution: "server", port },
  });
  assert.ok(state.kind === "ready");
  return state.project;
}

/** A port on which a program listens that does not answer. */
async function takenPort(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

const common = { env: {}, cwd: "/", wanted: "own" } as const;

test("placeServer() keeps a free port, and chooses one for port 0", async () => {
  const port = await freePort();
  const kept = await placeServer(await projectAt(port), { ...common, confirm: undefined });
  assert.deepEqual([kept.project.port, kept.server], [port, "own"]);
  const chosen = await placeServer(await projectAt(0), { ...common, confirm: undefined });
  assert.ok(chosen.project.port > 0);
});

test("placeServer() selects the next port only if the user confirms it", async () => {
  await using taken = await takenPort();
  const project = await projectAt(taken.port);
  const questions: string[] = [];
  const confirm = (answer: boolean) => (question: string) => {
    questions.push(question);
    return Promise.resolve(answer);
  };
  const isTaken = (error: unknown) => error instanceof ToolError && error.code === "DEV_PORT_TAKEN";
  await assert.rejects(placeServer(project, { ...common, confirm: undefined }), isTaken);
  await assert.rejects(placeServer(project, { ...common, confirm: confirm(false) }), isTaken);
  const placed = await placeServer(project, { ...common, confirm: confirm(true) });
  assert.ok(placed.project.port > taken.port);
  assert.equal(placed.server, "own");
  assert.match(questions[1] ?? "", new RegExp(`Port ${taken.port} is taken.*Use port \\d+\\?`));
});

test("placeServer() never selects another port for a command, and none for types only", async () => {
  await using taken = await takenPort();
  const project = await projectAt(taken.port);
  const confirm = () => Promise.reject(new Error("the command has its own port"));
  const isTaken = (error: unknown) => error instanceof ToolError && error.code === "DEV_PORT_TAKEN";
  await assert.rejects(placeServer(project, { ...common, wanted: "exec", confirm }), isTaken);
  const none = await placeServer(project, { ...common, wanted: "none", confirm });
  assert.deepEqual(none, { project, server: "none" });
  const chosen = await placeServer(await projectAt(0), { ...common, wanted: "exec", confirm });
  assert.equal(chosen.server, "exec");
  assert.ok(chosen.project.port > 0);
});
