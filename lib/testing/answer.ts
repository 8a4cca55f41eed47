import type { FetchInit, FetchResponse } from "../client/pyrpc_client.ts";
import type { Contract } from "../contract/mod.ts";
import { parseJson } from "../json/mod.ts";
import {
  contractDocument,
  handleParsed,
  type MessageService,
  parseMessage,
  type RpcCall,
} from "../rpc/mod.ts";

/** The engine of a mock. */
export interface MockService extends MessageService {
  readonly contract: Contract;
}

/** An HTTP request, read completely. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** An HTTP response. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Answers a request as the HTTP server of `pyrpc mock` does. */
export async function answerRequest(
  service: MockService,
  { method, path, query, headers, body }: ReceivedRequest,
): Promise<Answer> {
  const isRpc = path.endsWith("/rpc");
  if (isRpc && method === "POST") {
    const incoming = parseMessage(service, body);
    const [first] = incoming.items;
    if (first !== undefined && first.call === undefined && first.refusal.kind === "parse") {
      return json(400, '{"error":"Invalid JSON"}');
    }
    const context = { transport: "http", remote: "", headers };
    return json(200, String(await handleParsed(service, incoming, context)));
  }
  if (isRpc && (method === "GET" || method === "HEAD")) {
    return json(200, contractDocument(service.contract, new URLSearchParams(query)));
  }
  const message = `Cannot ${method} ${path}`;
  return json(404, JSON.stringify({ error: "Not Found", message }));
}

/** Answers a call of `mock.client`. Without bytes and `Response`, which the jsdom environment of Jest lacks. */
export async function answerCall(
  service: MockService,
  { headers, body }: FetchInit,
): Promise<FetchResponse> {
  const { id, method, params } = parseJson(body) as RpcCall & { readonly id: string };
  const items = [{ call: { method, params }, id, oneWay: false }];
  const context = { transport: "http", remote: "", headers };
  const reply = String(await handleParsed(service, { batch: false, items }, context));
  return { ok: true, status: 200, headers: { get: () => null }, text: async () => reply };
}

function json(status: number, body: string): Answer {
  return { status, contentType: "application/json", body };
}
