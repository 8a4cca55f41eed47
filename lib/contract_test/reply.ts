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
import { formatJsonText, parseJsonText } from "../json/mod.ts";
import { rpcUrl } from "../rpc_url.ts";
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
  | { readonly kind: "refused"; readonly error: ToolError };

/** The error in an answer. */
export interface CallFault {
  readonly code: number;
  readonly message: string;
  readonly data: unknown;
}

/** Sends one call and reads its answer; rejects if the server cannot be tested. */
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
      const kind = failureOf(error);
      if (kind === undefined) throw error;
      return kind === "refused" ? { kind, error: error as ToolError } : { kind };
    }
    // These statuses are about the whole server and not about the call.
    if ([401, 403, 407, 429].includes(answer.status)) throw answerError(answer, secrets, "call");
    const text = new TextDecoder().decode(answer.body).replace(/^\ufeff/, "");
    const words = () => firstWords(answer, secrets).lines;
    const isOk = answer.status >= 200 && answer.status < 300;
    if (!isOk) return { kind: "status", status: answer.status, words: words() };
    return readReply(text, id) ?? { kind: "foreign", rule: "not-an-answer", words: words() };
  };
}

function failureOf(error: unknown): "closed" | "timeout" | "refused" | undefined {
  const failure = error instanceof ToolError ? error.cause : undefined;
  if (!(failure instanceof HttpFailure) || failure.atProxy) return undefined;
  switch (failure.kind) {
    case "closed":
    case "not-http":
    case "bad-encoding":
      return "closed";
    case "timeout":
    case "idle":
      return "timeout";
    case "refused":
      return "refused";
    default:
      return undefined;
  }
}

function readReply(text: string, id: number): Reply | undefined {
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { error = null } = value;
  if (!Object.hasOwn(value, "result") && error === null) return undefined;
  if (Object.hasOwn(value, "id") && value["id"] !== id) {
    return {
      kind: "foreign",
      rule: "wrong-id",
      words: [`id: ${formatJsonText(value["id"])} instead of ${id}`],
    };
  }
  if (error === null) return { kind: "result", result: value["result"] };
  if (!isObject(error)) return undefined;
  const { code, message, data = null } = error;
  if (typeof code !== "number" || typeof message !== "string") return undefined;
  return { kind: "error", error: { code, message, data } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
