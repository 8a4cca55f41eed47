import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { after, before, describe, it } from "node:test";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import {
  natsBatchLink,
  natsLink,
  type NatsLinkOptions,
  NO_RESPONDERS,
} from "../../lib/client/nats_link.ts";
import { createClient, PyRPCError } from "../../lib/client/pyrpc_client.ts";
import { type NatsServer, natsSkip, startNats } from "../support/nats.ts";
import { waitUntil } from "../support/wait_until.ts";
import { toolUnderTest } from "../support/specs.ts";
import { type TempFolder, tempFolder } from "../support/temp_folder.ts";

interface Api {
  add(a: number, b: number): Promise<number>;
  who(ms: number): Promise<number>;
  fail(): Promise<never>;
}

const HANDLERS = `
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
export const add = (a, b) => a + b;
export const who = async (ms) => { await pause(ms); return process.pid; };
export const fail = () => { throw Object.assign(new Error("no"), { code: 7, data: [1] }); };
`;
const TIMEOUT = 3000;

describe("three processes of pyrpc serve on one NATS subject", { skip: natsSkip }, () => {
  let nats: NatsServer;
  let folder: TempFolder;
  let connection: NatsConnection;
  const running: Served[] = [];

  before(async () => {
    nats = await startNats();
    folder = await tempFolder({ "api.mjs": HANDLERS });
    connection = await connect({ servers: nats.address, noAsyncTraces: true });
    running.push(...await Promise.all([1, 2, 3].map(() => startServing(nats, folder.path))));
  });
  after(async () => {
    await Promise.all(running.map(({ kill }) => kill("SIGKILL")));
    await connection?.close();
    await nats?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const client = (options: Partial<NatsLinkOptions> = {}) =>
    createClient<Api>({
      links: [natsLink({ connection, subject: "shop", timeout: TIMEOUT, ...options })],
    });

  it("results, errors and batches are those of HTTP; all three answer", async () => {
    const rpc = client();
    assert.equal(await rpc.add(1, 2), 3);
    await assert.rejects(rpc.fail(), (error: PyRPCError) => {
      assert.ok(error instanceof PyRPCError);
      assert.deepEqual([error.code, error.message, error.data], [7, "no", [1]]);
      return true;
    });
    const batching = createClient<Api>({
      links: [natsBatchLink({ connection, subject: "shop", maxItems: 3 })],
    });
    const sent = connection.stats().outMsgs;
    const sums = await Promise.all([1, 2, 3, 4, 5].map((n) => batching.add(n, n)));
    assert.deepEqual(sums, [2, 4, 6, 8, 10]);
    assert.equal(connection.stats().outMsgs - sent, 2);
    const pids = new Set(await Promise.all(Array.from({ length: 300 }, () => rpc.who(1))));
    assert.deepEqual([...pids].sort(), running.map(({ pid }) => pid).sort());
  });

  it("one killed under load: every request is answered or failed in time, and the others go on", async () => {
    const [victim] = running;
    await using load = startLoad(client());
    await load.reaches(2000);
    await victim!.kill("SIGKILL");
    const atKill = load.count();
    await load.reaches(atKill + 4000);
    const { answered, failures, slowest, pids } = await load.end();
    assert.ok(answered >= 6000, `${answered} answered`);
    assert.ok(slowest < TIMEOUT + 1500, `the slowest took ${slowest} ms`);
    // The messages that it had received and not answered, and no more.
    assert.ok(failures.length > 0 && failures.length <= CALLERS, `${failures.length} failed`);
    assert.deepEqual([...new Set(failures.map(({ name }) => name))], ["TimeoutError"]);
    assert.equal(pids.size, 3);
    const left = new Set(await Promise.all(Array.from({ length: 300 }, () => client().who(1))));
    assert.deepEqual([...left].sort(), running.slice(1).map(({ pid }) => pid).sort());
  });

  it("one stopped under load: no request is lost", async () => {
    const [, leaving, staying] = running;
    await using load = startLoad(client());
    await load.reaches(2000);
    assert.equal(await leaving!.kill("SIGTERM"), 143);
    await load.reaches(load.count() + 2000);
    const { answered, failures } = await load.end();
    assert.deepEqual(failures, []);
    assert.ok(answered >= 4000);
    assert.equal(await client().who(1), staying!.pid);
  });

  it("no process left: an error reports it", async () => {
    const [, , last] = running;
    assert.equal(await last!.kill("SIGINT"), 130);
    await assert.rejects(client().add(1, 2), (error: PyRPCError) => {
      assert.ok(error instanceof PyRPCError);
      assert.equal(error.code, NO_RESPONDERS);
      assert.equal(error.message, 'No server listens at the NATS subject "shop"');
      return true;
    });
  });
});

/** Calls at one time. */
const CALLERS = 600;

interface Load extends AsyncDisposable {
  count(): number;
  reaches(count: number): Promise<void>;
  end(): Promise<{ answered: number; failures: Error[]; slowest: number; pids: Set<number> }>;
}

/** So many callers, each of which calls again as soon as it has its answer. */
function startLoad(rpc: Api): Load {
  const pids = new Set<number>();
  const failures: Error[] = [];
  let [answered, slowest, isOver] = [0, 0, false];
  // Some long and some short, so that at any time each process has some.
  const caller = async (_: unknown, index: number) => {
    while (!isOver) {
      const start = performance.now();
      try {
        pids.add(await rpc.who(index % 150));
        answered++;
      } catch (error) {
        failures.push(error as Error);
        if (failures.length > 10_000) isOver = true;
      }
      slowest = Math.max(slowest, performance.now() - start);
    }
  };
  const callers = Array.from({ length: CALLERS }, caller);
  const end = async () => {
    isOver = true;
    await Promise.all(callers);
    return { answered, failures, slowest, pids };
  };
  return {
    count: () => answered,
    reaches: (count) => waitUntil(() => answered >= count),
    end,
    [Symbol.asyncDispose]: async () => void await end(),
  };
}

interface Served {
  readonly pid: number;
  /** @returns the exit code */
  kill(signal: NodeJS.Signals): Promise<number>;
}

async function startServing({ address }: NatsServer, cwd: string): Promise<Served> {
  const { tool: [command = "", ...first] } = toolUnderTest();
  const args = ["serve", "--handlers", "api.mjs", "--listen", `nats://${address}/shop`, "--json"];
  const child: ChildProcess = spawn(command, [...first, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await Promise.race([
    once(child.stdout!, "data"),
    ended.then(([code]) => assert.fail(`pyrpc serve ended with ${code}`)),
  ]);
  // Its request lines: read, so that it need not wait for us.
  child.stdout!.resume();
  return {
    pid: child.pid!,
    async kill(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const [code, by] = await ended;
      // Deno reports 143 instead of the signal.
      return code ?? 128 + constants.signals[by as NodeJS.Signals];
    },
  };
}
