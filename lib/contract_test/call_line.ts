import { headerFlag } from "../call/mod.ts";
import { formatJsonText } from "../json/mod.ts";
import { rpcUrl } from "../rpc_url.ts";
import { shellWord } from "../shell_word.ts";
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

/** Returns the command that repeats a call, for a POSIX shell. Like `curlCommand`, it contains no secrets. */
export function callLine(
  url: string,
  { procedure, params }: Pick<TestCase, "procedure" | "params">,
  flags: ConnectionFlags = {},
): string {
  const { header = [], timeout } = flags;
  const option = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`${name} ${shellWord(value)}`];
  // A name that begins with a dash would be read as a flag.
  const isFlag = procedure.name.startsWith("-");
  return [
    "pyrpc call --no-check",
    ...header.map(headerFlag),
    ...option("--token-env", flags.tokenEnv),
    ...option("--ca-file", flags.caFile),
    ...option("--client-cert", flags.clientCert),
    ...option("--client-key", flags.clientKey),
    ...option("--timeout", timeout === undefined ? undefined : `${timeout}ms`),
    `--data ${shellWord(formatJsonText(params))}`,
    ...isFlag ? ["--"] : [],
    urlWord(url),
    shellWord(procedure.name),
  ].join(" ");
}

// The user and password are read from variables.
function urlWord(text: string): string {
  const { authorization } = rpcUrl(text);
  const url = new URL(text);
  const rest = url.href.slice(url.href.indexOf(url.host, url.protocol.length + 2));
  return authorization === undefined
    ? shellWord(text)
    : `${url.protocol}//"$PYRPC_USER:$PYRPC_PASSWORD"${shellWord(`@${rest}`)}`;
}
