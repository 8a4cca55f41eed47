import {
  choice,
  DELIVERY_FLAGS,
  DISCOVER_FLAGS,
  duration,
  file,
  type FlagValues,
  grouped,
  SELECTION_FLAGS,
  SOURCE_FLAGS,
  text,
  toggle,
  url,
} from "../../lib/cli/mod.ts";

/** The flags of `pyrpc sync`. */
export const SYNC_FLAGS = {
  serverUrl: url("Address of the server, instead of the one in pyrpc-client.json"),
  server: text('Sync only this one of the "servers" in pyrpc-client.json', { placeholder: "name" }),
  offline: file("Use this snapshot instead of the server"),
  watch: toggle("Keep running and regenerate after each change"),
  interval: duration("Polling interval with --watch (default: 2)", {
    unit: "s",
    min: 50,
    max: 86_400_000,
  }),
  optional: toggle("Exit 0 with one line on stderr if the sync fails (for postinstall)"),
  saveScript: toggle("Add a postinstall script to package.json that syncs"),
  ...DELIVERY_FLAGS,
  ...grouped("Output", {
    ifChanged: toggle("With --version-from: write no package if the published one is current"),
    versionFrom: choice("Derive the version of --package-name from the published one", ["diff"]),
  }),
  ...SELECTION_FLAGS,
  ...DISCOVER_FLAGS,
  ...SOURCE_FLAGS,
};

/** The values of {@link SYNC_FLAGS}. */
export type SyncFlags = FlagValues<typeof SYNC_FLAGS>;
