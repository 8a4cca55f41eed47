import { usageError } from "../../lib/errors.ts";
import { isServerUrl, withoutSecrets } from "../../lib/rpc_url.ts";
import {
  checkDeliveryFlags,
  checkDiscoverFlags,
  choice,
  DELIVERY_FLAGS,
  DISCOVER_FLAGS,
  duration,
  file,
  type FlagValues,
  grouped,
  SOURCE_FLAGS,
  text,
  toggle,
  url,
} from "../../lib/cli/mod.ts";

/** The flags of `pyrpc sync`. */
export const SYNC_FLAGS = {
  serverUrl: url("Address of the server, instead of the one in pyrpc-client.json"),
  server: text('Only this one of the "servers" in pyrpc-client.json', { placeholder: "name" }),
  offline: file("Use this snapshot instead of the server"),
  watch: toggle("Keep running and deliver again after each change"),
  interval: duration("Polling interval with --watch (default: 2)", {
    unit: "s",
    min: 50,
    max: 86_400_000,
  }),
  optional: toggle("Exit 0 with one line on stderr if the sync fails (for postinstall)"),
  saveScript: toggle("Add a postinstall script to package.json that syncs"),
  ...DELIVERY_FLAGS,
  ...grouped("Types", {
    versionFrom: choice("Derive the version of --package-name from the published one", ["diff"]),
  }),
  ...DISCOVER_FLAGS,
  ...SOURCE_FLAGS,
};

/** The values of {@link SYNC_FLAGS}. */
export type SyncFlags = FlagValues<typeof SYNC_FLAGS>;

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
