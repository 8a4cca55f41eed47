import type { TypedFlagParameter } from "@stricli/core";
import type { CliContext } from "../define.ts";

/** Flags of commands that serve over NATS, besides `--listen`. */
export interface NatsFlags {
  readonly natsCreds?: string;
}

/** {@link NatsFlags} as data. */
export const NATS_FLAGS: {
  readonly natsCreds: TypedFlagParameter<string | undefined, CliContext>;
} = {
  natsCreds: {
    kind: "parsed",
    parse: String,
    brief: "Log in at the NATS server with this .creds file; else NATS_CREDS, NATS_TOKEN, " +
      "NATS_USER and NATS_PASSWORD are used",
    optional: true,
    placeholder: "file",
  },
};
