import type { IncomingMessage, ServerResponse } from "node:http";

/** Options of the plugin. */
export interface PyrpcOptions {
  /**
   * The backend's address, a schema file or a Python module; paths are relative to Vite's `root`.
   *
   * @default {the server of `pyrpc-client.json`, `PYRPC_SERVER_URL`, or the backend that writes the types itself}
   */
  readonly source?: string;
  /** Forward `/rpc` of the development server and of `vite preview` to the backend. @default {true} */
  readonly proxy?: boolean;
  /** Answer `/rpc` with a mock of the contract instead of the backend. @default {false} */
  readonly mock?: boolean | MockSettings;
  /** The reaction of `vite build` to types that do not match the contract. @default {"fail"} */
  readonly stale?: "fail" | "warn" | "ignore";
  /** Show breaking changes of the contract in Vite's overlay, instead of the terminal only. @default {true} */
  readonly overlay?: boolean;
  /** Pause between two polls of the backend, in milliseconds. @default {500} */
  readonly interval?: number;
  /** Headers for requests to the backend for its contract, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Settings of the mock. */
export interface MockSettings {
  /** Seed of the sample values. */
  readonly seed?: string;
  /** A file of examples and collections, as `pyrpc mock --examples` reads it. */
  readonly examples?: string;
}

/** The parts of Vite's logger that the plugin uses. */
export interface ViteLogger {
  info(message: string, options?: { timestamp?: boolean }): void;
  warn(message: string, options?: { timestamp?: boolean }): void;
  error(message: string, options?: { timestamp?: boolean }): void;
}

/** The parts of Vite's configuration that the plugin uses. */
export interface ViteConfig {
  readonly root: string;
  readonly command: "build" | "serve";
  readonly logger: ViteLogger;
}

/** A handler of Vite's middleware stack. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
) => void;

/** The parts of Vite's preview server that the plugin uses. */
export interface VitePreviewServer {
  readonly middlewares: { use(path: string, handler: Middleware): unknown };
}

/** The parts of Vite's development server that the plugin uses. */
export interface ViteDevServer extends VitePreviewServer {
  readonly ws: { send(payload: OverlayPayload): void };
  /** From Vite 6. */
  readonly environments?: Readonly<Record<string, unknown>>;
}

/** Messages to Vite's client: the overlay with an error, and its removal. */
export type OverlayPayload =
  | {
    readonly type: "error";
    readonly err: { readonly message: string; readonly stack: string; readonly plugin: string };
  }
  | { readonly type: "update"; readonly updates: [] };

/** The configuration that the plugin reads and adds. */
export interface ViteUserConfig {
  readonly root?: string;
  readonly server?: {
    readonly proxy?: Readonly<Record<string, unknown>>;
  };
}

/** The hooks of the plugin. */
export interface PyrpcPlugin {
  readonly name: string;
  config(config: ViteUserConfig): Promise<ViteUserConfig | undefined>;
  configResolved(config: ViteConfig): void;
  configureServer(server: ViteDevServer): void;
  configurePreviewServer(server: VitePreviewServer): void;
  buildStart(): Promise<void>;
  buildEnd(this: { readonly environment?: unknown }): void;
}
