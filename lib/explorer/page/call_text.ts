/** A call as text: a headline of its outcome, and code of other programs. @module */

import { commandWithJson, shellVariable, shellWord } from "../../shell_syntax.ts";

/** A call that can be sent. */
export interface Call {
  readonly url: string;
  readonly method: string;
  /** Arguments by name as JSON text without whitespace between tokens: numbers keep their digits. */
  readonly params: string;
  /** The call needs a token, which no code contains. */
  readonly needsToken: boolean;
}

/** The variable with the token, in code. */
const TOKEN_VARIABLE = "PYRPC_TOKEN";

/** The message of a call. */
export function bodyOf({ method, params }: Pick<Call, "method" | "params">): string {
  return `{"id":1,"method":${JSON.stringify(method)},"params":${params}}`;
}

/** A `pyrpc call` command, for PowerShell (`win32`) or a POSIX shell. */
export function pyrpcCallOf({ url, method, params, needsToken }: Call, system: string): string {
  const after = [
    ...needsToken ? [`--token-env ${TOKEN_VARIABLE}`] : [],
    ...method.startsWith("-") ? ["--"] : [],
    shellWord(url, system),
    shellWord(method, system),
  ];
  if (params === "{}") return ["pyrpc call", ...after].join(" ");
  const flag = { word: "--data", stdin: "--data -" };
  return commandWithJson(params, { before: ["pyrpc call"], flag, after }, system);
}

/** A curl command, for PowerShell (`win32`) or a POSIX shell. */
export function curlOf(call: Call, system: string): string {
  const isWindows = system === "win32";
  const newLine = isWindows ? "" : "\\\n  ";
  const token = `authorization: Bearer ${shellVariable(TOKEN_VARIABLE, system)}`;
  const before = [
    // In Windows PowerShell 5.1, `curl` is another command.
    isWindows ? "curl.exe -s" : "curl -s",
    shellWord(call.url, system),
    `-H ${shellWord("content-type: application/json", system)}`,
    ...call.needsToken ? [`${newLine}-H "${token}"`] : [],
  ];
  const flag = { word: `${newLine}-d`, stdin: '--data-binary "@-"' };
  return commandWithJson(bodyOf(call), { before, flag }, system);
}

/** Code for a TypeScript client. */
export function clientCallOf({ url, method, params, needsToken }: Call): string {
  const isNested = method.split(".").every((part) => IDENTIFIER.test(part) && !OWN.has(part));
  const access = isNested ? `.${method}` : `[${JSON.stringify(method)}]`;
  const options = [
    `baseUrl: ${JSON.stringify(url.replace(/\/rpc$/, ""))}`,
    ...needsToken ? ["headers: { authorization: `Bearer ${token}` }"] : [],
  ];
  return `import { createClient } from "@pyrpc/client";\nimport type { Types } from "@pyrpc/types";\n\n` +
    `const client = createClient<Types>({ ${options.join(", ")} });\n` +
    `const result = await client${access}(${params === "{}" ? "" : params});`;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
/** Names that the client does not nest. */
const OWN = new Set([
  "then",
  "toJSON",
  ...Object.getOwnPropertyNames(Function.prototype),
  ...Object.getOwnPropertyNames(Object.prototype),
]);

/** A duration: `1.5 ms`, `143 ms`, `2.1 s`. */
export function durationText(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
