import type { TypedFlagParameter } from "@stricli/core";
import {
  type CliContext,
  NATS_FLAGS,
  type NatsFlags,
  RPYC_FLAGS,
  type RpycFlags,
  SERVING_FLAGS,
  type ServingFlags,
  SOURCE_FLAGS,
  type SourceFlags,
} from "../../lib/cli/mod.ts";
import type { Framing, ListenAddress, ProtocolName } from "../../lib/server/mod.ts";

/** Values of `--transport`: NATS has a URL instead. */
export type TransportName = Exclude<ListenAddress["transport"], "nats">;

/** Flags of `pyrpc serve`. */
export interface ServeFlags extends SourceFlags, ServingFlags, NatsFlags, RpycFlags {
  readonly handlers?: string;
  readonly transport?: TransportName;
  readonly protocol: ProtocolName | "rpyc";
  readonly listen?: readonly string[];
  readonly framing?: Framing;
  readonly lax: boolean;
}

type FlagsOf<T> = { readonly [K in keyof T]-?: TypedFlagParameter<T[K], CliContext> };

/** {@link ServeFlags} as data. */
export const SERVE_FLAGS: FlagsOf<ServeFlags> = {
  handlers: {
    kind: "parsed",
    parse: String,
    brief: "Serve the functions that this TypeScript or JavaScript file exports",
    optional: true,
    placeholder: "file",
  },
  transport: {
    kind: "enum",
    values: ["http", "ws", "tcp", "unix", "stdio", "zmq"],
    brief: "How messages travel (http; rpyc: tcp)",
    optional: true,
  },
  protocol: {
    kind: "enum",
    values: ["pyrpc", "jsonrpc", "msgpackrpc", "rpyc"],
    brief: "How calls are written",
    default: "pyrpc",
  },
  listen: {
    kind: "parsed",
    parse: String,
    brief:
      "Listen at this URL (nats://host/subject too) instead of --transport, --host, --port and --path; several times",
    variadic: true,
    optional: true,
    placeholder: "url",
  },
  framing: {
    kind: "enum",
    values: ["line", "length"],
    brief: "Message framing on stream transports (line for JSON, length for MessagePack)",
    optional: true,
  },
  lax: {
    kind: "boolean",
    brief: 'Take what Pydantic takes, such as "1" for an int',
    default: false,
    withNegated: false,
  },
  ...SERVING_FLAGS,
  ...NATS_FLAGS,
  ...RPYC_FLAGS,
  ...SOURCE_FLAGS,
};
