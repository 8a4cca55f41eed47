import type { Selection } from "../contract/mod.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "@modelcontextprotocol/server";
import type { Console } from "../runtime/mod.ts";
import type { LoadOptions } from "../source/mod.ts";
import { ContractSource } from "./contract_source.ts";
import { standardInputTaken } from "./errors.ts";
import { redactor } from "./redactor.ts";
import { changedResources } from "./resources.ts";
import type { McpSession } from "./session.ts";

/** Options of {@link serveMcp}. */
export interface McpOptions {
  /** SOURCE of the contract (default: that of pyrpc.json or pyrpc-client.json). */
  readonly source: string | undefined;
  readonly load: LoadOptions;
  /** The procedures that agents see. @default all */
  readonly selection?: Selection | undefined;
  /** Procedures that may be called. */
  readonly allowCalls: readonly string[];
  readonly allowWrite: boolean;
  /** Serve streamable HTTP on this port of the loopback interface instead of standard input and output. */
  readonly http?: number | undefined;
  /** Resolves when the server shall end. */
  readonly ended: Promise<unknown>;
  /** Called with the URL of the HTTP server. */
  readonly listening: (url: string) => void;
}

/** Serves MCP until the client is gone or `ended` resolves. */
export async function serveMcp(options: McpOptions, console: Console): Promise<void> {
  if (options.source === "-") throw standardInputTaken();
  const source = new ContractSource(options.source, options.load, console, options.selection);
  const session: McpSession = {
    source,
    options: options.load,
    context: console,
    given: options.source,
    allowedCalls: options.allowCalls.includes("all") ? "all" : options.allowCalls,
    allowWrite: options.allowWrite,
    redact: redactor(options.load, () => source.found),
  };
  try {
    if (options.http === undefined) await serveStandardStreams(session, console, options.ended);
    else await serveHttp(session, options.http, options);
  } finally {
    await source.close();
  }
}

async function serveStandardStreams(
  session: McpSession,
  console: Console,
  ended: Promise<unknown>,
): Promise<void> {
  const { serveStdio, StdioServerTransport } = await import("@modelcontextprotocol/server/stdio");
  const { createMcpServer } = await import("./server.ts");
  // With the subscriptions of a connection of the older protocol; the SDK keeps those of the newer one.
  const servers = new Map<Server, ReadonlySet<string> | undefined>();
  session.source.onChange = (before, after) => {
    const uris = changedResources(before, after);
    for (const [server, subscribed] of servers) {
      notify(server, subscribed === undefined ? uris : uris.filter((uri) => subscribed.has(uri)));
    }
  };
  const transport = new StdioServerTransport(console.stdin.stream);
  const handle = serveStdio(({ era }) => {
    const subscribed = new Set<string>();
    const server = createMcpServer(session, subscribed);
    servers.set(server, era === "modern" ? undefined : subscribed);
    server.onclose = () => servers.delete(server);
    return server;
  }, { transport });
  const clientGone = new Promise<void>((resolve) => {
    // The transport closes itself after a message that is too long.
    const close = transport.close.bind(transport);
    transport.close = async () => {
      await close();
      resolve();
    };
    console.stdin.stream.once("close", resolve);
    console.stdin.stream.once("end", resolve);
  });
  await Promise.race([ended, clientGone]);
  await handle.close();
}

function notify(server: Server, uris: readonly string[]): void {
  // A connection that has not been initialized, or is gone, needs no notification.
  const ignore = () => {};
  server.sendResourceListChanged().catch(ignore);
  for (const uri of uris) server.sendResourceUpdated({ uri }).catch(ignore);
}

async function serveHttp(
  session: McpSession,
  port: number,
  { ended, listening }: McpOptions,
): Promise<void> {
  const [{ createServer }, sdk, { createMcpServer }, { toRequest, writeResponse }] = await Promise
    .all([
      import("node:http"),
      import("@modelcontextprotocol/server"),
      import("./server.ts"),
      import("./node_http.ts"),
    ]);
  const handler = sdk.createMcpHandler(() => createMcpServer(session));
  session.source.onChange = (before, after) => {
    handler.notify.resourcesChanged();
    for (const uri of changedResources(before, after)) handler.notify.resourceUpdated(uri);
  };
  const answer = async (message: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const request = toRequest(message, reply);
    // Binding to loopback does not protect from pages of a browser on this machine.
    const refusal = sdk.hostHeaderValidationResponse(request, sdk.localhostAllowedHostnames()) ??
      sdk.originValidationResponse(request, sdk.localhostAllowedOrigins());
    await writeResponse(refusal ?? await handler.fetch(request), reply);
  };
  const server = createServer((message, reply) => {
    answer(message, reply).catch(() => reply.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  listening(`http://127.0.0.1:${bound}/mcp`);
  await ended;
  await handler.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
