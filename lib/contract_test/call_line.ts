import { platform } from "node:os";
import { headerFlag } from "../call/mod.ts";
import { formatJsonText } from "../json/mod.ts";
import { rpcUrl } from "../rpc_url.ts";
import { commandWithJson, escapedPart, shellVariable, shellWord } from "../shell_word.ts";
import type { TestCase } from "./test_case.ts";

/** The flags of a connection, which the printed command repeats. */
export interface ConnectionFlags {
  /** `Name: value`. */
  readonly header?: readonly string[] | undefined;
  readonly tokenEnv?: string | undefined;
  readonly caFile?: string | undefined;
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
}

/**
 * Returns the command that repeats a call, for the user's shell: PowerShell on Windows. Like `curlCommand`, it contains no
 * secrets.
 */
export function callLine(
  url: string,
  { procedure, params }: Pick<TestCase, "procedure" | "params">,
  flags: ConnectionFlags = {},
  system: string = platform(),
): string {
  const { header = [], timeout } = flags;
  const word = (text: string) => shellWord(text, system);
  const option = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`${name} ${word(value)}`];
  // A name that begins with a dash would be read as a flag.
  const isFlag = procedure.name.startsWith("-");
  return commandWithJson(formatJsonText(params), {
    before: [
      "pyrpc call --no-check",
      ...header.map((text) => headerFlag(text, system)),
      ...option("--token-env", flags.tokenEnv),
      ...option("--ca-file", flags.caFile),
      ...option("--client-cert", flags.clientCert),
      ...option("--client-key", flags.clientKey),
      ...option("--timeout", timeout === undefined ? undefined : `${timeout}ms`),
    ],
    flag: { word: "--data", stdin: "--data -" },
    after: [...isFlag ? ["--"] : [], urlWord(url, system), word(procedure.name)],
  }, system);
}

// The user and password are read from variables.
function urlWord(text: string, system: string): string {
  const { authorization } = rpcUrl(text);
  if (authorization === undefined) return shellWord(text, system);
  const url = new URL(text);
  const rest = url.href.slice(url.href.indexOf(url.host, url.protocol.length + 2));
  const user = shellVariable("PYRPC_USER", system);
  const password = shellVariable("PYRPC_PASSWORD", system);
  return system === "win32"
    // A word that begins without quotes does not end at a quote in PowerShell.
    ? `"${url.protocol}//${user}:${password}@${escapedPart(rest)}"`
    : `${url.protocol}//"${user}:${password}"${shellWord(`@${rest}`, system)}`;
}
