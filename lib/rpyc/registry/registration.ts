import { defined } from "../../defined.ts";
import { isLoopback } from "../../is_loopback.ts";
import { keepRegistered } from "./auto_register.ts";
import { flagNeedsRegister, tcpNeedsHost } from "./errors.ts";
import { BROADCAST } from "./addresses.ts";
import { REGISTRY_PORT } from "./messages.ts";

/** Settings of a registration, as they are given on the command line. */
export interface RegistrationOptions {
  /** Name and aliases of the service, separated by commas. */
  readonly service?: string;
  readonly register: boolean;
  readonly registryType?: "udp" | "tcp";
  readonly registryPort?: number;
  readonly registryHost?: string;
  readonly registryInterval?: number;
}

/** The registry that a server registers with. */
export interface Registration {
  readonly transport: "udp" | "tcp";
  readonly host: string;
  readonly port: number;
  /** Milliseconds between two keep-alives. */
  readonly interval: number;
}

/** A port and the names to register it by. */
export interface RegisteredService {
  readonly names: readonly string[];
  readonly port: number;
  /** Address that the service listens on. */
  readonly host: string;
}

/** Progress of a registration. */
export type RegistrationEvent = "registered" | "failed" | "unregistered";

const INTERVAL = 60_000;
const DEFAULT_NAME = "PYRPC";

/**
 * Completes the settings with rpyc's defaults; `undefined` without `register`.
 *
 * @throws ToolError `USAGE`, naming the flag.
 */
export function registrationOf(options: RegistrationOptions): Registration | undefined {
  if (!options.register) {
    const given = [
      ["--registry-type", options.registryType],
      ["--registry-port", options.registryPort],
      ["--registry-host", options.registryHost],
      ["--registry-interval", options.registryInterval],
    ].find(([, value]) => value !== undefined);
    if (given !== undefined) throw flagNeedsRegister(String(given[0]));
    return undefined;
  }
  const transport = options.registryType ?? "udp";
  if (transport === "tcp" && options.registryHost === undefined) {
    throw tcpNeedsHost("only UDP can ask the whole network");
  }
  return {
    transport,
    host: options.registryHost ?? BROADCAST,
    port: options.registryPort ?? REGISTRY_PORT,
    interval: options.registryInterval ?? INTERVAL,
  };
}

/** Registers a port until the returned function is called, which also removes the registration. */
export function startRegistration(
  { transport, host, port, interval }: Registration,
  service: RegisteredService,
  onEvent: (event: RegistrationEvent) => void,
): () => Promise<void> {
  return keepRegistered({
    registry: {
      transport,
      // Only this machine reaches a service on loopback, so only its own registry is asked.
      host: isLoopback(service.host) && host === BROADCAST ? service.host : host,
      port,
      ...defined({ from: canReach(service.host, host) ? service.host : undefined }),
    },
    names: service.names,
    port: service.port,
    interval,
    onEvent,
  });
}

/** A warning for a registered address that other machines cannot reach. */
export function registrationWarning(
  { host }: { readonly host?: string },
): readonly string[] {
  const isLocal = host !== undefined && isLoopback(host);
  if (!isLocal) return [];
  return [
    `Registering ${host}, which other machines cannot reach: add --host with this machine's address`,
  ];
}

// The registry stores the sender's address as the service's: send from the one that is listened on, if it reaches the registry.
function canReach(address: string, registry: string): boolean {
  const isAny = address === "0.0.0.0" || address === "::" || address === "";
  if (isAny || !/^[\d.]+$|:/.test(address)) return false;
  if (!isLoopback(address)) return true;
  return isLoopback(registry) || registry === BROADCAST;
}

/** Names of a server that is not an rpyc service. @throws ToolError `USAGE` for `--service` without `--register` */
export function registeredNames(
  { service, register }: Pick<RegistrationOptions, "service" | "register">,
): readonly string[] {
  if (service === undefined) return [DEFAULT_NAME];
  if (!register) throw flagNeedsRegister("--service");
  return service.split(",").map((name) => name.toUpperCase());
}
