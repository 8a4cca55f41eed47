import { Buffer } from "node:buffer";
import { memberTexts } from "../json/mod.ts";
import type { HttpContext, HttpOptions } from "../http/mod.ts";
import { rpcUrl } from "../rpc_url.ts";
import { notACallAnswer } from "./errors.ts";

/** One call of a procedure. */
export interface ServerCall {
  readonly procedure: string;
  /** `params` as JSON text: numbers keep every digit. */
  readonly params: string;
}

/** A server's answer to a call; texts are JSON exactly as the server wrote it. */
export type CallAnswer =
  | { readonly ok: true; readonly result: string }
  | {
    readonly ok: false;
    readonly error: { readonly code: number; readonly message: string; readonly data: string };
  };

/** The body of a call, the same as that of `lib/client`. */
export function callBody({ procedure, params }: ServerCall): string {
  return `{"jsonrpc":"2.0","id":1,"method":${JSON.stringify(procedure)},"params":${params}}`;
}

/**
 * Calls a procedure with `POST /rpc`. Retries only if the server was not reached at all.
 *
 * @throws ToolError exit code 5 if the server does not answer, or not as pyRPC does
 */
export async function callServer(
  url: string,
  call: ServerCall,
  options: HttpOptions,
  context: HttpContext,
): Promise<CallAnswer> {
  const target = rpcUrl(url);
  const { answerError, askServer, firstWords, secretsOf } = await import("../http/mod.ts");
  const answer = await askServer(
    {
      method: "POST",
      target,
      headers: [["content-type", "application/json"]],
      body: Buffer.from(callBody(call), "utf8"),
    },
    options,
    context,
  );
  const text = Buffer.from(answer.body).toString("utf8").replace(/^\ufeff/, "");
  const read = readAnswer(text);
  if (read !== undefined) return read;
  const secrets = secretsOf(target, options);
  if (answer.status < 200 || answer.status > 299) throw answerError(answer, secrets, "call");
  const { lines } = firstWords(answer, secrets);
  throw notACallAnswer(answer.where, [`status ${answer.status}`, ...lines]);
}

function readAnswer(text: string): CallAnswer | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const members = memberTexts(text);
  const error = own(value, "error");
  if (typeof error === "object" && error !== null) {
    const code = own(error, "code");
    const message = own(error, "message");
    if (typeof code !== "number" || typeof message !== "string") return undefined;
    const data = memberTexts(members.get("error") ?? "{}").get("data") ?? "null";
    return { ok: false, error: { code, message, data } };
  }
  const result = members.get("result");
  // An answer of another framework, such as `{"detail": …}`, has no result.
  return result === undefined || (error !== undefined && error !== null)
    ? undefined
    : { ok: true, result };
}

function own(value: object, key: string): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
