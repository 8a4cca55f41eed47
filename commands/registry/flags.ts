import type { TypedFlagParameter } from "@stricli/core";
import type { CliContext } from "../../lib/cli/mod.ts";

/** Flags of `pyrpc registry`. */
export interface RegistryFlags {
  readonly mode: "udp" | "tcp";
  readonly host?: string;
  readonly port: number;
  readonly ipv6: boolean;
  readonly file?: string;
  readonly logfile?: string;
  readonly quiet: boolean;
  readonly timeout: number;
  readonly listing: boolean;
  readonly state?: string;
  readonly json: boolean;
}

type FlagsOf<T> = { readonly [K in keyof T]-?: TypedFlagParameter<T[K], CliContext> };

/** {@link RegistryFlags} as data. */
export const REGISTRY_FLAGS: FlagsOf<RegistryFlags> = {
  mode: {
    kind: "parsed",
    parse: parseMode,
    brief: "UDP or TCP, in any case",
    default: "udp",
    placeholder: "udp|tcp",
  },
  host: {
    kind: "parsed",
    parse: String,
    brief:
      "Where to listen (0.0.0.0); for list and query the registry (this machine, then broadcast)",
    optional: true,
    placeholder: "address",
  },
  port: {
    kind: "parsed",
    parse: (text: string) => parseWhole(text, 0, 65_535),
    brief: "The port",
    default: "18811",
    placeholder: "number",
  },
  ipv6: {
    kind: "boolean",
    brief: "Listen on IPv6",
    default: false,
    withNegated: false,
  },
  file: {
    kind: "parsed",
    parse: String,
    brief: "Append the log to this file instead of standard error",
    optional: true,
    placeholder: "file",
  },
  logfile: {
    kind: "parsed",
    parse: String,
    brief: "The same as --file",
    optional: true,
    placeholder: "file",
  },
  quiet: {
    kind: "boolean",
    brief: "Log errors only",
    default: false,
    withNegated: false,
  },
  timeout: {
    kind: "parsed",
    parse: (text: string) => parseWhole(text, 1, 10_000_000),
    brief: "Forget services after this many seconds without a keep-alive",
    default: "240",
    placeholder: "seconds",
  },
  listing: {
    kind: "parsed",
    parse: parseSwitch,
    brief: "Answer requests for all names; alone or with true or false",
    default: "false",
    inferEmpty: true,
    placeholder: "true|false",
  },
  state: {
    kind: "parsed",
    parse: String,
    brief: "Keep the registrations in this file across restarts",
    optional: true,
    placeholder: "file",
  },
  json: {
    kind: "boolean",
    brief: "Print the answer of list and query as JSON",
    default: false,
    withNegated: false,
  },
};

function parseMode(text: string): "udp" | "tcp" {
  const mode = text.toLowerCase();
  if (mode === "udp" || mode === "tcp") return mode;
  throw new SyntaxError(`Expected UDP or TCP, found "${text}"`);
}

function parseSwitch(text: string): boolean {
  switch (text.toLowerCase()) {
    case "":
    case "true":
    case "yes":
    case "on":
    case "1":
      return true;
    case "false":
    case "no":
    case "off":
    case "0":
      return false;
  }
  throw new SyntaxError(`Expected true or false, found "${text}"`);
}

function parseWhole(text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new SyntaxError(`Expected a whole number from ${min} to ${max}, found "${text}"`);
}
