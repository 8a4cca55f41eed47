import {
  choice,
  duration,
  file,
  type FlagValues,
  grouped,
  integer,
  toggle,
  value,
} from "./builders.ts";
import { REGISTER_FLAGS } from "./register.ts";

/** Names of the connection modes; anything else is a file. */
const MODE_NAMES = [
  "threaded",
  "forking",
  "pool",
  "oneshot",
  "stdio",
  "async",
  "sync",
] as const;

const MODES = grouped("Connection mode", {
  mode: value(
    "threaded (RPyC), async (others), forking, pool, sync, oneshot, stdio, or ./mode.ts",
    parseMode,
    { alias: "m", placeholder: "mode", completions: MODE_NAMES },
  ),
  poolSize: integer("Workers of --mode pool (default: 20)", { min: 1, max: 10_000 }),
  poolPolicy: choice("Drop or queue connections while the pool is busy (default: drop)", [
    "drop",
    "queue",
  ]),
  poolGrace: duration("Time to wait for a free worker before dropping (default: 250)", {
    unit: "ms",
    min: 0,
    max: 60_000,
  }),
});

const RPYC = grouped("RPyC", {
  ipv6: toggle("Listen on IPv6 (::1)"),
  logfile: file("Append the log to this file instead of stderr"),
  allowPublicAttrs: toggle("Let clients use every attribute without a leading underscore"),
  allowPickle: toggle("Let clients copy whole results (obtain)"),
});

/** The flags of RPyC's own servers, and those of the connection modes. */
export const RPYC_FLAGS = { ...MODES, ...RPYC, ...REGISTER_FLAGS };

/** The values of {@link RPYC_FLAGS}. */
export type RpycFlags = FlagValues<typeof RPYC_FLAGS>;

function parseMode(text: string): string {
  const name = MODE_NAMES.find((name) => name === text.toLowerCase());
  if (name !== undefined || /[./\\]/.test(text)) return name ?? text;
  throw new SyntaxError(
    `Expected one of ${MODE_NAMES.join(", ")} or the path of a file, found "${text}"`,
  );
}
