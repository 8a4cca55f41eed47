import type { CallEvent, Dispatcher, MessageLimits, MessageService, Trace } from "../rpc/mod.ts";
import { contractDocument, jsonrpcProtocol, pyrpcProtocol } from "../rpc/mod.ts";
import { createExplorer, type Explorer } from "../explorer/mod.ts";
import { withDiscovery } from "../mock/mod.ts";
import { startStatistics, type Statistics } from "../proxy/mod.ts";
import type { Console } from "../runtime/mod.ts";
import type { HttpPage, HttpRoute } from "../server/mod.ts";
import { plainText } from "../terminal/mod.ts";
import type { MockSession } from "./session.ts";

/** Options of {@link MockEndpoints}. */
export interface EndpointOptions {
  /** Path of the pyRPC calls. @default "/rpc" */
  readonly path?: string | undefined;
  /** Serve the explorer. */
  readonly explorer: boolean;
  /** Levels of recursive types in the answer of `rpc.discover`. @default {Infinity} */
  readonly openrpcDepth?: number | undefined;
  readonly limits: MessageLimits;
  readonly trace: Trace | undefined;
  readonly observe: ((event: CallEvent) => void) | undefined;
}

/** Everything that a session serves: pyRPC, strict JSON-RPC 2.0, the contract and the explorer. */
export class MockEndpoints {
  readonly service: MessageService;
  readonly explorer: Explorer | undefined;
  readonly statistics: Statistics = startStatistics();
  readonly #session: MockSession;
  readonly #path: string;
  readonly #jsonrpc: MessageService;
  readonly #openrpcDepth: number | undefined;

  constructor(session: MockSession, options: EndpointOptions, console: Console) {
    this.#session = session;
    this.#path = options.path ?? "/rpc";
    this.#openrpcDepth = options.openrpcDepth;
    this.explorer = options.explorer
      ? createExplorer({
        contract: () => session.contract,
        rpcPath: this.#path,
        hasUpstream: session.upstream !== undefined,
        title: () => plainText(session.served.where),
        now: console.now,
      })
      : undefined;
    this.service = {
      protocol: pyrpcProtocol,
      dispatcher: session.dispatcher,
      limits: options.limits,
      trace: options.trace,
      observe: this.#observer(options.observe),
      now: console.monotonic,
    };
    this.#jsonrpc = {
      ...this.service,
      protocol: jsonrpcProtocol,
      dispatcher: this.#discovered(session.dispatcher),
    };
  }

  /** The routes of HTTP. */
  get routes(): readonly HttpRoute[] {
    return [
      { path: this.#path, service: this.service, document: this.document },
      { path: "/jsonrpc", service: this.#jsonrpc },
    ];
  }

  /** The pages of HTTP. */
  get pages(): readonly HttpPage[] {
    return this.explorer?.pages ?? [];
  }

  /** The answer to `GET /rpc`. */
  readonly document = (query: URLSearchParams) => contractDocument(this.#session.contract, query);

  /** Serves the state of the session after a reload. */
  update(): void {
    this.service.dispatcher = this.#session.dispatcher;
    this.#jsonrpc.dispatcher = this.#discovered(this.#session.dispatcher);
    this.explorer?.contractChanged();
  }

  #discovered(dispatcher: Dispatcher): Dispatcher {
    return withDiscovery(dispatcher, () => this.#session.contract, this.#openrpcDepth);
  }

  #observer(observe: EndpointOptions["observe"]): EndpointOptions["observe"] {
    const isProxy = this.#session.upstream !== undefined;
    if (!isProxy && this.explorer === undefined) return observe;
    return (event) => {
      if (isProxy) this.statistics.add(event);
      observe?.(event);
      this.explorer?.observe(event);
    };
  }
}
