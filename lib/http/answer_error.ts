import { isDjangoRefusal, JOIN_ROUTES, JOINED_ROUTES } from "../django_urls.ts";
import { serverError, type ToolError } from "../errors.ts";
import type { HttpAnswer } from "./exchange.ts";

/** The beginning of a body, for an error message. */
export interface FirstWords {
  readonly isHtml: boolean;
  /** One line, or none for an empty body. */
  readonly lines: readonly string[];
}

const SHOWN = 160;

/** Returns the first words of an answer, without the tags of an HTML page and without secrets. */
export function firstWords(
  answer: Pick<HttpAnswer, "headers" | "body">,
  secrets: readonly string[],
): FirstWords {
  const start = new TextDecoder().decode(answer.body.subarray(0, 4096));
  const isHtml = /\bhtml\b/i.test(answer.headers["content-type"] ?? "") ||
    /^\s*<(?:!doctype|html|head|body|\?xml|!--)/i.test(start);
  let text = isHtml ? withoutTags(start) : start;
  for (const secret of secrets) text = text.replaceAll(secret, "***");
  text = text.replace(/\s+/g, " ").trim();
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text;
  return { isHtml, lines: shown === "" ? [] : [`body: ${shown}`] };
}

/** The error for an answer with a status other than 200. */
export function answerError(
  answer: HttpAnswer & { readonly where: string },
  secrets: readonly string[],
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
    ...(isDjango ? { fix: JOIN_ROUTES, snippet: JOINED_ROUTES } : { fix: fixOf(status) }),
  });
}

function fixOf(status: number): string | undefined {
  switch (status) {
    case 401:
    case 407:
      return "Give credentials: --token-env NAME, or --header 'Authorization: …'";
    case 403:
      return "The server refuses: check the credentials (--token-env, --header)";
    case 404:
    case 405:
    case 501:
      return "Check the URL, and that pyRPC is mounted there (GET /rpc describes it)";
    case 429:
    case 502:
    case 503:
    case 504:
      return "Try again later, or let --retries do it";
    default:
      return status >= 500
        ? "Look at the server's log: one parameter without a JSON Schema makes the whole GET /rpc fail"
        : undefined;
  }
}

function withoutTags(html: string): string {
  return html
    .replace(/<(script|style)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, " ")
    .replace(/<!--[\s\S]*?(?:-->|$)/g, " ")
    .replace(/<[^>]*(?:>|$)/g, " ");
}
