import type { IncomingMessage, ServerResponse } from "node:http";
import { stringifyJson } from "../json/mod.ts";
import type { Contract } from "../contract/mod.ts";
import type { CallEvent } from "../rpc/mod.ts";
import type { HttpPage } from "../server/mod.ts";
import { describeProcedure, listProcedures } from "./describe.ts";
import { LiveTrace } from "./live_trace.ts";
import { explorerPage } from "./page_response.ts";

/** Options of {@link createExplorer}. */
export interface ExplorerOptions {
  /** Returns the current contract. */
  readonly contract: () => Contract;
  /** Path of the calls, such as `/rpc`. */
  readonly rpcPath: string;
  /**
   * An upstream server executes the calls. Forms then start empty, and calls need a click.
   *
   * @default {false}
   */
  readonly hasUpstream?: boolean;
  /** The origin of the contract: a file, a URL. */
  readonly title: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The page that shows a contract, calls its procedures and traces all calls. */
export interface Explorer {
  /** `GET /explorer`, and `/` for a browser. */
  readonly pages: readonly HttpPage[];
  /** Traces a call. */
  observe(event: CallEvent): void;
  /** Makes open pages load the contract again. */
  contractChanged(): void;
  /** Closes the connections of open pages. */
  close(): void;
}

/** Path of the page. */
export const EXPLORER_PATH = "/explorer";

/** Makes the explorer of a contract: a page without requests to other servers, and the data that it loads. */
export function createExplorer(options: ExplorerOptions): Explorer {
  const { contract, rpcPath, hasUpstream = false, title, now } = options;
  const trace = new LiveTrace(now);
  const page = (path: string, handle: HttpPage["handle"]): HttpPage => ({
    method: "GET",
    path,
    handle,
  });
  const describe = async (request: IncomingMessage, response: ServerResponse) => {
    const query = new URLSearchParams((request.url ?? "").split("?")[1] ?? "");
    try {
      const found = await describeProcedure(
        contract(),
        query.get("name") ?? "",
        hasUpstream ? undefined : (query.get("example") ?? "").slice(0, 100),
      );
      if (found === undefined) send(request, response, 404, { error: "Not Found" });
      else send(request, response, 200, found);
    } catch (error) {
      send(request, response, 500, {
        error: error instanceof Error ? error.message : String(error),
      });
    }
  };
  return {
    pages: [
      page(EXPLORER_PATH, sendPage),
      {
        ...page("/", (_, response) => {
          response.writeHead(302, { location: EXPLORER_PATH, "content-length": "0" }).end();
        }),
        // Only browsers get the page: other clients get the answer of the upstream server.
        accepts: ({ headers }) => headers.accept?.includes("text/html") === true,
      },
      page(`${EXPLORER_PATH}/procedures`, (request, response) => {
        const procedures = listProcedures(contract());
        send(request, response, 200, { rpc: rpcPath, hasUpstream, title: title(), procedures });
      }),
      page(`${EXPLORER_PATH}/procedure`, (request, response) => void describe(request, response)),
      page(`${EXPLORER_PATH}/events`, (request, response) => trace.follow(request, response)),
    ],
    observe: (event) => trace.observe(event),
    contractChanged: () => trace.contractChanged(),
    close: () => trace.close(),
  };
}

function sendPage(request: IncomingMessage, response: ServerResponse): void {
  const { body, headers } = explorerPage();
  response.writeHead(200, {
    ...headers,
    "content-length": String(new TextEncoder().encode(body).length),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  value: unknown,
): void {
  const body = new TextEncoder().encode(stringifyJson(value));
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": String(body.length),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
