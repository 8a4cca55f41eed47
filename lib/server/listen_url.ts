import { platform } from "node:os";
import { defined } from "../defined.ts";
import { notAListenUrl } from "./errors.ts";
import type { Framing, ListenAddress } from "./listen_address.ts";
import { isLoopback } from "../is_loopback.ts";
import { parseNatsUrl, withoutSecret } from "./transports/nats_address.ts";

/**
 * Parses `http://127.0.0.1:8000/rpc`, `ws://…/ws`, `tcp://127.0.0.1:4000?framing=length`, `unix:///tmp/rpc.sock`,
 * `zmq://127.0.0.1:5555`, `nats://127.0.0.1:4222/subject?queue=pyrpc`, `stdio:`.
 *
 * @throws ToolError `USAGE`
 */
export function parseListenUrl(text: string): ListenAddress {
  if (/^nats(?:\+tls)?:/i.test(text)) return { transport: "nats", ...parseNatsUrl(text) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const framing = url?.searchParams.get("framing") ?? undefined;
  if (url === undefined || (framing !== undefined && !isFraming(framing))) {
    throw notAListenUrl(withoutSecret(text));
  }
  const framed = defined<{ framing: Framing | undefined }>({ framing });
  const scheme = url.protocol.slice(0, -1);
  if (scheme === "stdio") return { transport: "stdio", ...framed };
  if (scheme === "unix") {
    const path = socketPath(decodeURIComponent(url.pathname));
    if (path === "" || path === "/") throw notAListenUrl(withoutSecret(text));
    return { transport: "unix", path, ...framed };
  }
  const host = hostOf(text) ?? "";
  const port = portOf(text);
  if (host === "" || port === undefined) throw notAListenUrl(withoutSecret(text));
  switch (scheme) {
    case "http":
    case "https":
      return { transport: "http", host, port, path: pathOf(url, "/rpc") };
    case "ws":
    case "wss":
      return { transport: "ws", host, port, path: pathOf(url, "/ws") };
    case "tcp":
    case "tls":
      return { transport: "tcp", host, port, ...framed };
    case "zmq":
      return { transport: "zmq", host, port };
    default:
      throw notAListenUrl(withoutSecret(text));
  }
}

/** The path of a `unix:` URL: on Windows without the slash before a drive. A named pipe is `unix:\\.\pipe\NAME`. */
export function socketPath(path: string, system: string = platform()): string {
  return system === "win32" ? path.replace(/^\/(?=[a-z]:)/i, "") : path;
}

function isFraming(text: string): text is Framing {
  return text === "line" || text === "length" || text === "none";
}

/** The host of an address that other machines can reach; `undefined` for others. */
export function reachableHost(address: ListenAddress): string | undefined {
  return "host" in address && !isLoopback(address.host) ? address.host : undefined;
}

// The port is read from the text: `URL` drops one that is the scheme's own.
function portOf(text: string): number | undefined {
  const port = /^[a-z]+:\/\/(?:\[[^\]]*\]|[^/?#:]*):(\d{1,5})(?:[/?#]|$)/i.exec(text)?.[1];
  const value = Number(port);
  return port !== undefined && value <= 65_535 ? value : undefined;
}

function hostOf(text: string): string | undefined {
  const match = /^[a-z]+:\/\/(?:\[([^\]]*)\]|([^/?#:]*))/i.exec(text);
  return match?.[1] ?? match?.[2];
}

function pathOf(url: URL, fallback: string): string {
  return url.pathname === "" || url.pathname === "/" ? fallback : url.pathname;
}
