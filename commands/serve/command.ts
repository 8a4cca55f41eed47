import { resolve } from "node:path";
import type { Contract } from "../../lib/contract/mod.ts";
import type { ExitCode } from "../../lib/errors.ts";
import type { AllowedOrigins } from "../../lib/origins.ts";
import { type Console, lateErrorLines, untilSignal } from "../../lib/runtime/mod.ts";
import type { FunctionServer, ModeSettings } from "../../lib/serve/mod.ts";
import type { ListenAddress, ProtocolName } from "../../lib/server/mod.ts";
import { defined } from "../../lib/defined.ts";
import { plainText, styleFor } from "../../lib/terminal/mod.ts";
import {
  anyOriginWarning,
  type CommandContext,
  consoleReporter,
  defineCommand,
  describeOrigins,
  OPTIONAL_SOURCE_ARGUMENT,
  reportRefusedOrigins,
  SERVE_ORIGINS,
  sourceOptions,
} from "../../lib/cli/mod.ts";
import { checkFraming, refuseRpycFlags } from "./check_flags.ts";
import { jsonNeedsStdout, nothingToServe } from "./errors.ts";
import { SERVE_FLAGS, type ServeFlags } from "./flags.ts";
import { listenAddresses } from "./listen_addresses.ts";
import { serveRpyc } from "./rpyc.ts";

/** `pyrpc serve`: serves the user's functions over any transport and protocol. */
export const serveCommand = defineCommand({
  summary: "Serve functions over any transport and protocol",
  description:
    "A TypeScript or JavaScript file exports the functions. With SOURCE (schema file, URL, Python module) their\n" +
    "arguments and results are validated against the contract. Default ports: http 8000, ws 8001, tcp 4000, zmq 5555.\n" +
    "Framing: line sends one message per line, length puts four bytes before each message, none is for MessagePack.",
  examples: [
    {
      command: "pyrpc serve --handlers api.ts",
      does: "pyRPC over HTTP at http://127.0.0.1:8000/rpc",
    },
    {
      command: "pyrpc serve schema.json --handlers api.ts --transport tcp --protocol jsonrpc",
      does: "JSON-RPC, one message per line",
    },
    {
      command:
        "pyrpc serve --handlers api.ts --protocol msgpackrpc --listen zmq://127.0.0.1:5555 --listen unix:///tmp/rpc.sock",
      does: "several transports at once",
    },
    {
      command: "pyrpc serve --handlers api.ts --listen nats://127.0.0.1:4222/shop",
      does: "share a NATS subject with other processes",
    },
  ],
  flags: SERVE_FLAGS,
  args: [OPTIONAL_SOURCE_ARGUMENT],
  run,
});

async function run(
  { console }: CommandContext,
  flags: ServeFlags,
  source?: string,
): Promise<ExitCode> {
  const { handlers, protocol } = flags;
  if (handlers === undefined) throw nothingToServe();
  if (protocol !== "rpyc") {
    return await serveFunctions(console, flags, resolve(console.cwd, handlers), protocol, source);
  }
  const contract = source === undefined ? undefined : await loadContract(source, flags, console);
  return await serveRpyc(console, flags, resolve(console.cwd, handlers), contract);
}

async function serveFunctions(
  console: Console,
  flags: ServeFlags,
  handlers: string,
  protocol: ProtocolName,
  source: string | undefined,
): Promise<ExitCode> {
  const reporter = consoleReporter(console);
  console.onLateError?.(lateErrorLines(handlers, reporter.warn));
  const { parseListenUrl, reachableHost } = await import("../../lib/server/mod.ts");
  const { registeredNames, registrationOf, registrationWarning } = await import(
    "../../lib/rpyc/registry/mod.ts"
  );
  const serve = await import("../../lib/serve/mod.ts");
  const registration = registrationOf(flags);
  const names = registeredNames(flags);
  const addresses = listenAddresses(flags, parseListenUrl);
  refuseRpycFlags(flags);
  checkFraming(protocol, addresses);
  const mode = modeOf(flags);
  if (mode === undefined) serve.refusePoolFlags(flags);
  else serve.refuseModeFor(mode.mode, addresses);
  if (flags.json && addresses.some(({ transport }) => transport === "stdio")) {
    throw jsonNeedsStdout("stdio:");
  }
  const settings = await serve.loadServingSettings(flags, console, SERVE_ORIGINS);
  serve.refuseAuthenticator(settings, addresses);
  const nats = await serve.natsConnection(flags, addresses, console, reporter);
  const contract = source === undefined ? undefined : await loadContract(source, flags, console);
  const requests = serve.requestLines(flags, console);
  const trace = await serve.openTrace(flags, console);
  const { lax, adapter, framing, maxInFlight } = flags;
  const lines = flags.json ? "json" : flags.quiet ? undefined : "text";
  const onRefusedOrigin = reportRefusedOrigins(reporter.warn);
  try {
    const server = await serve.startServer(
      {
        addresses,
        protocol,
        handlers,
        contract,
        lax,
        adapter,
        framing,
        maxInFlight,
        mode,
        settings,
        nats,
        lines,
      },
      { console, requests, trace, onRefusedOrigin, ...reporter },
    );
    // Signals are handled before the server is announced: the announcement may make someone send one.
    const over = untilSignal(console, server.ended);
    try {
      settings.warnings.forEach(reporter.warn);
      announce(console, flags, server, hasPages(addresses) ? settings.origins : undefined);
      if (hasPages(addresses)) {
        anyOriginWarning(settings.origins, "your functions").forEach(reporter.warn);
      }
      for (const address of addresses) {
        const host = reachableHost(address);
        if (host !== undefined) reporter.warn(serve.reachableWarning(host, settings));
      }
      if (registration !== undefined) {
        addresses.flatMap((address) => registrationWarning("host" in address ? address : {}))
          .forEach(reporter.warn);
        server.register(registration, names, (event) => reporter.note(`Registry: ${event}`));
      }
      return await over;
    } finally {
      await server.close();
    }
  } finally {
    requests.flush();
    await trace.close();
  }
}

function modeOf({ mode, poolSize, poolPolicy, poolGrace }: ServeFlags): ModeSettings | undefined {
  if (mode === undefined || mode === "async") return undefined;
  return { mode, ...defined({ poolSize, poolPolicy, poolGrace }) };
}

function hasPages(addresses: readonly ListenAddress[]): boolean {
  return addresses.some(({ transport }) => transport === "http" || transport === "ws");
}

async function loadContract(
  source: string,
  flags: ServeFlags,
  console: Console,
): Promise<Contract> {
  const { loadSource } = await import("../../lib/source/mod.ts");
  const { options, context } = sourceOptions(flags, console);
  return (await loadSource(source, options, context)).contract;
}

const MAX_NAMES = 40;

function announce(
  console: Console,
  flags: ServeFlags,
  { listeners, procedures }: FunctionServer,
  origins: AllowedOrigins | undefined,
): void {
  const { json, quiet, protocol } = flags;
  if (json) {
    for (const { url } of listeners) {
      const line = { event: "listening", url, protocol, procedures };
      console.stdout.write(`${JSON.stringify(line)}\n`);
    }
    return;
  }
  if (quiet) return;
  const style = styleFor(console.stderr, console.env);
  const shown = procedures.slice(0, MAX_NAMES).map(plainText).join(", ");
  const more = procedures.length - MAX_NAMES;
  console.stderr.write([
    ...listeners.map(({ url }) =>
      `${style.bold("pyrpc serve")} ${style.cyan(plainText(url))} ${protocol}`
    ),
    ...(origins === undefined ? [] : [`  browsers: ${plainText(describeOrigins(origins))}`]),
    `  ${shown}${more > 0 ? `, … and ${more} more` : ""}`,
    "",
  ].join("\n"));
}
