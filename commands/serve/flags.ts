import {
  choice,
  file,
  type FlagValues,
  grouped,
  integer,
  LAX_FLAG,
  NATS_FLAGS,
  parsePath,
  repeatable,
  RPYC_FLAGS,
  SERVING_FLAGS,
  SOURCE_FLAGS,
  url,
  value,
  withDefault,
} from "../../lib/cli/mod.ts";

/** Flags of `pyrpc serve`. */
export const SERVE_FLAGS = {
  handlers: file("Serve the functions that this TypeScript or JavaScript file exports"),
  transport: choice("Transport of the messages (default: http; rpyc: tcp)", [
    "http",
    "ws",
    "tcp",
    "unix",
    "stdio",
    "zmq",
  ]),
  protocol: withDefault(
    choice("Protocol of the calls", [
      "pyrpc",
      "jsonrpc",
      "jsonrpc-tinyrpc",
      "msgpackrpc",
      "rpyc",
    ]),
    "pyrpc",
  ),
  listen: repeatable(
    url("Listen at this URL, also nats://host/subject, instead of --transport; repeatable"),
  ),
  framing: choice("Message framing on streams (default: line; msgpackrpc: none)", [
    "line",
    "length",
    "none",
  ]),
  lax: LAX_FLAG,
  ...SERVING_FLAGS,
  path: value("Path of the calls (default: /rpc; ws: /ws), or of the Unix socket", parsePath, {
    placeholder: "path",
  }),
  ...grouped("Limit", {
    maxInFlight: integer("Maximum number of running calls per connection (default: 100)", {
      min: 1,
      max: 1_000_000,
    }),
  }),
  ...grouped("NATS", NATS_FLAGS),
  ...RPYC_FLAGS,
  ...SOURCE_FLAGS,
};

/** The values of {@link SERVE_FLAGS}. */
export type ServeFlags = FlagValues<typeof SERVE_FLAGS>;

/** Values of `--transport`: NATS has a URL instead. */
export type TransportName = NonNullable<ServeFlags["transport"]>;
