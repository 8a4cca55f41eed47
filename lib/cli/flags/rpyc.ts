import type { TypedFlagParameter } from "@stricli/core";
import type { CliContext } from "../define.ts";
import { proposing } from "../propose.ts";
import { REGISTER_FLAGS, type RegisterFlags } from "./register.ts";

/** Names of the modes; anything else is a file. */
const MODE_NAMES = [
  "threaded",
  "forking",
  "pool",
  "oneshot",
  "stdio",
  "async",
  "sync",
] as const;

/** The flags of rpyc's own servers, and of the modes. */
export interface RpycFlags extends RegisterFlags {
  /** `threaded`, `forking` …, or the path of a file that exports a mode. */
  readonly mode?: string;
  readonly poolSize?: number;
  readonly poolPolicy?: "drop" | "queue";
  readonly ipv6: boolean;
  readonly logfile?: string;
  readonly allowPublicAttrs: boolean;
  readonly allowPickle: boolean;
}

type FlagsOf<T> = { readonly [K in keyof T]-?: TypedFlagParameter<T[K], CliContext> };

/** {@link RpycFlags} as data, to be spread into a command's flags. */
export const RPYC_FLAGS: FlagsOf<RpycFlags> = {
  ...REGISTER_FLAGS,
  mode: {
    kind: "parsed",
    parse: parseMode,
    proposeCompletions: proposing(MODE_NAMES),
    brief:
      "How connections are served: threaded (rpyc), async (others), forking, pool, sync, oneshot, stdio, or ./mode.ts",
    optional: true,
    placeholder: "mode",
  },
  poolSize: {
    kind: "parsed",
    parse: (text: string) => parseWhole(text, 1, 10_000),
    brief: "Workers of --mode pool (20)",
    optional: true,
    placeholder: "number",
  },
  poolPolicy: {
    kind: "enum",
    values: ["drop", "queue"],
    brief: "Close a connection that finds the pool busy (drop), or let it wait",
    optional: true,
  },
  ipv6: { kind: "boolean", brief: "Listen on IPv6 (::1)", default: false, withNegated: false },
  logfile: {
    kind: "parsed",
    parse: String,
    brief: "Append rpyc's log to this file instead of standard error",
    optional: true,
    placeholder: "file",
  },
  allowPublicAttrs: {
    kind: "boolean",
    brief: "Let rpyc clients use every attribute without a leading underscore",
    default: false,
    withNegated: false,
  },
  allowPickle: {
    kind: "boolean",
    brief: "Let rpyc clients copy results whole (obtain)",
    default: false,
    withNegated: false,
  },
};

function parseMode(text: string): string {
  if ((MODE_NAMES as readonly string[]).includes(text) || /[./\\]/.test(text)) return text;
  throw new SyntaxError(
    `Expected one of ${MODE_NAMES.join(", ")} or the path of a file, found "${text}"`,
  );
}

function parseWhole(text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new SyntaxError(`Expected a whole number from ${min} to ${max}, found "${text}"`);
}
