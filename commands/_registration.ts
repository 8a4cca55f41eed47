import { ExitCode, ToolError, usageError } from "../lib/errors.ts";
import type { RegisterFlags } from "../lib/cli/mod.ts";

/** Where a server registers itself. */
export interface Registration {
  readonly transport: "udp" | "tcp";
  readonly host: string;
  readonly port: number;
  /** Seconds between two keep-alives. */
  readonly interval: number;
}

const BROADCAST = "255.255.255.255";
const PORT = 18_811;
const INTERVAL = 60;

/**
 * What the flags say about registering, with rpyc's own rules.
 *
 * @throws ToolError `USAGE`, naming the flag.
 */
export function registrationOf(flags: RegisterFlags): Registration | undefined {
  if (!flags.register) {
    const given = [
      ["--registry-type", flags.registryType],
      ["--registry-port", flags.registryPort],
      ["--registry-host", flags.registryHost],
      ["--registry-interval", flags.registryInterval],
    ].find(([, value]) => value !== undefined);
    if (given !== undefined) {
      throw usageError(`${given[0]} is only for use with --register`, "Add --register");
    }
    return undefined;
  }
  const transport = flags.registryType ?? "udp";
  if (transport === "tcp" && flags.registryHost === undefined) {
    throw usageError(
      "--registry-type TCP needs --registry-host: only UDP can ask the whole network",
      "Add --registry-host ADDRESS",
    );
  }
  return {
    transport,
    host: flags.registryHost ?? BROADCAST,
    port: flags.registryPort ?? PORT,
    interval: flags.registryInterval ?? INTERVAL,
  };
}

/** Registers a port until the returned function is called, which also takes the registration back. */
export async function startRegistration(
  registration: Registration,
  service: { readonly names: readonly string[]; readonly port: number; readonly host: string },
  onEvent: (event: "registered" | "failed" | "unregistered") => void,
): Promise<() => Promise<void>> {
  const { keepRegistered } = await import("../lib/rpyc/registry/mod.ts");
  const { transport, host, port, interval } = registration;
  const isLoopback = service.host.startsWith("127.") || service.host === "::1";
  return keepRegistered({
    registry: {
      transport,
      // Who listens on loopback can be reached from here only: the registry that matters is the one on this machine.
      host: isLoopback && host === BROADCAST ? service.host : host,
      port,
      ...(isOwnAddress(service.host, host) ? { from: service.host } : {}),
    },
    names: service.names,
    port: service.port,
    interval: interval * 1000,
    onEvent,
  });
}

// The registry takes the sender's address for the service's: send from the one that is listened on, where that can reach it.
function isOwnAddress(address: string, registry: string): boolean {
  const isAny = address === "0.0.0.0" || address === "::" || address === "";
  if (isAny || !/^[\d.]+$|:/.test(address)) return false;
  if (!address.startsWith("127.") && address !== "::1") return true;
  return registry.startsWith("127.") || registry === "::1" || registry === BROADCAST;
}

const DEFAULT_NAME = "PYRPC";

/** Names of a server that is no rpyc service: those of `--service`, which means nothing without `--register`. */
export function registeredNames(flags: RegisterFlags): readonly string[] {
  if (flags.service === undefined) return [DEFAULT_NAME];
  if (!flags.register) {
    throw usageError("--service is only for use with --register", "Add --register");
  }
  return flags.service.split(",").map((name) => name.toUpperCase());
}

/** Asks a registry for a service. @throws ToolError `SERVICE_NOT_FOUND` when none answers or none is registered */
export async function discoverEndpoint(
  name: string,
  { registryType = "udp", registryHost, registryPort = PORT }: Omit<RegisterFlags, "register">,
): Promise<{ readonly host: string; readonly port: number }> {
  if (registryType === "tcp" && registryHost === undefined) {
    throw usageError("--registry-type TCP needs --registry-host", "Add --registry-host ADDRESS");
  }
  const { discoverService } = await import("../lib/rpyc/registry/mod.ts");
  const hosts = registryHost === undefined ? ["127.0.0.1", BROADCAST] : [registryHost];
  const answers = await Promise.all(
    hosts.map((host) =>
      discoverService({ transport: registryType, host, port: registryPort }, name)
    ),
  );
  const found = answers.flatMap((answer) => answer ?? [])[0];
  if (found !== undefined) return found;
  const isSilent = answers.every((answer) => answer === undefined);
  throw new ToolError({
    code: "SERVICE_NOT_FOUND",
    message: isSilent ? "No registry answered" : `No server of "${name}" is registered`,
    where: `${registryType}://${registryHost ?? "127.0.0.1, 255.255.255.255"}:${registryPort}`,
    fix: isSilent
      ? 'Start one with "pyrpc registry", or name its machine: --registry-host ADDRESS'
      : `Start the server with --register --service ${name}`,
    exitCode: ExitCode.Server,
  });
}
