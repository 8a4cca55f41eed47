import type { TypedFlagParameter } from "@stricli/core";
import type { CliContext } from "../define.ts";

/** The flags of every server that can register with an rpyc registry. */
export interface RegisterFlags {
  /** Name and aliases, with commas between them. */
  readonly service?: string;
  readonly register: boolean;
  readonly registryType?: "udp" | "tcp";
  readonly registryPort?: number;
  readonly registryHost?: string;
  readonly registryInterval?: number;
}

type FlagsOf<T> = { readonly [K in keyof T]-?: TypedFlagParameter<T[K], CliContext> };

/** {@link RegisterFlags} as data, to be spread into a command's flags. */
export const REGISTER_FLAGS: FlagsOf<RegisterFlags> = {
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
};

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
