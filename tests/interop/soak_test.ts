import assert from "node:assert/strict";
import { platform } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { pythonSkip } from "../support/python.ts";
import {
  httpClient,
  pythonClient,
  SOAK_HANDLERS,
  type SoakClient,
  type SoakServer,
  startSoakServer,
  streamClient,
  untilListening,
  type Usage,
  usageOf,
  webSocketClient,
} from "../support/soak.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { casesToRun, RUNS_ALL_CASES } from "../support/verify.ts";

const skip = platform() === "linux" ? pythonSkip() : "it reads /proc";

/** Seconds that the clients run: a part to warm up, and the measured one. */
const [WARM_UP, SECONDS] = RUNS_ALL_CASES
  ? [
    Number(process.env["PYRPC_SOAK_WARM_UP"] ?? 60),
    Number(process.env["PYRPC_SOAK_SECONDS"] ?? 540),
  ]
  : [1, 2];
/** Clients of each server; one where each connection starts a thread or a process, or waits for the one before. */
const clientsOf = (name: string) => /threaded|forking|^(tcp|rpyc) sync$/.test(name) ? 1 : 3;
const SHOP = fileURLToPath(new URL("../fixtures/shop.schema.json", import.meta.url));

interface Case {
  readonly args: readonly string[];
  readonly client: SoakClient;
  /** Datagrams, which need no connection. */
  readonly isUdp?: boolean;
}

const serve = ["serve", "--handlers", "handlers.mjs", "--quiet"];
const tcp = [...serve, "--transport", "tcp", "--mode"];
const rpyc = [...serve, "--protocol", "rpyc", "--mode"];
const lines = streamClient("jsonrpc", "line");
const pool = ["--pool-size", "4", "--pool-policy", "queue"];
// The grace period of a machine that is busy with all servers at once.
const drop = ["--pool-size", "6", "--pool-grace", "5s"];
const CASES: Readonly<Record<string, Case>> = {
  mock: { args: ["mock", "--handlers", "handlers.mjs", "--quiet"], client: httpClient },
  // The port of the mock, which is started first.
  proxy: { args: ["proxy", "UPSTREAM", "--contract", SHOP, "--quiet"], client: httpClient },
  "serve http": { args: serve, client: httpClient },
  "serve ws": { args: [...serve, "--transport", "ws"], client: webSocketClient },
  "tcp async": { args: [...tcp, "async", "--protocol", "jsonrpc"], client: lines },
  "tcp sync": { args: [...tcp, "sync"], client: lines },
  "tcp threaded": { args: [...tcp, "threaded"], client: lines },
  "tcp forking": { args: [...tcp, "forking"], client: lines },
  "tcp pool": { args: [...tcp, "pool", ...pool], client: lines },
  "tcp pool, drop": { args: [...tcp, "pool", ...drop], client: lines },
  "tcp tinyrpc": { args: [...tcp, "async", "--protocol", "jsonrpc-tinyrpc"], client: lines },
  "tcp lengths": {
    args: [...tcp, "async", "--protocol", "jsonrpc", "--framing", "length"],
    client: streamClient("jsonrpc", "length"),
  },
  "tcp MessagePack": {
    args: [...tcp, "async", "--protocol", "msgpackrpc"],
    client: streamClient("msgpackrpc", "none"),
  },
  "tcp MessagePack pool": {
    args: [...tcp, "pool", ...pool, "--protocol", "msgpackrpc"],
    client: streamClient("msgpackrpc", "none"),
  },
  "tcp MessagePack lengths": {
    args: [...tcp, "async", "--protocol", "msgpackrpc", "--framing", "length"],
    client: streamClient("msgpackrpc", "length"),
  },
  "rpyc async": { args: [...rpyc, "async"], client: pythonClient("rpyc") },
  "rpyc sync": { args: [...rpyc, "sync"], client: pythonClient("rpyc") },
  "rpyc threaded": { args: [...rpyc, "threaded"], client: pythonClient("rpyc") },
  "rpyc forking": { args: [...rpyc, "forking"], client: pythonClient("rpyc") },
  "rpyc pool, drop": { args: [...rpyc, "pool", ...drop], client: pythonClient("rpyc") },
  "rpyc pool": { args: [...rpyc, "pool", ...pool], client: pythonClient("rpyc") },
  "registry udp": {
    args: ["registry", "--host", "127.0.0.1", "--quiet"],
    client: pythonClient("udp"),
    isUdp: true,
  },
  "registry tcp": {
    args: ["registry", "--host", "127.0.0.1", "--mode", "tcp", "--quiet"],
    client: pythonClient("tcp"),
  },
};
const IN_GATE = ["mock", "proxy", "rpyc async"];

test(
  `soak: ${WARM_UP + SECONDS} s of clients that connect, call, vanish and reconnect`,
  { skip },
  async () => {
    await using folder = await tempFolder({ "handlers.mjs": SOAK_HANDLERS });
    const cases = casesToRun(Object.entries(CASES), ([name]) => IN_GATE.includes(name));
    const servers: { readonly name: string; readonly one: Case; readonly server: SoakServer }[] =
      [];
    try {
      for (const [name, one] of cases) {
        const upstream = `http://127.0.0.1:${servers[0]?.server.port}`;
        const args = one.args.map((text) => text === "UPSTREAM" ? upstream : text);
        servers.push({ name, one, server: await startSoakServer(args, folder.path) });
      }
      await Promise.all(
        servers.map(({ one, server }) => one.isUdp === true ? undefined : untilListening(server)),
      );
      await useAll(servers, WARM_UP);
      const before = await Promise.all(servers.map(({ server }) => settled(server)));
      const done = await useAll(servers, SECONDS);
      const problems: string[] = [];
      for (const [index, { name, server }] of servers.entries()) {
        const first = before[index]!;
        const last = await settled(server, first);
        const { calls, connections, wrong } = done[index]!;
        const line = `${name}: ${connections} connections, ${calls} calls, ${usageText(first)} → ${
          usageText(last)
        }`;
        if (RUNS_ALL_CASES) process.stdout.write(`${line}\n`);
        if (server.child.exitCode !== null) problems.push(`${name} ended: ${server.output()}`);
        if (wrong.length > 0) problems.push(`${name}: ${wrong.join("; ")}`);
        if (calls === 0) problems.push(`${name}: no calls`);
        if (hasGrown(first, last)) problems.push(`it has grown: ${line}`);
      }
      assert.deepEqual(problems, []);
    } finally {
      for (const { server } of servers) server.child.kill("SIGKILL");
    }
  },
);

async function useAll(
  servers: readonly { readonly name: string; readonly one: Case; readonly server: SoakServer }[],
  seconds: number,
) {
  return await Promise.all(servers.map(async ({ name, one, server }) => {
    const all = await Promise.all(
      Array.from(
        { length: clientsOf(name) },
        (_, seed) =>
          one.client(server.port, seconds, seed + 1).catch((error: unknown) => ({
            calls: 0,
            connections: 0,
            wrong: [String(error), server.output()],
          })),
      ),
    );
    return {
      calls: all.reduce((sum, { calls }) => sum + calls, 0),
      connections: all.reduce((sum, { connections }) => sum + connections, 0),
      wrong: all.flatMap(({ wrong }) => wrong),
    };
  }));
}

/** The usage of a server after its clients have left: waits until it is stable or not above the usage before. */
async function settled({ child }: SoakServer, before?: Usage): Promise<Usage> {
  let last: Usage | undefined;
  for (let count = 0; count < 120; count++) {
    const now = await usageOf(child.pid!).catch(() => undefined);
    if (now === undefined) break;
    const isSame = last !== undefined && now.sockets === last.sockets &&
      now.threads === last.threads && now.children === last.children;
    last = now;
    if (before === undefined ? isSame && count >= 3 : !hasGrown(before, now)) break;
    await delay(250);
  }
  return last ?? { mebibytes: 0, descriptors: 0, sockets: 0, threads: 0, children: 0 };
}

/** Memory may vary: engines return it late, and a short run has not warmed up. */
function hasGrown(before: Usage, after: Usage): boolean {
  const [factor, more] = RUNS_ALL_CASES ? [1.25, 32] : [2, 100];
  return after.descriptors > before.descriptors + 8 || after.threads > before.threads + 8 ||
    after.children > before.children || after.mebibytes > before.mebibytes * factor + more;
}

function usageText({ mebibytes, descriptors, threads, children }: Usage): string {
  return `${mebibytes} MiB ${descriptors} descriptors ${threads} threads ${children} children`;
}
