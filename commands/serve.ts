import { formatJsonText } from "../lib/json/mod.ts";
import * as rpc from "../lib/rpc/mod.ts";
import { resolve } from "node:path";
import { type ExitCode, usageError } from "../lib/errors.ts";
import { type Console, lateErrorLines } from "../lib/runtime/mod.ts";
import type { Contract } from "../lib/contract/mod.ts";
import type { Dispatcher, Handler, MessageService, Protocol } from "../lib/rpc/mod.ts";
import type { AllowedOrigins } from "../lib/origins.ts";
import type { Framing, ListenAddress, Listener, ProtocolName } from "../lib/server/mod.ts";
import { plainText, styleFor } from "../lib/terminal/mod.ts";
import { defineCommand } from "../lib/cli/mod.ts";
import { registeredNames, registrationOf, startRegistration } from "./_registration.ts";
import { NATS_FLAGS, natsConnection, type NatsFlags } from "../lib/cli/mod.ts";
import { RPYC_FLAGS, type RpycFlags } from "../lib/cli/mod.ts";
import { describeOrigins, reportRefusedOrigins, SERVE_ORIGINS } from "../lib/cli/mod.ts";
import { requestLines } from "../lib/cli/mod.ts";
import {
  openTrace,
  reachableWarning,
  refuseAuthenticator,
  servingSettings,
  untilSignal,
} from "./_serving.ts";
import { SERVING_FLAGS, type ServingFlags } from "../lib/cli/mod.ts";
import { consoleReporter } from "../lib/cli/mod.ts";
import { SOURCE_FLAGS, SOURCE_PARAMETER, type SourceFlags, sourceOptions } from "../lib/cli/mod.ts";

// A subject has no place in --host, --port and --path: NATS has its URL.
type TransportName = Exclude<ListenAddress["transport"], "nats">;

interface Flags extends SourceFlags, ServingFlags, NatsFlags, RpycFlags {
  readonly handlers?: string;
  readonly transport?: TransportName;
  readonly protocol: ProtocolName | "rpyc";
  readonly listen?: readonly string[];
  readonly framing?: Framing;
  readonly lax: boolean;
}

/** `pyrpc serve`: functions of the user's over any transport and protocol. */
export const serveCommand = defineCommand<Flags, [source?: string]>({
  summary: "Serve functions over any transport and protocol",
  description:
    "The functions are what a TypeScript or JavaScript file exports. With SOURCE (schema file, URL, Python module) their\n" +
    "arguments and results are held against the contract. Default ports: http 8000, ws 8001, tcp 4000, zmq 5555.",
  examples: [
    {
      command: "pyrpc serve --handlers api.ts",
      does: "pyRPC over HTTP at http://127.0.0.1:8000/rpc",
    },
    {
      command: "pyrpc serve schema.json --handlers api.ts --transport tcp --protocol jsonrpc",
      does: "JSON-RPC, one message a line",
    },
    {
      command:
        "pyrpc serve --handlers api.ts --protocol msgpackrpc --listen zmq://127.0.0.1:5555 --listen unix:///tmp/rpc.sock",
      does: "several transports at once",
    },
    {
      command: "pyrpc serve --handlers api.ts --listen nats://127.0.0.1:4222/shop",
      does: "one of any number of processes that share the load of a NATS subject",
    },
  ],
  parameters: {
    flags: {
      handlers: {
        kind: "parsed",
        parse: String,
        brief: "Serve the functions that this TypeScript or JavaScript file exports",
        optional: true,
        placeholder: "file",
      },
      transport: {
        kind: "enum",
        values: ["http", "ws", "tcp", "unix", "stdio", "zmq"],
        brief: "How messages travel (http; rpyc: tcp)",
        optional: true,
      },
      protocol: {
        kind: "enum",
        values: ["pyrpc", "jsonrpc", "msgpackrpc", "rpyc"],
        brief: "How calls are written",
        default: "pyrpc",
      },
      listen: {
        kind: "parsed",
        parse: String,
        brief:
          "Listen at this URL (nats://host/subject too) instead of --transport, --host, --port and --path; several times",
        variadic: true,
        optional: true,
        placeholder: "url",
      },
      framing: {
        kind: "enum",
        values: ["line", "length"],
        brief: "How messages of a stream are told apart (line for JSON, length for MessagePack)",
        optional: true,
      },
      lax: {
        kind: "boolean",
        brief: 'Take what Pydantic takes, such as "1" for an int',
        default: false,
        withNegated: false,
      },
      ...SERVING_FLAGS,
      ...NATS_FLAGS,
      ...RPYC_FLAGS,
      ...SOURCE_FLAGS,
    },
    aliases: { m: "mode", p: "port", q: "quiet" },
    positional: { kind: "tuple", parameters: [{ ...SOURCE_PARAMETER, optional: true }] },
  },
  run,
});

async function run(console: Console, flags: Flags, source?: string): Promise<ExitCode> {
  if (flags.handlers === undefined) {
    throw usageError("There is nothing to serve", [
      "Give a file that exports functions: --handlers api.ts",
      "Made-up answers to a contract: pyrpc mock",
    ]);
  }
  const { protocol } = flags;
  if (protocol === "rpyc") {
    const contract = source === undefined ? undefined : await loadContract(source, flags, console);
    const { serveRpyc } = await import("./_serve_rpyc.ts");
    return await serveRpyc(console, flags, contract?.document);
  }
  const say = consoleReporter(console);
  console.onLateError?.(lateErrorLines(resolve(console.cwd, flags.handlers), say.warn));
  const registration = registrationOf(flags);
  const serviceNames = registeredNames(flags);
  const server = await import("../lib/server/mod.ts");
  const descriptions = describeListeners(flags, server.parseListenUrl);
  refuseRpycFlags(flags, descriptions);
  const overStdio = descriptions.some(({ transport }) => transport === "stdio");
  if (overStdio && flags.json) throw usageError("--json writes where stdio: sends its replies");
  const settings = await servingSettings(flags, console, SERVE_ORIGINS);
  refuseAuthenticator(settings, descriptions);
  const connecting = await natsConnection(flags, descriptions, console, say);
  const handlersPath = flags.handlers;
  const contract = source === undefined ? undefined : await loadContract(source, flags, console);
  const served = await serve(handlersPath, contract, flags, console, say.warn);
  const lines = requestLines(flags, console, formatJsonText);
  const tracing = await openTrace(flags, console);
  const service: MessageService = {
    protocol: PROTOCOLS[protocol](),
    dispatcher: served.dispatcher,
    limits: settings.messageLimits,
    trace: tracing.trace,
    observe: lines.observe,
    now: console.monotonic,
  };
  const onRefusedOrigin = reportRefusedOrigins(say.warn);
  let document = served.document;
  const listeners: Listener[] = [];
  const registered: (() => Promise<void>)[] = [];
  const serving = flags.mode === undefined || flags.mode === "async"
    ? undefined
    : await (await import("./_serve_in_mode.ts")).serveInMode({
      flags,
      mode: flags.mode,
      protocol,
      contract,
      settings,
      console,
      lines,
      tracing,
      warn: say.warn,
      onRefusedOrigin,
    });
  const { followModule } = await import("../lib/watch/mod.ts");
  // Workers and children load the file when they start.
  const following = serving !== undefined ? undefined : await followModule(
    resolve(console.cwd, handlersPath),
    async () => {
      const next = await serve(handlersPath, contract, flags, console, say.warn);
      service.dispatcher = next.dispatcher;
      document = next.document;
      say.note("New handlers");
    },
    say.failed,
  );
  try {
    for (const description of descriptions) {
      if (serving !== undefined) {
        listeners.push(await serving.listen(description));
        continue;
      }
      listeners.push(
        await server.listen(description, service, {
          adapter: flags.adapter,
          ...settings,
          ...connecting,
          onRefusedOrigin,
          document: (query) => rpc.contractDocument(document, query),
          ...(overStdio ? { stdio: { input: console.stdin.stream, output: console.stdout } } : {}),
        }),
      );
    }
    const ended = listeners.map(({ ended }) => ended);
    // From before anybody is told that it listens: who knows may end it.
    const over = untilSignal(
      console,
      Promise.race(serving === undefined ? ended : [...ended, serving.finished]),
    );
    const hasPages = descriptions.some(({ transport }) =>
      transport === "http" || transport === "ws"
    );
    announce(console, flags, listeners, served.names, hasPages ? settings.origins : undefined);
    for (const description of descriptions) {
      const host = server.reachableHost(description);
      if (host !== undefined) say.warn(reachableWarning(host, settings));
    }
    for (const [index, description] of descriptions.entries()) {
      const port = listeners[index]?.port;
      if (registration === undefined || port === undefined || !("host" in description)) continue;
      const place = { names: serviceNames, port, host: description.host };
      registered.push(
        await startRegistration(registration, place, (event) => say.note(`Registry: ${event}`)),
      );
    }
    return await over;
  } finally {
    await following?.close();
    await Promise.all(registered.map((stop) => stop()));
    await Promise.all(listeners.map((listener) => listener.close(2000)));
    await serving?.close();
    lines.flush();
    await tracing.close();
  }
}

const ONLY_RPYC = [
  ["--logfile", "logfile"],
  ["--ipv6", "ipv6"],
  ["--allow-public-attrs", "allowPublicAttrs"],
  ["--allow-pickle", "allowPickle"],
] as const;

function refuseRpycFlags(flags: Flags, descriptions: readonly ListenAddress[]): void {
  for (const [name, key] of ONLY_RPYC) {
    if (flags[key] !== undefined && flags[key] !== false) {
      throw usageError(`${name} is only for --protocol rpyc`);
    }
  }
  const { mode } = flags;
  if (mode === "stdio") {
    throw usageError("--mode stdio is for --protocol rpyc", "Use --transport stdio");
  }
  if (mode === undefined || mode === "async") {
    if (flags.poolSize !== undefined) throw usageError("--pool-size is only for --mode pool");
    if (flags.poolPolicy !== undefined) throw usageError("--pool-policy is only for --mode pool");
    return;
  }
  const other = descriptions.find(({ transport }) => !HAS_CONNECTIONS.has(transport));
  if (other === undefined) return;
  throw usageError(
    `--mode ${mode} serves connections of tcp, unix and ws, not of ${other.transport}`,
    [
      "Add --transport tcp, or leave --mode away",
    ],
  );
}

const PROTOCOLS: Readonly<
  Record<ProtocolName, () => Protocol>
> = {
  pyrpc: () => rpc.pyrpcProtocol,
  jsonrpc: () => rpc.jsonrpcProtocol,
  msgpackrpc: () => rpc.msgpackrpcProtocol,
};

const HAS_CONNECTIONS: ReadonlySet<ListenAddress["transport"]> = new Set(["tcp", "unix", "ws"]);

const PORTS: Readonly<Partial<Record<TransportName, number>>> = {
  http: 8000,
  ws: 8001,
  tcp: 4000,
  zmq: 5555,
};

function describeListeners(
  flags: Flags,
  parse: (text: string) => ListenAddress,
): readonly ListenAddress[] {
  if (flags.listen !== undefined) return flags.listen.map(parse);
  const { transport = "http", host } = flags;
  const port = flags.port ?? PORTS[transport] ?? 0;
  const framed = flags.framing === undefined ? {} : { framing: flags.framing };
  switch (transport) {
    case "http":
      return [{ transport, host, port, path: flags.path ?? "/rpc" }];
    case "ws":
      return [{ transport, host, port, path: flags.path ?? "/ws" }];
    case "tcp":
      return [{ transport, host, port, ...framed }];
    case "zmq":
      return [{ transport, host, port }];
    case "unix":
      if (flags.path === undefined) throw usageError("--transport unix needs --path /tmp/rpc.sock");
      return [{ transport, path: flags.path, ...framed }];
    case "stdio":
      return [{ transport, ...framed }];
  }
}

interface Served {
  readonly dispatcher: Dispatcher;
  readonly document: Pick<Contract, "document">;
  readonly names: readonly string[];
}

async function serve(
  path: string,
  contract: Contract | undefined,
  flags: Flags,
  console: Console,
  warn: (text: string) => void,
): Promise<Served> {
  const { loadHandlers } = await import("../lib/server/mod.ts");
  const handlers = await loadHandlers(resolve(console.cwd, path));
  const { servedDispatcher } = await import("./_served_dispatcher.ts");
  const dispatcher = await servedDispatcher({ contract, handlers, lax: flags.lax, warn });
  const names = [...handlers.keys()];
  if (contract !== undefined) {
    warnOfMissing(contract, handlers, warn);
    return { dispatcher, document: contract, names };
  }
  const { dispatcherOf } = await import("../lib/rpc/mod.ts");
  return { dispatcher, document: { document: dispatcherOf(handlers).describe() }, names };
}

function warnOfMissing(
  { procedures }: Contract,
  handlers: ReadonlyMap<string, Handler>,
  warn: (text: string) => void,
): void {
  const missing = [...procedures.keys()].filter((name) => handlers.get(name)?.fn === undefined);
  if (missing.length > 0) warn(`Without a handler, answered as not found: ${missing.join(", ")}`);
}

async function loadContract(source: string, flags: Flags, console: Console): Promise<Contract> {
  const { loadSource } = await import("../lib/source/mod.ts");
  const { options, context } = sourceOptions(flags, console);
  return (await loadSource(source, options, context)).contract;
}

function announce(
  console: Console,
  flags: Flags,
  listeners: readonly Listener[],
  names: readonly string[],
  origins: AllowedOrigins | undefined,
): void {
  if (flags.json) {
    for (const { url } of listeners) {
      const line = { event: "listening", url, protocol: flags.protocol, procedures: names };
      console.stdout.write(`${JSON.stringify(line)}\n`);
    }
    return;
  }
  if (flags.quiet) return;
  const style = styleFor(console.stderr, console.env);
  const shown = names.slice(0, 40).map(plainText).join(", ");
  console.stderr.write([
    ...listeners.map(({ url }) =>
      `${style.bold("pyrpc serve")} ${style.cyan(plainText(url))} ${flags.protocol}`
    ),
    ...(origins === undefined ? [] : [`  browsers: ${plainText(describeOrigins(origins))}`]),
    `  ${shown}${names.length > 40 ? `, … and ${names.length - 40} more` : ""}`,
    "",
  ].join("\n"));
}
