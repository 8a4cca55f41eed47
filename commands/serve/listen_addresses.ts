import { defined } from "../../lib/defined.ts";
import type { StreamListenAddress } from "../../lib/serve/mod.ts";
import type { ListenAddress } from "../../lib/server/mod.ts";
import { partOfListenUrl, transportNotForRpyc, unixNeedsPath } from "./errors.ts";
import type { ServeFlags, TransportName } from "./flags.ts";

const PORTS: Readonly<Partial<Record<TransportName, number>>> = {
  http: 8000,
  ws: 8001,
  tcp: 4000,
  zmq: 5555,
};

const RPYC_PORT = 18_812;
const RPYC_TLS_PORT = 18_821;
const DEFAULT_HOST = "127.0.0.1";

/** The addresses of `--listen`, or the one of `--transport`, `--host`, `--port` and `--path`. @throws ToolError `USAGE` */
export function listenAddresses(
  flags: ServeFlags,
  parse: (text: string) => ListenAddress,
): readonly ListenAddress[] {
  if (flags.listen !== undefined) {
    refuseAddressFlags(flags);
    return flags.listen.map(parse);
  }
  const { transport = "http", host, path } = flags;
  const port = flags.port ?? PORTS[transport] ?? 0;
  const framing = defined({ framing: flags.framing });
  switch (transport) {
    case "http":
      return [{ transport, host, port, path: path ?? "/rpc" }];
    case "ws":
      return [{ transport, host, port, path: path ?? "/ws" }];
    case "tcp":
      return [{ transport, host, port, ...framing }];
    case "zmq":
      return [{ transport, host, port }];
    case "unix":
      if (path === undefined) throw unixNeedsPath();
      return [{ transport, path, ...framing }];
    case "stdio":
      return [{ transport, ...framing }];
  }
}

/** {@link listenAddresses} with the transports and default ports of RPyC. */
export function rpycAddresses(
  flags: ServeFlags,
  parse: (text: string) => ListenAddress,
  isSecure: boolean,
): readonly StreamListenAddress[] {
  const { listen, transport = "tcp", path } = flags;
  if (listen !== undefined) {
    refuseAddressFlags(flags);
    return listen.map((url) => {
      const address = parse(url);
      if (isStream(address)) return address;
      throw transportNotForRpyc(`--listen ${url}`);
    });
  }
  const host = flags.ipv6 && flags.host === DEFAULT_HOST ? "::1" : flags.host;
  const port = flags.port ?? (isSecure ? RPYC_TLS_PORT : RPYC_PORT);
  switch (transport) {
    case "unix":
      if (path === undefined) throw unixNeedsPath();
      return [{ transport, path }];
    case "ws":
      return [{ transport, host, port, path: path ?? "/ws" }];
    case "tcp":
      return [{ transport, host, port }];
    default:
      throw transportNotForRpyc(`--transport ${transport}`);
  }
}

// They would be ignored.
function refuseAddressFlags({ transport, host, port, path }: ServeFlags): void {
  if (transport !== undefined) throw partOfListenUrl("--transport");
  if (host !== DEFAULT_HOST) throw partOfListenUrl("--host");
  if (port !== undefined) throw partOfListenUrl("--port");
  if (path !== undefined) throw partOfListenUrl("--path");
}

function isStream(address: ListenAddress): address is StreamListenAddress {
  const { transport } = address;
  return transport === "tcp" || transport === "unix" || transport === "ws";
}
