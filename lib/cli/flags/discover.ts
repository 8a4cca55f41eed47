import { onlyFor } from "../errors.ts";
import { type FlagValues, grouped, text } from "./builders.ts";
import { REGISTER_FLAGS } from "./register.ts";

/** The flags that find a server by its name in an RPyC registry. */
export const DISCOVER_FLAGS = grouped("Registry", {
  discover: text("Query the network's registry for the server with this name", {
    placeholder: "name",
  }),
  registryType: REGISTER_FLAGS.registryType,
  registryPort: REGISTER_FLAGS.registryPort,
  registryHost: {
    ...REGISTER_FLAGS.registryHost,
    brief: "Address of the registry (default: this machine, then broadcast)",
  },
});

/** The values of {@link DISCOVER_FLAGS}. */
export type DiscoverFlags = FlagValues<typeof DISCOVER_FLAGS>;

/** @throws ToolError `USAGE` for registry flags without `--discover`. */
export function checkDiscoverFlags(flags: DiscoverFlags): void {
  if (flags.discover !== undefined) return;
  const given = [
    ["--registry-type", flags.registryType],
    ["--registry-port", flags.registryPort],
    ["--registry-host", flags.registryHost],
  ] as const;
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw onlyFor(name, "use with --discover");
}
