import { rpcUrl } from "../rpc_url.ts";
import { shellWord } from "../shell_word.ts";
import { callBody, type ServerCall } from "../source/mod.ts";

/** The flags of a call that curl has too. */
export interface CurlOptions {
  /** `Name: value`. */
  readonly header?: readonly string[];
  readonly tokenEnv?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly caFile?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
}

const SECRET = /^(?:authorization|cookie|proxy-authorization)$|key|token|secret|password|session/i;

/**
 * The curl command of a call, for a POSIX shell.
 *
 * It contains no secrets: the token is read from its variable, and a header whose name looks like one from a variable
 * with the header's name.
 */
export function curlCommand(source: string, call: ServerCall, options: CurlOptions): string {
  const { url, authorization } = rpcUrl(source);
  const { header = [], tokenEnv, timeout, caFile, clientCert, clientKey } = options;
  return [
    "curl -sS",
    quoted(url.href),
    `-H ${quoted("content-type: application/json")}`,
    authorization === undefined ? undefined : '-u "$PYRPC_USER:$PYRPC_PASSWORD"',
    tokenEnv === undefined ? undefined : `-H "authorization: Bearer $${tokenEnv}"`,
    ...header.map(headerFlag),
    timeout === undefined ? undefined : `--max-time ${timeout / 1000}`,
    caFile === undefined ? undefined : `--cacert ${quoted(caFile)}`,
    clientCert === undefined ? undefined : `--cert ${quoted(clientCert)}`,
    clientKey === undefined ? undefined : `--key ${quoted(clientKey)}`,
    `--data-raw ${quoted(callBody(call))}`,
  ].filter((part) => part !== undefined).join(" ");
}

/** The flag of a header, for a POSIX shell; the value of a secret one comes from a variable. */
export function headerFlag(header: string): string {
  const [, name = "", value = ""] = /^([^:]*?)\s*:\s*(.*)$/s.exec(header) ?? [];
  if (!SECRET.test(name)) return `-H ${quoted(`${name}: ${value.trim()}`)}`;
  return `-H ${quoted(`${name}: `)}"$${name.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}"`;
}

function quoted(text: string): string {
  return shellWord(text, "posix");
}
