import type { ListenAddress, ProtocolName } from "../../lib/server/mod.ts";
import type { ServeFlags } from "./flags.ts";
import {
  ipv6NeedsAddress,
  jsonNeedsStdout,
  lineNeedsText,
  noFramingNeedsMsgpack,
  notForRpyc,
  notForStdio,
  onlyForRpyc,
  onlyForWebSocket,
  registrationNeedsPort,
  stdioModeIsRpyc,
  tlsNeedsCertificate,
  tlsNeedsKey,
} from "./errors.ts";

/** The defaults of flags that every protocol has. */
const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_ADAPTER = "asgi";

const ONLY_RPYC = [
  ["--logfile", "logfile"],
  ["--ipv6", "ipv6"],
  ["--allow-public-attrs", "allowPublicAttrs"],
  ["--allow-pickle", "allowPickle"],
] as const;

/** Refuses flags of RPyC with another protocol. @throws ToolError `USAGE` */
export function refuseRpycFlags(flags: ServeFlags): void {
  for (const [name, key] of ONLY_RPYC) {
    if (flags[key] !== undefined && flags[key] !== false) throw onlyForRpyc(name);
  }
  if (flags.mode === "stdio") throw stdioModeIsRpyc();
}

const NOT_FOR_RPYC = [
  ["--adapter", "adapter"],
  ["--framing", "framing"],
  ["--max-in-flight", "maxInFlight"],
  ["--max-batch", "maxBatch"],
  ["--max-depth", "maxDepth"],
  ["--trace", "trace"],
  ["--trace-file", "traceFile"],
  ["--nats-creds", "natsCreds"],
] as const;

/** Refuses a framing that the messages of a protocol do not fit. @throws ToolError `USAGE` */
export function checkFraming(protocol: ProtocolName, addresses: readonly ListenAddress[]): void {
  const isMsgpack = protocol === "msgpackrpc";
  for (const address of addresses) {
    const framing = "framing" in address ? address.framing : undefined;
    if (framing === "line" && isMsgpack) throw lineNeedsText();
    if (framing === "none" && !isMsgpack) throw noFramingNeedsMsgpack(protocol);
  }
}

/** Only a WebSocket request has these headers. */
const FOR_WEB_SOCKET = [
  ["--cors-origin", "corsOrigin"],
  ["--allowed-host", "allowedHost"],
] as const;

/** Refuses flags that have no effect with `--protocol rpyc`. @throws ToolError `USAGE` */
export function checkRpycFlags(flags: ServeFlags): void {
  refuseHalfTls(flags);
  const isGiven = (value: unknown) =>
    value !== undefined && value !== false && value !== DEFAULT_ADAPTER;
  for (const [name, key] of NOT_FOR_RPYC) {
    if (isGiven(flags[key])) throw notForRpyc(name);
  }
  const hasWebSocket = flags.transport === "ws" ||
    flags.listen?.some((url) => url.startsWith("ws:")) === true;
  for (const [name, key] of hasWebSocket ? [] : FOR_WEB_SOCKET) {
    if (isGiven(flags[key])) throw onlyForWebSocket(name);
  }
  const isIpv4 = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(flags.host);
  if (flags.ipv6 && flags.host !== DEFAULT_HOST && isIpv4) throw ipv6NeedsAddress(flags.host);
}

// rpyc's rules, each with the name of the missing flag.
function refuseHalfTls(flags: ServeFlags): void {
  const key = flags.sslKeyfile ?? flags.tlsKey;
  const certificate = flags.sslCertfile ?? flags.tlsCert;
  const authority = flags.sslCafile ?? flags.tlsCa;
  if (key === undefined && certificate === undefined && authority === undefined) return;
  if (key === undefined) {
    throw tlsNeedsKey(certificate === undefined ? "--ssl-cafile" : "--ssl-certfile");
  }
  if (certificate === undefined) throw tlsNeedsCertificate("--ssl-keyfile");
}

/** Refuses flags about ports and addresses with `--mode stdio`. @throws ToolError `USAGE` */
export function checkStdioFlags(flags: ServeFlags): void {
  if (flags.register) throw registrationNeedsPort();
  if (flags.listen !== undefined) throw notForStdio("--listen");
  if (flags.port !== undefined) throw notForStdio("--port");
  if (flags.host !== DEFAULT_HOST) throw notForStdio("--host");
  if (flags.sslKeyfile !== undefined || flags.tlsKey !== undefined) {
    throw notForStdio("--ssl-keyfile");
  }
  if (flags.json) throw jsonNeedsStdout("--mode stdio");
}
