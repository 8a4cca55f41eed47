import { Buffer } from "node:buffer";
import { ToolError } from "../errors.ts";
import { CONTROL_HEADER } from "../mock/mod.ts";
import type { HttpAnswer, ServerConnection } from "../http/mod.ts";
import type { CallContext, RpcCall } from "../rpc/mod.ts";
import { formatJsonText } from "../json/mod.ts";
import { brokenAnswer, readAnswer, type UpstreamAnswer } from "./read_answer.ts";

/** The pyRPC server that a proxy forwards calls to. */
export interface Upstream {
  /** Sends a call once. Never rejects. */
  ask(call: RpcCall, context: CallContext): Promise<UpstreamAnswer>;
  close(): void;
}

// Headers that describe the call; others describe the connection or the proxy.
const FORWARDED = [
  "accept-language",
  "traceparent",
  "tracestate",
];
const NOT_FORWARDED = new Set([CONTROL_HEADER, "x-forwarded-host", "x-forwarded-for"]);

/** Options of {@link openUpstream}. */
export interface UpstreamOptions {
  /** Forward the `Authorization` header of callers: false if it is meant for the proxy itself. @default {true} */
  readonly forwardsAuthorization?: boolean;
  /** Forward cookies in both directions. Browsers send them to every port of a host. @default {true} */
  readonly forwardsCookies?: boolean;
}

/** Makes an {@link Upstream} of a connection. */
export function openUpstream(
  server: ServerConnection,
  { forwardsAuthorization = true, forwardsCookies = true }: UpstreamOptions = {},
): Upstream {
  const names = new Set([
    ...FORWARDED,
    ...(forwardsAuthorization ? ["authorization"] : []),
    ...(forwardsCookies ? ["cookie"] : []),
  ]);
  return {
    async ask(call, context) {
      const { headers } = context;
      let answer: HttpAnswer;
      try {
        answer = await server.send({
          method: "POST",
          body: messageOf(call),
          headers: [
            ...forwarded(names, headers),
            ["content-type", "application/json"],
            // The way is usually short: compressing an answer would only cost time.
            ["accept-encoding", "identity"],
          ],
        });
      } catch (error) {
        return noAnswer(error);
      }
      if (forwardsCookies) {
        for (const cookie of answer.headers["set-cookie"] ?? []) {
          context.setCookie?.(withoutDomain(cookie));
        }
      }
      const { message, messageId = null } = call;
      return readAnswer(answer, {
        id: message === undefined ? OWN_ID : messageId,
        firstWords: server.firstWords,
      });
    },
    close: () => server.close(),
  };
}

/** The id of calls that arrived in another envelope than pyRPC's. */
const OWN_ID = 1;

// Forwards the bytes that the caller sent, if available: a number such as `2.0` would not survive parsing and formatting.
function messageOf({ method, params, message }: RpcCall): Uint8Array {
  return message ??
    Buffer.from(
      formatJsonText(params === null ? { id: OWN_ID, method } : { id: OWN_ID, method, params }),
    );
}

function forwarded(
  names: ReadonlySet<string>,
  headers: CallContext["headers"] = {},
): [name: string, value: string][] {
  const lines: [string, string][] = [];
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    const isForwarded = names.has(name) || (name.startsWith("x-") && !NOT_FORWARDED.has(name));
    if (isForwarded && typeof value === "string") lines.push([name, value]);
  }
  return lines;
}

// Browsers reject a cookie for another host than the one that they asked.
function withoutDomain(cookie: string): string {
  return cookie.replace(/;\s*domain=[^;]*/gi, "");
}

/** Errors about an answer that arrived. */
const UNUSABLE = new Set(["SERVER_ENCODING", "SERVER_NOT_HTTP", "SOURCE_TOO_LARGE"]);

function noAnswer(error: unknown): UpstreamAnswer {
  const { message } = error as Error;
  const details = error instanceof ToolError ? error.details : [];
  const has = error instanceof ToolError && UNUSABLE.has(error.code);
  return brokenAnswer(
    `the upstream server ${has ? "sent an unusable answer" : "did not answer"}: ${
      [message, ...details].join(". ")
    }`,
  );
}
