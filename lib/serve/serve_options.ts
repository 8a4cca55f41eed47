import type { Contract } from "../contract/mod.ts";
import type { Console } from "../runtime/mod.ts";
import type {
  AdapterName,
  Framing,
  ListenAddress,
  NatsConnectionOptions,
  ProtocolName,
} from "../server/mod.ts";
import type { RequestLines, TraceSink } from "./log/mod.ts";
import type { ModeSettings } from "./serving_mode.ts";
import type { ServingSettings } from "./settings/mod.ts";

/** A server of the user's functions. */
export interface ServeOptions {
  readonly addresses: readonly ListenAddress[];
  readonly protocol: ProtocolName;
  /** Absolute path of the handlers file. */
  readonly handlers: string;
  readonly contract: Contract | undefined;
  readonly lax: boolean;
  readonly adapter: AdapterName;
  readonly framing?: Framing | undefined;
  /** Calls of one connection that run at a time. */
  readonly maxInFlight?: number | undefined;
  /** How connections are served; the event loop serves them without it. */
  readonly mode?: ModeSettings | undefined;
  readonly settings: ServingSettings;
  readonly nats?: NatsConnectionOptions | undefined;
  /** Format of the lines about calls that workers and children print. */
  readonly lines?: "text" | "json" | undefined;
}

/** Receives the output of a running server. */
export interface ServeOutput {
  readonly console: Console;
  readonly requests: RequestLines;
  readonly trace: TraceSink;
  readonly onRefusedOrigin: (origin: string) => void;
  note(text: string): void;
  warn(text: string): void;
  /** A changed handlers file could not be loaded; the previous version stays. */
  failed(error: unknown): void;
}
