import { isDjangoRefusal, JOIN_ROUTES, JOINED_ROUTES } from "../django_urls.ts";
import { serverError, type ToolError } from "../errors.ts";
import { hideCredentials } from "../hide_credentials.ts";
import type { HttpAnswer } from "./exchange.ts";

/** The beginning of a body, for an error message. */
export interface FirstWords {
  readonly isHtml: boolean;
  /** One line, or none for an empty body. */
  readonly lines: readonly string[];
}

const SHOWN = 160;

/** Returns the first words of an answer, without the tags of an HTML page, secrets, and credentials in URLs. */
export function firstWords(
  answer: Pick<HttpAnswer, "headers" | "body">,
  secrets: readonly string[],
): FirstWords {
  const start = new TextDecoder().decode(answer.body.subarray(0, 4096));
  const isHtml = /\bhtml\b/i.test(answer.headers["content-type"] ?? "") ||
    /^\s*<(?:!doctype|html|head|body|\?xml|!--)/i.test(start);
  let text = isHtml ? withoutTags(start) : start;
  for (const secret of secrets) text = text.replaceAll(secret, "***");
  text = hideCredentials(text).replace(/\s+/g, " ").trim();
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text;
  return { isHtml, lines: shown === "" ? [] : [`body: ${shown}`] };
}

/** The error for an answer to `GET /rpc`, or to a call, with a status other than 200. */
export function answerError(
  answer: HttpAnswer & { readonly where: string },
  secrets: readonly string[],
  asked: "contract" | "call",
): ToolError {
  const { status, where } = answer;
  const words = firstWords(answer, secrets).lines;
  const isDjango = isDjangoRefusal(status, new TextDecoder().decode(answer.body.subarray(0, 4096)));
  const phrase = /^[\x20-\x7e]{1,60}$/.test(answer.statusText) ? ` ${answer.statusText}` : "";
  return serverError({
    code: "SERVER_STATUS",
    message: `The server answered with status ${status}${phrase}`,
    where,
    details: words,
    ...(isDjango
      ? { fix: JOIN_ROUTES, snippet: JOINED_ROUTES }
      : { fix: status >= 500 && !isTemporary(status) ? causeOf(answer, asked) : fixOf(status) }),
  });
}

function fixOf(status: number): string | undefined {
  switch (status) {
    case 401:
    case 407:
      return "Pass credentials: --token-env NAME, or --header 'Authorization: …'";
    case 403:
      return "The server rejected the credentials: check --token-env and --header";
    case 404:
    case 405:
    case 501:
      return "Check the URL, and that pyRPC is mounted there (GET /rpc describes it)";
    default:
      return isTemporary(status)
        ? "Try again later, or retry automatically with --retries 3"
        : undefined;
  }
}

function isTemporary(status: number): boolean {
  return [429, 502, 503, 504].includes(status);
}

const CAUSES: readonly (readonly [RegExp, string])[] = [
  [
    /not JSON serializable|keys must be str|Out of range float/i,
    "a default that JSON cannot represent (an Enum, a date, a set)",
  ],
  [/is not fully defined/i, '"from __future__ import annotations"'],
  [/JsonSchema|JSON Schema/i, "a parameter or result without a JSON Schema"],
];

// One procedure makes the whole GET /rpc fail. In debug mode the answer contains the exception.
function causeOf({ body }: Pick<HttpAnswer, "body">, asked: "contract" | "call"): string {
  if (asked === "call") {
    return "See the server's log; Flask and bare ASGI cannot send a result that JSON cannot represent (a date, an Enum, a set)";
  }
  const text = new TextDecoder().decode(body);
  const found = CAUSES.find(([pattern]) => pattern.test(text));
  const cause = found === undefined
    ? `The likely causes in the backend are ${CAUSES[0]?.[1]}, ${CAUSES[1]?.[1]}, and ${
      CAUSES[2]?.[1]
    }`
    : `The cause in the backend is ${found[1]}`;
  return `${cause}: see the server's log, or run "pyrpc check MODULE" in its folder`;
}

function withoutTags(html: string): string {
  return html
    .replace(/<(script|style)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, " ")
    .replace(/<!--[\s\S]*?(?:-->|$)/g, " ")
    .replace(/<[^>]*(?:>|$)/g, " ");
}
