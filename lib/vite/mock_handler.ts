import { resolve } from "node:path";
import type { Contract } from "../contract/mod.ts";
import { defined } from "../defined.ts";
import { createMockDispatcher, exampleResolver, samplerOf } from "../mock/mod.ts";
import {
  parseExamples,
  readExamplesFile,
  readSnapshot,
  snapshotPath,
  writeSnapshot,
} from "../mock/files/mod.ts";
import { contractDocument, type MessageService, pyrpcProtocol } from "../rpc/mod.ts";
import { asgiResponseStyle, httpHandler } from "../server/mod.ts";
import { classifySource, type LoadContext, type LoadedSource } from "../source/mod.ts";
import type { Middleware, MockSettings } from "./options.ts";

/** Options of {@link MockHandler}. */
export interface MockHandlerOptions {
  readonly settings: MockSettings;
  readonly context: Pick<LoadContext, "cwd" | "env">;
  readonly random: () => number;
  readonly warn: (line: string) => void;
}

/** Answers `/rpc` as `pyrpc mock` does, in the process of the development server. */
export class MockHandler {
  readonly #options: MockHandlerOptions;
  #contract: Contract | undefined;
  #handle: ReturnType<typeof httpHandler> | undefined;

  constructor(options: MockHandlerOptions) {
    this.#options = options;
  }

  /** Serves a contract from now on, and caches that of a server. Never rejects: errors are printed. */
  async serve({ contract, kind }: LoadedSource, source: string): Promise<void> {
    await this.#serve(contract);
    const path = this.#cachePath(source);
    if (kind !== "url" || path === undefined) return;
    await writeSnapshot(path, contract).catch(({ message }: Error) =>
      this.#options.warn(`The contract could not be cached: ${message}`)
    );
  }

  /** Serves the cached contract of a server that has not answered yet. */
  async serveCached(source: string): Promise<void> {
    const path = this.#cachePath(source);
    const cached = path === undefined ? undefined : await readSnapshot(path);
    if (cached !== undefined && this.#contract === undefined) await this.#serve(cached.contract);
  }

  /** The handler for the path `/rpc`. */
  readonly middleware: Middleware = (request, response, next) => {
    // The path below the one that the handler is mounted at.
    if (!/^\/?(?:\?|$)/.test(request.url ?? "")) return next();
    if (this.#handle !== undefined) return void this.#handle(request, response);
    response.statusCode = 503;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({
      error: "Service Unavailable",
      message:
        "The mock has no contract yet: start the backend once, or set `source` to a schema file",
    }));
  };

  async #serve(contract: Contract): Promise<void> {
    const { settings: { seed, examples }, context, random, warn } = this.#options;
    this.#contract = contract;
    try {
      const sampler = samplerOf({ random, warn, ...defined({ seed }) });
      const where = examples === undefined ? undefined : resolve(context.cwd, examples);
      const text = where === undefined ? undefined : await readExamplesFile(where);
      // A later contract may have arrived while the file was read.
      if (this.#contract !== contract) return;
      const resolvers = where === undefined || text === undefined
        ? []
        : [exampleResolver(parseExamples(text, { contract, sampler, where }))];
      const service: MessageService = {
        protocol: pyrpcProtocol,
        dispatcher: createMockDispatcher({ contract, resolvers, sampler, random, warn }),
      };
      const document = (query: URLSearchParams) => contractDocument(contract, query);
      this.#handle = httpHandler({
        // Vite has checked the host and the origin.
        host: "0.0.0.0",
        origins: { policy: "any" },
        responseStyle: asgiResponseStyle(),
        routes: [{ path: "/", service, document }],
      });
    } catch (error) {
      warn(error instanceof Error ? error.message : String(error));
    }
  }

  #cachePath(source: string): string | undefined {
    const { cwd, env } = this.#options.context;
    const classified = classifySource(source, cwd);
    return classified.kind === "url" ? snapshotPath(classified.url, env) : undefined;
  }
}
