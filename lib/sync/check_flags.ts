import type { Layout } from "../delivery/mod.ts";
import { isServerUrl } from "../rpc_url.ts";
import {
  excludeEachOther,
  fileNotNamed,
  ifChangedNeedsVersion,
  notAServerUrl,
  notASnapshot,
  notWithWatch,
  onlyWithWatch,
  versionNeedsLayout,
  versionNeedsName,
  versionNeedsPackage,
} from "./errors.ts";

/** The flags of `pyrpc sync` that can exclude each other. */
export interface SyncFlagValues {
  readonly serverUrl?: string;
  readonly offline?: string;
  readonly discover?: string;
  readonly out?: string;
  readonly layout?: Layout;
  readonly packageName?: string;
  readonly check: boolean;
  readonly json: boolean;
  readonly watch: boolean;
  readonly interval?: number;
  readonly versionFrom?: "diff";
  readonly ifChanged: boolean;
}

/** @throws ToolError exit code 2 for flags that exclude each other */
export function checkSyncFlags(flags: SyncFlagValues, argument: string | undefined): void {
  const { serverUrl, offline, discover, layout, out, watch } = flags;
  const sources = {
    "the argument": argument,
    "--server-url": serverUrl,
    "--offline": offline,
    "--discover": discover,
  };
  const given = Object.entries(sources).filter(([, value]) => value !== undefined);
  if (given.length > 1) throw excludeEachOther(given.map(([name]) => name));
  if (serverUrl !== undefined && !isServerUrl(serverUrl)) throw notAServerUrl(serverUrl);
  if (offline !== undefined && (offline === "" || isServerUrl(offline))) {
    throw notASnapshot(offline);
  }
  if (layout === "file" && out === undefined) throw fileNotNamed();
  if (watch && (flags.check || out === "-" || flags.json)) throw notWithWatch();
  if (flags.interval !== undefined && !watch) throw onlyWithWatch();
  if (flags.versionFrom !== undefined) checkVersionFlags(flags);
  else if (flags.ifChanged) throw ifChangedNeedsVersion();
}

function checkVersionFlags({ packageName, watch, out, layout }: SyncFlagValues): void {
  if (packageName === undefined) throw versionNeedsName();
  if (watch || out === "-" || (layout ?? "package") !== "package") throw versionNeedsPackage();
  if (out !== undefined && layout === undefined) throw versionNeedsLayout();
}
