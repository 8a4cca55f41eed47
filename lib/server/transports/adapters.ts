import type { IncomingHttpHeaders } from "node:http";
import { isObject } from "../../is_object.ts";
import { formatJsonText, isDeeperThan, parseJsonText } from "../../json/mod.ts";
import { DEFAULT_MESSAGE_LIMITS, type Incoming } from "../../rpc/mod.ts";
import {
  asgiPreflight,
  asgiResponseStyle,
  type HttpAnswer,
  type HttpResponseStyle,
  isUnreadable,
  UPSTREAM_CORS,
} from "./response_styles.ts";
import { pythonJsonError } from "./python_json_error.ts";

/** The servers of pyRPC that can be imitated. */
export type AdapterName = "asgi" | "fastapi" | "flask";

/** The response style of an adapter: its answers to wrong requests. CORS is the same for each, and the server's own. */
export function responseStyleOf(adapter: AdapterName): HttpResponseStyle {
  switch (adapter) {
    case "asgi":
      return asgiResponseStyle();
    case "fastapi":
      return withCors(FASTAPI);
    case "flask":
      return withCors(FLASK);
  }
}

type BareResponseStyle = Omit<HttpResponseStyle, "cors" | "anyPath">;

function withCors(style: BareResponseStyle): HttpResponseStyle {
  return {
    ...style,
    anyPath: false,
    cors: UPSTREAM_CORS,
    // The application in front of the adapter answers a browser's preflight request.
    options: (requested, isPreflight) =>
      isPreflight ? asgiPreflight(requested) : style.options(requested, isPreflight),
  };
}

const FASTAPI: BareResponseStyle = {
  options: () => fastapiMethodNotAllowed(),
  unknownPath(_method, path, host) {
    // Starlette redirects a path with a trailing slash.
    if (path === "/rpc/") {
      return { status: 307, headers: { location: `http://${host ?? "localhost"}/rpc` }, body: "" };
    }
    return { status: 404, body: '{"detail":"Not Found"}' };
  },
  unknownMethod: fastapiMethodNotAllowed,
  refuse: refuseAsFastapi,
};

function fastapiMethodNotAllowed(): HttpAnswer {
  return { status: 405, headers: { allow: "POST" }, body: '{"detail":"Method Not Allowed"}' };
}

// FastAPI validates the body as `dict[str, Any] | list[dict[str, Any]]` before pyRPC sees it.
function refuseAsFastapi(
  message: Uint8Array,
  incoming: Incoming,
  headers: IncomingHttpHeaders,
): HttpAnswer | undefined {
  if (message.length === 0) {
    return unprocessable([{ type: "missing", loc: ["body"], msg: "Field required", input: null }]);
  }
  const isJson = /^application\/(?:[^\s;]*\+)?json\s*(?:;|$)/i.test(headers["content-type"] ?? "");
  // A body without the content type of JSON is a text.
  if (!isJson) return unprocessable(notDictOrList(textOf(message)));
  if (isUnreadable(incoming)) {
    const text = textOf(message);
    // Python guesses the encoding of invalid UTF-8, and finds no value at its start.
    const found = text.includes("\ufffd") ? undefined : pythonJsonError(text);
    const { position, message: error } = found ?? { position: 0, message: "Expecting value" };
    return unprocessable([{
      type: "json_invalid",
      loc: ["body", position],
      msg: "JSON decode error",
      input: {},
      ctx: { error },
    }]);
  }
  if (incoming.items.every((item) => item.call !== undefined)) return undefined;
  // The protocol refuses values that are too deep, or that only Python reads as JSON (`NaN`), call by call.
  if (isDeeperThan(message, DEFAULT_MESSAGE_LIMITS.maxDepth)) return undefined;
  let body: unknown;
  try {
    body = parseJsonText(textOf(message));
  } catch {
    return undefined;
  }
  if (!Array.isArray(body)) return isObject(body) ? undefined : unprocessable(notDictOrList(body));
  const wrong = [...body.entries()].filter(([, item]) => !isObject(item)).slice(0, MAX_ERRORS);
  if (wrong.length === 0) return undefined;
  return unprocessable([
    { ...NOT_DICT, input: body },
    ...wrong.map(([index, item]) => ({
      ...NOT_DICT,
      loc: ["body", "list[dict[str,any]]", index],
      input: item,
    })),
  ]);
}

// Bounds the reply, which would otherwise be many times larger than the body.
const MAX_ERRORS = 1000;

const NOT_DICT = {
  type: "dict_type",
  loc: ["body", "dict[str,any]"],
  msg: "Input should be a valid dictionary",
};

function notDictOrList(input: unknown): readonly object[] {
  return [{ ...NOT_DICT, input }, {
    type: "list_type",
    loc: ["body", "list[dict[str,any]]"],
    msg: "Input should be a valid list",
    input,
  }];
}

function unprocessable(detail: readonly object[]): HttpAnswer {
  return { status: 422, body: formatJsonText({ detail }) };
}

const FLASK: BareResponseStyle = {
  options: () => ({ ...page(200, ""), headers: { allow: FLASK_METHODS } }),
  unknownPath: () =>
    page(
      404,
      "Not Found",
      "The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.",
    ),
  unknownMethod: () => ({
    ...page(405, "Method Not Allowed", "The method is not allowed for the requested URL."),
    headers: { allow: FLASK_METHODS },
  }),
  refuse: (message, incoming) =>
    message.length === 0 || isUnreadable(incoming)
      ? page(
        400,
        "Bad Request",
        "The browser (or proxy) sent a request that this server could not understand.",
      )
      : undefined,
};

const FLASK_METHODS = "POST, HEAD, GET, OPTIONS";

function page(status: number, title: string, text = ""): HttpAnswer {
  const body = title === ""
    ? ""
    : `<!doctype html>\n<html lang=en>\n<title>${status} ${title}</title>\n<h1>${title}</h1>\n<p>${text}</p>\n`;
  return { status, body, contentType: "text/html; charset=utf-8" };
}

function textOf(message: Uint8Array): string {
  return new TextDecoder().decode(message);
}
