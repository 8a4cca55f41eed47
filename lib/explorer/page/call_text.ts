/** A call as text: a headline of its outcome, and code of other programs. @module */

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

/** A `pyrpc call` command. */
export function pyrpcCallOf({ url, method, params, needsToken }: Call): string {
  const data = params === "{}" ? "" : ` --data ${quoted(params)}`;
  const token = needsToken ? ` --token-env ${TOKEN_VARIABLE}` : "";
  const escape = method.startsWith("-") ? " --" : "";
  return `pyrpc call${data}${token}${escape} ${quoted(url)} ${quoted(method)}`;
}

/** A curl command. */
export function curlOf(call: Call): string {
  const token = call.needsToken ? ` \\\n  -H "authorization: Bearer $${TOKEN_VARIABLE}"` : "";
  return `curl -s ${quoted(call.url)} -H 'content-type: application/json'${token} \\\n  -d ${
    quoted(bodyOf(call))
  }`;
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

// In a shell, single quotes quote everything except themselves.
function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A duration: `1.5 ms`, `143 ms`, `2.1 s`. */
export function durationText(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
