import { type ToolError, usageError } from "../../lib/errors.ts";

/** `serve` without a handlers file. */
export function nothingToServe(): ToolError {
  return usageError("There is nothing to serve", [
    "Pass a file that exports functions: --handlers api.ts",
    "Sample answers to a contract: pyrpc mock",
  ]);
}

/** Standard output carries replies and cannot carry JSON lines too. */
export function jsonNeedsStdout(stdio: string): ToolError {
  return usageError(`--json writes where ${stdio} sends its replies`);
}

/** A flag of RPyC's servers, given to another protocol. */
export function onlyForRpyc(flag: string): ToolError {
  return usageError(`${flag} is only for --protocol rpyc`);
}

/** The mode of RPyC that serves standard streams. */
export function stdioModeIsRpyc(): ToolError {
  return usageError("--mode stdio is for --protocol rpyc", "Use --transport stdio");
}

/** A flag about the address, besides `--listen`. */
export function partOfListenUrl(flag: string): ToolError {
  return usageError(
    `${flag} is not for --listen, whose URL has the whole address`,
    "Write it in the URL: --listen tcp://127.0.0.1:4000, --listen unix:///tmp/rpc.sock",
  );
}

/** A Unix socket without a path. */
export function unixNeedsPath(): ToolError {
  return usageError("--transport unix needs --path /tmp/rpc.sock");
}

/** A flag of the message protocols, given to RPyC. */
export function notForRpyc(flag: string): ToolError {
  return usageError(`${flag} is not supported with --protocol rpyc`);
}

/** A transport that RPyC's clients do not have. */
export function transportNotForRpyc(flag: string): ToolError {
  return usageError(
    `${flag} is not supported with --protocol rpyc`,
    "rpyc's clients support TCP, TLS, a Unix socket (--transport unix), WebSocket (--transport ws) or standard streams (--mode stdio)",
  );
}

/** A flag about HTTP headers, without WebSocket. */
export function onlyForWebSocket(flag: string): ToolError {
  return usageError(`With --protocol rpyc ${flag} is only for --transport ws`);
}

/** `--ipv6` with an IPv4 address. */
export function ipv6NeedsAddress(host: string): ToolError {
  return usageError(`--ipv6 needs an IPv6 address, not --host ${host}`);
}

/** A flag about a port or address, with standard streams. */
export function notForStdio(flag: string): ToolError {
  return usageError(`${flag} is not for --mode stdio`);
}

/** Standard streams have no port to register. */
export function registrationNeedsPort(): ToolError {
  return usageError("--register needs a port: it is not for --mode stdio");
}

/** A part of TLS without the private key. */
export function tlsNeedsKey(given: string): ToolError {
  return usageError(`${given} needs --ssl-keyfile: the server's private key`);
}

/** A part of TLS without the certificate. */
export function tlsNeedsCertificate(given: string): ToolError {
  return usageError(`${given} needs --ssl-certfile: the server's certificate`);
}

/** Lines with a protocol whose messages contain line breaks. */
export function lineNeedsText(): ToolError {
  return usageError(
    "--framing line is not supported with --protocol msgpackrpc",
    "Use none (MessagePack-RPC's own) or length (four bytes before each message)",
  );
}

/** Messages without framing that do not end by themselves. */
export function noFramingNeedsMsgpack(protocol: string): ToolError {
  return usageError(
    `--framing none is not supported with --protocol ${protocol}`,
    "Use line (one message per line) or length (four bytes before each message)",
  );
}
