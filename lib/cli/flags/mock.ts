import type { TypedFlagParameter } from "@stricli/core";
import type { CliContext } from "../define.ts";
import { NATS_FLAGS, type NatsFlags } from "./nats.ts";
import { parseDepth } from "./openrpc_depth.ts";
import { REGISTER_FLAGS, type RegisterFlags } from "./register.ts";
import { SERVING_FLAGS, type ServingFlags } from "./serving.ts";
import { SOURCE_FLAGS, type SourceFlags } from "./source.ts";

/** Flags of the mock besides those of every server. */
export interface OwnMockFlags {
  readonly handlers?: string;
  readonly examples?: string;
  readonly watch: boolean;
  readonly lax: boolean;
  readonly seed?: string;
  readonly random: boolean;
  readonly latency?: readonly string[];
  readonly error?: readonly string[];
  readonly proxy?: string;
  readonly dump?: string;
  readonly listen?: readonly string[];
}

/** Flags of what stands before a real server. */
export interface ProxyFlags {
  readonly record?: string;
  readonly openrpcDepth?: number;
  readonly explorer: boolean;
  readonly failOnViolation: boolean;
}

/** Every flag of `pyrpc mock`. */
export interface MockFlags
  extends SourceFlags, ServingFlags, OwnMockFlags, ProxyFlags, RegisterFlags, NatsFlags {}

type FlagsOf<T> = { readonly [K in keyof T]-?: TypedFlagParameter<T[K], CliContext> };

/** {@link ProxyFlags} as data. */
export const PROXY_FLAGS: FlagsOf<ProxyFlags> = {
  explorer: {
    kind: "boolean",
    brief: "A page at /explorer to see, try and watch every procedure",
    default: true,
  },
  record: {
    kind: "parsed",
    parse: String,
    brief: "Write the calls that pass to this file of examples",
    optional: true,
    placeholder: "file",
  },
  openrpcDepth: {
    kind: "parsed",
    parse: parseDepth,
    brief: "rpc.discover writes types that contain themselves so many levels deep",
    optional: true,
    placeholder: "levels",
  },
  failOnViolation: {
    kind: "boolean",
    brief: "Exit 1 at the end if the real server broke its contract",
    default: false,
    withNegated: false,
  },
};

/** {@link MockFlags} as data. */
export const MOCK_FLAGS: FlagsOf<MockFlags> = {
  ...REGISTER_FLAGS,
  handlers: {
    kind: "parsed",
    parse: String,
    brief: "Answer with the functions that this TypeScript or JavaScript file exports",
    optional: true,
    placeholder: "file",
  },
  examples: {
    kind: "parsed",
    parse: String,
    brief: "Answer with what this JSON or YAML file says; what it leaves out is made up",
    optional: true,
    placeholder: "file",
  },
  watch: {
    kind: "boolean",
    brief: "Follow SOURCE; a broken new contract keeps the old one",
    default: false,
    withNegated: false,
  },
  lax: {
    kind: "boolean",
    brief: 'Take what Pydantic takes, such as "1" for an int',
    default: false,
    withNegated: false,
  },
  seed: {
    kind: "parsed",
    parse: String,
    brief: "Another text makes other values",
    optional: true,
    placeholder: "text",
  },
  random: {
    kind: "boolean",
    brief: "Other values with each call",
    default: false,
    withNegated: false,
  },
  latency: {
    kind: "parsed",
    parse: String,
    brief: "Wait this many milliseconds: 200, 100-400, add=100-400; several times",
    variadic: true,
    optional: true,
    placeholder: "rule",
  },
  error: {
    kind: "parsed",
    parse: String,
    brief: "Fail: procedure=code:probability:message, such as add=-32603:0.1; several times",
    variadic: true,
    optional: true,
    placeholder: "rule",
  },
  proxy: {
    kind: "parsed",
    parse: String,
    brief: "Send calls without handler or example to the real server at this URL",
    optional: true,
    placeholder: "url",
  },
  dump: {
    kind: "parsed",
    parse: String,
    brief: "Write an answer of every procedure into this folder and end",
    optional: true,
    placeholder: "folder",
  },
  listen: {
    kind: "parsed",
    parse: String,
    brief: "Answer at this subject of a NATS server as well: nats://host/subject; several times",
    variadic: true,
    optional: true,
    placeholder: "url",
  },
  ...NATS_FLAGS,
  ...PROXY_FLAGS,
  ...SERVING_FLAGS,
  ...SOURCE_FLAGS,
};
