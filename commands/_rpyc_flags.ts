import type { TypedFlagParameter } from "@stricli/core";
import type { CliContext } from "./_define.ts";

/** The flags that rpyc's own servers have, and those of the ways to serve connections. */
export interface RpycFlags {
  /** `threaded`, `forking` …, or the path of a mode of one's own. */
  readonly mode?: string;
  readonly poolSize?: number;
  readonly poolPolicy?: "drop" | "queue";
  readonly ipv6: boolean;
  readonly logfile?: string;
  readonly service?: string;
  readonly register: boolean;
  readonly registryType?: "udp" | "tcp";
  readonly registryPort?: number;
  readonly registryHost?: string;
  readonly registryInterval?: number;
  readonly allowPublicAttrs: boolean;
  readonly allowPickle: boolean;
}

type FlagsOf<T> = { readonly [K in keyof T]-?: TypedFlagParameter<T[K], CliContext> };

/** {@link RpycFlags} as data, to be spread into a command's flags. */
export const RPYC_FLAGS: FlagsOf<RpycFlags> = {
  mode: {
    kind: "parsed",
    parse: parseMode,
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
  service: {
    kind: "parsed",
    parse: parseNames,
    brief: "Name of the service, and its aliases after commas",
    optional: true,
    placeholder: "NAME,ALIAS",
  },
  register: {
    kind: "boolean",
    brief: "Register with an rpyc registry, and again every minute",
    default: false,
    withNegated: false,
  },
  registryType: {
    kind: "parsed",
    parse: parseRegistryType,
    brief: "UDP or TCP, in any case (UDP)",
    optional: true,
    placeholder: "udp|tcp",
  },
  registryPort: {
    kind: "parsed",
    parse: (text: string) => parseWhole(text, 1, 65_535),
    brief: "The registry's port (18811)",
    optional: true,
    placeholder: "number",
  },
  registryHost: {
    kind: "parsed",
    parse: String,
    brief: "The registry's machine (UDP: broadcast; TCP: must be given)",
    optional: true,
    placeholder: "address",
  },
  registryInterval: {
    kind: "parsed",
    parse: (text: string) => parseWhole(text, 1, 86_400),
    brief: "Seconds between two keep-alives (60)",
    optional: true,
    placeholder: "seconds",
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

/** Modes by name. */
export const MODE_NAMES = [
  "threaded",
  "forking",
  "pool",
  "oneshot",
  "stdio",
  "async",
  "sync",
] as const;

/** One of {@link MODE_NAMES}. */
export type ModeName = (typeof MODE_NAMES)[number];

/** Whether a mode is one of ours, not a file. */
export function isModeName(mode: string): mode is ModeName {
  return (MODE_NAMES as readonly string[]).includes(mode);
}

function parseMode(text: string): string {
  if (isModeName(text) || /[./\\]/.test(text)) return text;
  throw new SyntaxError(
    `Expected one of ${MODE_NAMES.join(", ")} or the path of a file, found "${text}"`,
  );
}

function parseNames(text: string): string {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => /^[\p{L}\p{N}_.-]{1,255}$/u.test(name))) return names.join(",");
  throw new SyntaxError(
    `Expected names of letters and digits with commas between them, found "${text}"`,
  );
}

function parseRegistryType(text: string): "udp" | "tcp" {
  const type = text.toLowerCase();
  if (type === "udp" || type === "tcp") return type;
  throw new SyntaxError(`Expected UDP or TCP, found "${text}"`);
}

function parseWhole(text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new SyntaxError(`Expected a whole number from ${min} to ${max}, found "${text}"`);
}
