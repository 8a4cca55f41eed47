import type { Contract } from "../../lib/contract/mod.ts";
import { defined } from "../../lib/defined.ts";
import { ExitCode } from "../../lib/errors.ts";
import {
  type Console,
  keepStdoutForData,
  lateErrorLines,
  untilSignal,
} from "../../lib/runtime/mod.ts";
import type {
  RpycLog,
  RpycServer,
  RpycServiceConfig,
  ServingSettings,
  StreamListenAddress,
} from "../../lib/serve/mod.ts";
import {
  anyOriginWarning,
  consoleReporter,
  describeOrigins,
  reportRefusedOrigins,
  SERVE_ORIGINS,
} from "../../lib/cli/mod.ts";
import { checkRpycFlags, checkStdioFlags } from "./check_flags.ts";
import type { ServeFlags } from "./flags.ts";
import { rpycAddresses } from "./listen_addresses.ts";
import { logRegistration, logServerEvent } from "./rpyc_log_lines.ts";

const DEFAULT_PORT = 18_812;

/** Serves handlers to RPyC clients, with the rules and the log of `rpyc_classic`. */
export async function serveRpyc(
  console: Console,
  flags: ServeFlags,
  handlers: string,
  contract: Contract | undefined,
): Promise<ExitCode> {
  const { mode = "threaded", poolSize, poolPolicy, poolGrace, logfile, quiet } = flags;
  const { registrationOf, registrationWarning } = await import("../../lib/rpyc/registry/mod.ts");
  const serve = await import("../../lib/serve/mod.ts");
  const registration = registrationOf(flags);
  checkRpycFlags(flags);
  const isStdio = mode === "stdio" || flags.transport === "stdio";
  if (isStdio) checkStdioFlags(flags);
  const settings = await serve.loadServingSettings(flags, console, SERVE_ORIGINS);
  if (isStdio) keepStdoutForData();
  const log = await serve.openRpycLog(console, { logfile, quiet });
  try {
    console.onLateError?.(lateErrorLines(handlers, (line) => log.write("ERROR", line)));
    const config = serviceConfig(flags, handlers, contract, isStdio);
    const loaded = await serve.loadService(config);
    const { aliases } = loaded.names;
    const [alias] = aliases;
    if (isStdio) {
      log.name = `${alias}/stdio`;
      const connection = await serve.buildConnectionService(config, { loaded });
      const onFailure = (reason: unknown) =>
        log.write("WARNING", `client closed: ${serve.failureText(reason, handlers)}`);
      return await untilSignal(console, serve.serveOverStdio(console, connection, onFailure));
    }
    log.name = `${alias}/${flags.port ?? DEFAULT_PORT}`;
    const { parseListenUrl } = await import("../../lib/server/mod.ts");
    const addresses = rpycAddresses(flags, parseListenUrl, settings.tls !== undefined);
    const refused = reportRefusedOrigins((text) => log.write("WARNING", text));
    const server = await serve.startRpycServer(
      {
        addresses,
        mode: { mode, ...defined({ poolSize, poolPolicy, poolGrace }) },
        config,
        settings,
      },
      loaded,
      console,
      (event) =>
        event.kind === "refused-origin" ? refused(event.origin) : logServerEvent(log, event),
    );
    // Signals are handled before the server is announced: the announcement may make someone send one.
    const over = untilSignal(console, server.ended);
    try {
      log.name = `${alias}/${server.listeners[0]?.port ?? "unix"}`;
      announce(console, flags, server, addresses, mode, log);
      if (addresses.some(({ transport }) => transport === "ws")) logOrigins(log, settings);
      await warnOfReachable(console, addresses, settings, server);
      for (const text of [...loaded.warnings, ...settings.warnings]) log.write("WARNING", text);
      if (registration !== undefined) {
        for (
          const text of addresses.flatMap((address) =>
            registrationWarning("host" in address ? address : {})
          )
        ) log.write("WARNING", text);
        server.register(
          registration,
          aliases,
          (event) => logRegistration(log, event, registration),
        );
      }
      const code = await over;
      if (code === ExitCode.Interrupted) log.write("WARNING", "keyboard interrupt!");
      return code;
    } finally {
      log.write("INFO", "server has terminated");
      await server.close();
      log.write("INFO", "listener closed");
    }
  } finally {
    await log.close();
  }
}

function serviceConfig(
  { service, lax, allowPublicAttrs, allowPickle, maxBody, headersTimeout }: ServeFlags,
  handlers: string,
  contract: Contract | undefined,
  isStdio: boolean,
): RpycServiceConfig {
  return {
    protocol: "rpyc",
    service: { handlers, lax, ...defined({ contract: contract?.document }) },
    names: defined({ aliases: service?.split(",").map((name) => name.toUpperCase()) }),
    allowPublicAttrs,
    allowPickle,
    limits: defined({
      maxMessageSize: maxBody,
      // Standard input is the only connection.
      handshakeTimeout: isStdio ? 0 : headersTimeout,
    }),
  };
}

function logOrigins(log: RpycLog, { origins }: ServingSettings): void {
  log.write("INFO", `browsers: ${describeOrigins(origins)}`);
  for (const text of anyOriginWarning(origins, "your functions")) log.write("WARNING", text);
}

async function warnOfReachable(
  console: Console,
  addresses: readonly StreamListenAddress[],
  settings: ServingSettings,
  { authenticator = settings.authenticator }: Pick<RpycServer, "authenticator">,
): Promise<void> {
  const { reachableHost } = await import("../../lib/server/mod.ts");
  const { reachableWarning } = await import("../../lib/serve/mod.ts");
  for (const address of addresses) {
    const host = reachableHost(address);
    if (host === undefined) continue;
    consoleReporter(console).warn(reachableWarning(host, defined({ authenticator })));
  }
}

function announce(
  console: Console,
  { json }: ServeFlags,
  { listeners }: RpycServer,
  addresses: readonly StreamListenAddress[],
  mode: string,
  log: RpycLog,
): void {
  for (const [index, address] of addresses.entries()) {
    const listener = listeners[index];
    if (listener === undefined) continue;
    const { url, port } = listener;
    const shown = "host" in address ? `[${address.host}]:${port}` : `[${address.path}]`;
    log.write("INFO", `server started on ${shown}`);
    if (json) {
      const line = { event: "listening", url, protocol: "rpyc", mode };
      console.stdout.write(`${JSON.stringify(line)}\n`);
    } else if (mode === "oneshot" && address.transport === "tcp") {
      // rpyc's one-shot server prints this for the program that started it.
      console.stdout.write(`rpyc-oneshot\n${address.host}\t${port}\n`);
    }
  }
}
