import { file, type FlagValues } from "./builders.ts";

/** The flags of commands that serve over NATS, besides `--listen`. */
export const NATS_FLAGS = {
  // Without it the variables NATS_CREDS, NATS_TOKEN, NATS_USER and NATS_PASSWORD are read.
  natsCreds: file("Log in to the NATS server with this file (default: NATS_CREDS or NATS_TOKEN)"),
};

/** The values of {@link NATS_FLAGS}. */
export type NatsFlags = FlagValues<typeof NATS_FLAGS>;
