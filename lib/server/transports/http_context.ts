import type { IncomingMessage, ServerResponse } from "node:http";
import type { CallContext, MessageService, Reply, ResponseOverride } from "../../rpc/mod.ts";
import { remoteOf } from "./host_check.ts";

/** Context of a call over HTTP. Made for every call, read by few: members are computed on access. */
export class HttpContext implements CallContext {
  readonly transport = "http";
  readonly identity: unknown;
  readonly service: MessageService;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The reply, once it exists. */
  reply: Reply;
  /** The number of calls in the message. */
  calls = 1;
  #override: ResponseOverride | undefined;
  #overrides = 0;
  #controller: AbortController | undefined;

  constructor(
    service: MessageService,
    request: IncomingMessage,
    response: ServerResponse,
    identity: unknown,
  ) {
    this.service = service;
    this.request = request;
    this.response = response;
    this.identity = identity;
  }

  get remote(): string {
    return remoteOf(this.request.socket);
  }

  get headers(): IncomingMessage["headers"] {
    return this.request.headers;
  }

  /** The response to send instead of `reply`. */
  get override(): ResponseOverride | undefined {
    return this.#overrides === this.calls ? this.#override : undefined;
  }

  setCookie(cookie: string): void {
    if (!this.response.headersSent) this.response.appendHeader("set-cookie", cookie);
  }

  overrideResponse(response: ResponseOverride): void {
    this.#overrides++;
    this.#override ??= response;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = this.#controller = new AbortController();
      this.response.once("close", () => {
        if (!this.response.writableFinished) controller.abort();
      });
      if (this.response.destroyed) controller.abort();
    }
    return this.#controller.signal;
  }
}
