import type { TypedFlagParameter } from "@stricli/core";
import { usageError } from "../../errors.ts";
import type { CliContext } from "../define.ts";
import { REGISTER_FLAGS, type RegisterFlags } from "./register.ts";

/** Flags that find a server by its name in an RPyC service registry. */
export interface DiscoverFlags
  extends Pick<RegisterFlags, "registryType" | "registryPort" | "registryHost"> {
  readonly discover?: string;
}

type FlagsOf<T> = { readonly [K in keyof T]-?: TypedFlagParameter<T[K], CliContext> };

/** {@link DiscoverFlags} as data. */
export const DISCOVER_FLAGS: FlagsOf<DiscoverFlags> = {
  discover: {
    kind: "parsed",
    parse: String,
    brief: "Ask the network's registry for the server of this name (serve or mock with --register)",
    optional: true,
    placeholder: "NAME",
  },
  registryType: REGISTER_FLAGS.registryType,
  registryPort: REGISTER_FLAGS.registryPort,
  registryHost: {
    ...REGISTER_FLAGS.registryHost,
    brief: "The registry's machine (this one, then broadcast; TCP: must be given)",
  },
};

/** @throws ToolError `USAGE` for registry flags without `--discover` */
export function checkDiscoverFlags(flags: DiscoverFlags): void {
  if (flags.discover !== undefined) return;
  const given = [
    ["--registry-type", flags.registryType],
    ["--registry-port", flags.registryPort],
    ["--registry-host", flags.registryHost],
  ].find(([, value]) => value !== undefined);
  if (given !== undefined) throw usageError(`${given[0]} is only for use with --discover`);
}
