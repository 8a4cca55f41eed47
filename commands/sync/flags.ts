import type { TypedFlagParameter } from "@stricli/core";
import { usageError } from "../../lib/errors.ts";
import { isServerUrl, withoutSecrets } from "../../lib/rpc_url.ts";
import {
  checkDeliveryFlags,
  type CliContext,
  DELIVERY_FLAGS,
  type DeliveryFlags,
  SOURCE_FLAGS,
  type SourceFlags,
} from "../../lib/cli/mod.ts";
import { checkDiscoverFlags, DISCOVER_FLAGS, type DiscoverFlags } from "../../lib/cli/mod.ts";

/** The flags of `pyrpc sync`. */
export interface SyncFlags extends SourceFlags, DeliveryFlags, DiscoverFlags {
  readonly serverUrl?: string;
  readonly server?: string;
  readonly offline?: string;
  readonly watch: boolean;
  readonly interval?: number;
  readonly optional: boolean;
  readonly saveScript: boolean;
  readonly versionFrom?: "diff";
}

type FlagsOf<T> = { readonly [K in keyof T]-?: TypedFlagParameter<T[K], CliContext> };

const SWITCH = { kind: "boolean", default: false, withNegated: false } as const;

/** {@link SyncFlags} as data. */
export const SYNC_FLAGS: FlagsOf<SyncFlags> = {
  ...DISCOVER_FLAGS,
  serverUrl: {
    kind: "parsed",
    parse: String,
    brief: "Address of the server, instead of the file's",
    optional: true,
    placeholder: "url",
  },
  server: {
    kind: "parsed",
    parse: String,
    brief: 'Only this one of the file\'s "servers"',
    optional: true,
    placeholder: "name",
  },
  offline: {
    kind: "parsed",
    parse: String,
    brief: "Use this snapshot instead of the server",
    optional: true,
    placeholder: "file",
  },
  watch: { ...SWITCH, brief: "Stay, and deliver again after each change" },
  interval: {
    kind: "parsed",
    parse: parseInterval,
    brief: "With --watch: seconds between two looks (2)",
    optional: true,
    placeholder: "seconds",
  },
  optional: {
    ...SWITCH,
    brief: "When it fails, say so in one line and end with 0 (for postinstall)",
  },
  saveScript: {
    ...SWITCH,
    brief: "Add a postinstall script to package.json that runs this again",
  },
  versionFrom: {
    kind: "enum",
    values: ["diff"],
    brief: "With --package-name: the next version, by the changes since the published one",
    optional: true,
  },
  ...DELIVERY_FLAGS,
  ...SOURCE_FLAGS,
};

/** @throws ToolError exit code 2 for flags that exclude each other */
export function checkFlags(flags: SyncFlags, argument: string | undefined): void {
  checkDeliveryFlags(flags);
  const sources = {
    "the argument": argument,
    "--server-url": flags.serverUrl,
    "--offline": flags.offline,
    "--discover": flags.discover,
  };
  checkDiscoverFlags(flags);
  const given = Object.entries(sources).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    throw usageError(`${given.map(([name]) => name).join(" and ")} exclude each other`);
  }
  if (flags.serverUrl !== undefined) checkUrl("--server-url", flags.serverUrl);
  if (flags.offline !== undefined && (flags.offline === "" || isServerUrl(flags.offline))) {
    throw usageError(
      `--offline takes a snapshot file, found "${withoutSecrets(flags.offline)}"`,
      'Make one while the server is there: "pyrpc pull URL -o schema.json"',
    );
  }
  if (flags.layout === "file" && flags.out === undefined) {
    throw usageError("--layout file needs the file's name", 'Give "--out src/api.ts"');
  }
  if (flags.watch && (flags.check || flags.out === "-" || flags.json)) {
    throw usageError("--watch goes with neither --check, --json nor --out -");
  }
  if (flags.versionFrom !== undefined) {
    if (flags.packageName === undefined) {
      throw usageError(
        "--version-from needs the package's name",
        "Give --package-name @org/api-types",
      );
    }
    if (flags.watch || flags.out === "-" || (flags.layout ?? "package") !== "package") {
      throw usageError(
        "--version-from writes a package: it goes with neither --watch, --out - nor another layout",
        "Give --layout package --out FOLDER, or no --out",
      );
    }
    if (flags.out !== undefined && flags.layout === undefined) {
      throw usageError(
        "With --out a package needs --layout package",
        "Give --layout package as well",
      );
    }
  }
  if (flags.interval !== undefined && !flags.watch) {
    throw usageError("--interval belongs to --watch");
  }
}

function checkUrl(name: string, text: string): void {
  if (isServerUrl(text)) return;
  throw usageError(
    `${name} must begin with http:// or https://, found "${text}"`,
    "Give a whole address, such as http://localhost:8000",
  );
}

function parseInterval(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds < 0.05 || seconds > 86_400) {
    throw new SyntaxError(`Expected seconds, from 0.05, found "${text}"`);
  }
  return seconds * 1000;
}
