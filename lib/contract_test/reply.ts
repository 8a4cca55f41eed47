import { Buffer } from "node:buffer";
import { ToolError } from "../errors.ts";
import {
  answerError,
  askServer,
  firstWords,
  type HttpContext,
  HttpFailure,
  type HttpOptions,
  secretsOf,
} from "../http/mod.ts";
import { isObject } from "../is_object.ts";
import { formatJsonText, parseJsonText } from "../json/mod.ts";
import { rpcUrl } from "../rpc_url.ts";
import { tooManyCalls } from "./errors.ts";
import type { TestCase } from "./test_case.ts";

/** The reaction of a server to a call. */
export type Reply =
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "error"; readonly error: CallFault }
  /** Another HTTP status than 2xx, without an answer of pyRPC. */
  | { readonly kind: "status"; readonly status: number; readonly words: readonly string[] }
  /** Not an answer of pyRPC. */
  | {
    readonly kind: "foreign";
    readonly rule: "not-an-answer" | "wrong-id";
    readonly words: readonly string[];
  }
  | { readonly kind: "closed" | "timeout" }
  /** The answer is larger than the limit. */
  | { readonly kind: "too-large"; readonly words: readonly string[] }
  /** Credentials or another URL are demanded: for all calls, or for this one only. */
  | { readonly kind: "denied"; readonly error: ToolError }
  | { readonly kind: "refused"; readonly error: ToolError };

/** The error in an answer. */
export interface CallFault {
  readonly code: number;
  readonly message: string;
  readonly data: unknown;
}

/** Sends one call and reads its answer; rejects if the server cannot be tested further. */
export type SendCall = (id: number, one: Pick<TestCase, "procedure" | "params">) => Promise<Reply>;

/** Sends calls to a URL, each on a connection of its own: a kept one may be closed between two calls. */
export function httpSender(url: string, options: HttpOptions, context: HttpContext): SendCall {
  const target = rpcUrl(url);
  const secrets = secretsOf(target, options);
  return async (id, { procedure, params }) => {
    const message = { jsonrpc: "2.0", id, method: procedure.name, params };
    const body = Buffer.from(formatJsonText(message), "utf8");
    const headers = [["content-type", "application/json"]] as const;
    let answer;
    try {
      answer = await askServer({ method: "POST", target, headers, body }, options, context);
    } catch (error) {
      const reply = replyOfFailure(error);
      if (reply === undefined) throw error;
      return reply;
    }
    if ([401, 403, 407].includes(answer.status)) {
      return { kind: "denied", error: answerError(answer, secrets, "call") };
    }
    // Further calls would be rejected as well.
    if (answer.status === 429) throw tooManyCalls(answer.where);
    const words = () => firstWords(answer, secrets).lines;
    const isOk = answer.status >= 200 && answer.status < 300;
    if (!isOk) return { kind: "status", status: answer.status, words: words() };
    return readReply(answer.body, id) ?? { kind: "foreign", rule: "not-an-answer", words: words() };
  };
}

function replyOfFailure(error: unknown): Reply | undefined {
  if (!(error instanceof ToolError)) return undefined;
  if (error.code === "SERVER_REDIRECT") return { kind: "denied", error };
  const failure = error.cause;
  if (!(failure instanceof HttpFailure) || failure.atProxy) return undefined;
  switch (failure.kind) {
    case "closed":
    case "not-http":
      return { kind: "closed" };
    case "bad-encoding":
      return { kind: "foreign", rule: "not-an-answer", words: [error.message] };
    case "timeout":
    case "idle":
      return { kind: "timeout" };
    case "too-large":
      return { kind: "too-large", words: [error.message] };
    case "refused":
      return { kind: "refused", error };
    default:
      return undefined;
  }
}

function readReply(body: Uint8Array, id: number): Reply | undefined {
  let value: unknown;
  try {
    // JSON is UTF-8; a decoder removes a byte order mark.
    value = parseJsonText(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { error = null } = value;
  if (!Object.hasOwn(value, "result") && error === null) return undefined;
  if (value["id"] !== id) {
    const found = Object.hasOwn(value, "id") ? `id: ${formatJsonText(value["id"])}` : "no id";
    return { kind: "foreign", rule: "wrong-id", words: [`${found} instead of ${id}`] };
  }
  // Clients read either of both.
  if (error !== null && (value["result"] ?? null) !== null) return undefined;
  if (error === null) return { kind: "result", result: value["result"] };
  if (!isObject(error)) return undefined;
  const { code, message, data = null } = error;
  if (typeof code !== "number" || typeof message !== "string") return undefined;
  return { kind: "error", error: { code, message, data } };
}
