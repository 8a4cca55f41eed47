import { platform } from "node:os";
import { rpcUrl } from "../rpc_url.ts";
import { commandWithJson, escapedPart, shellVariable, shellWord } from "../shell_word.ts";
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
 * The curl command of a call, for the user's shell: PowerShell on Windows, a POSIX shell elsewhere.
 *
 * It contains no secrets: the token is read from its variable, and a header whose name looks like one from a variable
 * with the header's name.
 */
export function curlCommand(
  source: string,
  call: ServerCall,
  options: CurlOptions,
  system: string = platform(),
): string {
  const { url, authorization } = rpcUrl(source);
  const { header = [], tokenEnv, timeout, caFile, clientCert, clientKey } = options;
  const quoted = (text: string) => shellWord(text, system);
  const variable = (name: string) => shellVariable(name, system);
  const before = [
    // In Windows PowerShell 5.1, `curl` is another command.
    system === "win32" ? "curl.exe -sS" : "curl -sS",
    quoted(url.href),
    `-H ${quoted("content-type: application/json")}`,
    authorization === undefined
      ? undefined
      : `-u "${variable("PYRPC_USER")}:${variable("PYRPC_PASSWORD")}"`,
    tokenEnv === undefined ? undefined : `-H "authorization: Bearer ${variable(tokenEnv)}"`,
    ...header.map((text) => headerFlag(text, system)),
    timeout === undefined ? undefined : `--max-time ${timeout / 1000}`,
    caFile === undefined ? undefined : `--cacert ${quoted(caFile)}`,
    clientCert === undefined ? undefined : `--cert ${quoted(clientCert)}`,
    clientKey === undefined ? undefined : `--key ${quoted(clientKey)}`,
  ].filter((part) => part !== undefined);
  const flag = { word: "--data-raw", stdin: '--data-binary "@-"' };
  return commandWithJson(callBody(call), { before, flag }, system);
}

/** The flag of a header; the value of a secret one comes from a variable. */
export function headerFlag(header: string, system: string = platform()): string {
  const [, name = "", value = ""] = /^([^:]*?)\s*:\s*(.*)$/s.exec(header) ?? [];
  if (!SECRET.test(name)) return `-H ${shellWord(`${name}: ${value.trim()}`, system)}`;
  const variable = shellVariable(name.toUpperCase().replace(/[^A-Z0-9]+/g, "_"), system);
  return system === "win32"
    ? `-H "${escapedPart(name)}: ${variable}"`
    : `-H ${shellWord(`${name}: `, system)}"${variable}"`;
}
