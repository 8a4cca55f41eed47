import { defined } from "../defined.ts";
import { hideCredentials } from "../hide_credentials.ts";
import type { FirstWords, HttpAnswer } from "../http/mod.ts";
import { memberTexts, parseJsonText } from "../json/mod.ts";
import { failed, type Outcome, type ResponseOverride, type WireValue } from "../rpc/mod.ts";
import { isSameJson } from "../validate/mod.ts";

/** The answer of the upstream server to a call. */
export interface UpstreamAnswer {
  readonly outcome: Outcome;
  /** The reason why the answer is not one of a pyRPC server; absent for results and errors. */
  readonly broken?: string;
  /** The reason why the answer is not the one to this call. */
  readonly wrongId?: string;
  /** A refusal that only HTTP can express, such as a 401: the caller receives it as it is. */
  readonly refusal?: ResponseOverride;
}

/** Options of {@link readAnswer}. */
export interface ReadAnswerOptions {
  /** The id of the call. */
  readonly id: unknown;
  /** Returns the beginning of a body for people. */
  readonly firstWords: (answer: HttpAnswer) => FirstWords;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Statuses whose headers control the next request of a client. */
const REFUSALS = new Set([401, 403, 429]);

/** Reads the answer to one call. */
export function readAnswer(answer: HttpAnswer, options: ReadAnswerOptions): UpstreamAnswer {
  const { status, headers } = answer;
  const body = decoded(answer.body);
  const reply = body === undefined ? undefined : parsed(body);
  if (REFUSALS.has(status)) return refused(answer, reply, options);
  if (status >= 300 && status < 400) {
    const { location } = headers;
    return broken(
      answer,
      location === undefined
        ? "a redirect without a URL"
        : `a redirect to ${shownLocation(location)}: give the URL that it redirects to`,
    );
  }
  if (body === undefined || reply === undefined) {
    return broken(answer, notJson(answer, body), options);
  }
  if (typeof reply !== "object" || reply === null || Array.isArray(reply)) {
    return broken(answer, "JSON that is not an object", options);
  }
  const { error, result, id } = reply as Partial<Record<string, WireValue>>;
  const outcome = errorOutcome(error);
  if (outcome !== undefined) {
    if (result !== undefined && result !== null) return broken(answer, "a result and an error");
    // Python cannot name the call of a message that it could not read.
    return { outcome, ...(id === null ? {} : wrongId(id, options.id)) };
  }
  if (error !== null && error !== undefined) {
    return broken(answer, "an error without an integer code and a message", options);
  }
  if (result === undefined) return broken(answer, "JSON without result or error", options);
  if (status !== 200) return broken(answer, "a result, which pyRPC sends with status 200 only");
  // The text is passed on, since a number such as `2.0` would not survive parsing and formatting.
  const text = memberTexts(body).get("result");
  return {
    outcome: { ok: true, value: result, ...defined({ text }) },
    ...wrongId(id, options.id),
  };
}

// A location may be relative and repeat the query of the request.
function shownLocation(location: string): string {
  return hideCredentials(location).replace(/^\/\/[^/?#]*@/, "//").replace(/\?.*/s, "?…");
}

/** The answer for a server that did not send one, or not as pyRPC does. */
export function brokenAnswer(problem: string, words: readonly string[] = []): UpstreamAnswer {
  const message = `Proxy: ${[problem, ...words].join("; ")}`;
  return { outcome: failed({ kind: "internal", code: -32603, message }), broken: problem };
}

// The beginning of the body is for the caller only: violations that differ in a number would be different ones.
function broken(
  answer: HttpAnswer,
  found: string,
  options?: ReadAnswerOptions,
): UpstreamAnswer {
  const problem = `the upstream server answered ${statusOf(answer)} with ${found}`;
  return brokenAnswer(problem, options?.firstWords(answer).lines);
}

function statusOf({ status, statusText }: HttpAnswer): string {
  return status !== 200 && /^[\x20-\x7e]{1,60}$/.test(statusText)
    ? `${status} ${statusText}`
    : `${status}`;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

function parsed(body: string): unknown {
  try {
    return parseJsonText(body);
  } catch {
    return undefined;
  }
}

/** Other contents than UTF-8, by their first bytes. */
const MAGIC: readonly { readonly name: string; readonly start: readonly number[] }[] = [
  { name: "gzip data without a Content-Encoding header", start: [0x1f, 0x8b] },
  { name: "zstd data without a Content-Encoding header", start: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: "UTF-16 instead of UTF-8", start: [0xff, 0xfe] },
  { name: "UTF-16 instead of UTF-8", start: [0xfe, 0xff] },
  { name: "UTF-16 instead of UTF-8", start: [0x7b, 0x00] },
  { name: "UTF-16 instead of UTF-8", start: [0x00, 0x7b] },
];

function notJson(answer: HttpAnswer, body: string | undefined): string {
  const type = answer.headers["content-type"] ?? "";
  if (body === undefined || body.includes("\0")) {
    const known = MAGIC.find(({ start }) => start.every((byte, at) => answer.body[at] === byte));
    if (known !== undefined) return known.name;
  }
  if (body === undefined) {
    const charset = /\bcharset=["']?([\w.:-]+)/i.exec(type)?.[1];
    return charset === undefined || /^utf-?8$/i.test(charset)
      ? "invalid UTF-8"
      : `invalid UTF-8 (its charset is ${charset})`;
  }
  if (body.trim() === "") return "an empty body";
  if (body.startsWith("\ufeff")) return "a byte order mark before its JSON";
  // Python prints these, and no browser parses them.
  const number = /\b(?:NaN|Infinity)\b/.exec(body)?.[0];
  if (/^\s*[{[]/.test(body)) {
    return number === undefined ? "invalid JSON" : `${number}, which is not valid JSON`;
  }
  if (/\bhtml\b/i.test(type) || /^\s*<(?:!doctype|html|head|body)/i.test(body)) {
    return "an HTML page";
  }
  const media = /^\s*([\w.+-]+\/[\w.+-]+)/.exec(type)?.[1];
  return media === undefined || /json/i.test(media)
    ? "text that is not JSON"
    : `${media} instead of JSON`;
}

function errorOutcome(error: unknown): Outcome | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, message, data = null } = error as Partial<Record<string, WireValue>>;
  return Number.isInteger(code) && typeof message === "string"
    ? failed({ kind: "procedure", code: code as number, message, data })
    : undefined;
}

function wrongId(found: unknown, wanted: unknown): Pick<UpstreamAnswer, "wrongId"> {
  if (isSameJson(found ?? null, wanted)) return {};
  const text = (id: unknown) => id === undefined ? "none" : JSON.stringify(id, printBigint);
  return { wrongId: `its id is ${text(found)} instead of ${text(wanted)}` };
}

function printBigint(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function refused(
  answer: HttpAnswer,
  reply: unknown,
  { firstWords }: ReadAnswerOptions,
): UpstreamAnswer {
  const { status, headers, body } = answer;
  const { "www-authenticate": challenge, "retry-after": pause } = headers;
  const details = [
    ...(challenge === undefined ? [] : [`WWW-Authenticate: ${challenge}`]),
    ...(pause === undefined ? [] : [`Retry-After: ${pause}`]),
    ...firstWords(answer).lines,
  ];
  const message = [`Proxy: the upstream server answered ${statusOf(answer)}`, ...details];
  const { error } = Object(reply) as { readonly error?: unknown };
  return {
    outcome: errorOutcome(error) ??
      failed({ kind: "internal", code: -32603, message: message.join("; ") }),
    refusal: { status, headers: passedHeaders(headers), body },
  };
}

/** Headers of one connection, of the coded body, and those that this server sends itself. */
const NOT_PASSED =
  /^(?:connection|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*|content-length|content-encoding|date|vary|set-cookie|access-control-.*)$/;

function passedHeaders(headers: HttpAnswer["headers"]): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === "string" && !NOT_PASSED.test(name)) passed[name] = value;
  }
  // Lets pages of other origins read them too.
  passed["access-control-expose-headers"] = Object.keys(passed).join(", ");
  return passed;
}
