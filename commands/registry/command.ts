import { resolve } from "node:path";
import { ExitCode } from "../../lib/errors.ts";
import type { Endpoint } from "../../lib/rpyc/registry/mod.ts";
import { type Console, untilSignal } from "../../lib/runtime/mod.ts";
import { plainText } from "../../lib/terminal/mod.ts";
import {
  type CommandContext,
  defineCommand,
  optionalArgument,
  optionalChoiceArgument,
} from "../../lib/cli/mod.ts";
import { listTakesNoName, onlyForServing, queryNeedsName, tcpNeedsAddress } from "./errors.ts";
import { REGISTRY_FLAGS, type RegistryFlags } from "./flags.ts";

/** `pyrpc registry`: serves an RPyC service registry, or queries one. */
export const registryCommand = defineCommand({
  summary: "Run or query an RPyC service registry",
  description:
    "Accepts the flags of rpyc_registry. Without ACTION it serves; rpyc.discover() and connect_by_service() of the\n" +
    "Python library find the services registered there. The log has RPyC's format, LEVEL:REGSRV/UDP/18811:text.",
  examples: [
    {
      command: "pyrpc registry --listing",
      does: "a UDP registry on port 18811 that also answers list requests",
    },
    { command: "pyrpc registry -m tcp --state services.json", does: "TCP, kept across restarts" },
    { command: "pyrpc registry query CALC", does: "host and port of a service, one per line" },
    { command: "pyrpc registry list --host 10.0.0.5", does: "the names of all services" },
  ],
  flags: REGISTRY_FLAGS,
  args: [
    optionalChoiceArgument("ACTION", "list or query; without it a registry is served", [
      "list",
      "query",
    ]),
    optionalArgument("NAME", "Service to query"),
  ],
  run,
});

async function run(
  { console }: CommandContext,
  flags: RegistryFlags,
  action?: "list" | "query",
  name?: string,
): Promise<ExitCode> {
  if (action === undefined) return await serveRegistry(console, flags);
  refuseServingFlags(flags, action);
  if (action === "list") {
    if (name !== undefined) throw listTakesNoName();
    return await listServices(console, flags);
  }
  if (name === undefined) throw queryNeedsName();
  return await findService(console, flags, name);
}

async function serveRegistry(console: Console, flags: RegistryFlags): Promise<ExitCode> {
  const { mode, host, ipv6, port, listing, timeout, quiet, state, json } = flags;
  const { openRegistry } = await import("../../lib/rpyc/registry/mod.ts");
  const { openRpycLog } = await import("../../lib/serve/mod.ts");
  const log = await openRpycLog(console, { logfile: flags.file ?? flags.logfile, quiet });
  log.name = `REGSRV/${mode.toUpperCase()}/${port}`;
  // The time of day, from a clock that does not jump when the system's is set.
  const offset = console.now() - console.monotonic();
  const over = untilSignal(console, new Promise(() => {}));
  const server = await openRegistry({
    transport: mode,
    host: host ?? (ipv6 ? "::" : "0.0.0.0"),
    port,
    allowListing: listing,
    timeout,
    statePath: state === undefined ? undefined : resolve(console.cwd, state),
    now: () => offset + console.monotonic(),
    log({ level, text }, actualPort) {
      log.name = `REGSRV/${mode.toUpperCase()}/${actualPort}`;
      log.write(level, text);
    },
    logsDebug: !quiet,
  });
  if (json) {
    const line = { event: "listening", host: server.host, port: server.port, mode };
    console.stdout.write(`${JSON.stringify(line)}\n`);
  }
  try {
    const code = await over;
    if (code === ExitCode.Interrupted) log.write("WARNING", "User interrupt!");
    return code;
  } finally {
    await server.close();
    await log.close();
  }
}

/** Flags that only a served registry uses. */
const SERVING_FLAGS: Readonly<Record<string, (flags: RegistryFlags) => boolean>> = {
  "--listing": ({ listing }) => listing,
  "--state": ({ state }) => state !== undefined,
  "--file": ({ file }) => file !== undefined,
  "--logfile": ({ logfile }) => logfile !== undefined,
};

function refuseServingFlags(flags: RegistryFlags, action: "list" | "query"): void {
  for (const [flag, isGiven] of Object.entries(SERVING_FLAGS)) {
    if (isGiven(flags)) throw onlyForServing(flag, action);
  }
  if (flags.mode === "tcp" && flags.host === undefined) throw tcpNeedsAddress();
}

async function findService(
  console: Console,
  { mode, host, port, json }: RegistryFlags,
  name: string,
): Promise<ExitCode> {
  const { queryRegistries } = await import("../../lib/rpyc/registry/mod.ts");
  const endpoints = await queryRegistries({ transport: mode, host, port }, name);
  if (endpoints === undefined) return await reportNoAnswer(console, { mode, host, port });
  console.stdout.write(
    json
      ? `${JSON.stringify(endpoints.map(({ host, port }): Endpoint => ({ host, port })))}\n`
      : endpoints.map(({ host, port }) => `${plainText(host)}\t${port}\n`).join(""),
  );
  if (endpoints.length > 0) return ExitCode.Ok;
  console.stderr.write(`No server of "${plainText(name)}" is registered\n`);
  return ExitCode.No;
}

async function listServices(
  console: Console,
  { mode, host, port, json }: RegistryFlags,
): Promise<ExitCode> {
  const { listRegistries } = await import("../../lib/rpyc/registry/mod.ts");
  const names = await listRegistries({ transport: mode, host, port });
  if (names === undefined) return await reportNoAnswer(console, { mode, host, port });
  if (names === null) {
    console.stderr.write("The registry does not list its services; start it with --listing\n");
    return ExitCode.No;
  }
  console.stdout.write(
    json
      ? `${JSON.stringify(names)}\n`
      : names.map((service) => `${plainText(service)}\n`).join(""),
  );
  return ExitCode.Ok;
}

async function reportNoAnswer(
  console: Console,
  { mode, host, port }: Pick<RegistryFlags, "mode" | "port"> & {
    readonly host: string | undefined;
  },
): Promise<ExitCode> {
  const { BROADCAST, LOOPBACK } = await import("../../lib/rpyc/registry/mod.ts");
  console.stderr.write(
    `No registry answered at ${mode}://${
      plainText(host ?? `${LOOPBACK} or ${BROADCAST}`)
    }:${port}\n`,
  );
  return ExitCode.Server;
}
