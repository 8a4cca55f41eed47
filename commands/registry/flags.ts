import {
  caselessChoice,
  duration,
  file,
  type FlagValues,
  grouped,
  port,
  text,
  toggle,
  value,
  withDefault,
} from "../../lib/cli/mod.ts";

/** Flags of `pyrpc registry`. */
export const REGISTRY_FLAGS = {
  mode: withDefault(
    caselessChoice("Protocol of the registry", ["udp", "tcp"], { alias: "m" }),
    "udp",
  ),
  host: text("Address to listen on (default: 0.0.0.0), or of the registry to query", {
    placeholder: "address",
  }),
  port: withDefault(port("Port of the registry", { alias: "p" }), "18811"),
  ipv6: toggle("Listen on IPv6"),
  json: toggle("Print the answer, or the address of the registry, as JSON"),
  ...grouped("Serving", {
    timeout: withDefault(
      duration("Time after which services without a keep-alive are removed", {
        unit: "s",
        min: 1000,
        max: 10_000_000_000,
        alias: "t",
      }),
      "240",
    ),
    listing: withDefault(
      value("Answer requests for all names; alone or with true or false", parseSwitch, {
        alias: "l",
        placeholder: "true|false",
        isValueOptional: true,
      }),
      "false",
    ),
    state: file("Keep the registrations in this file across restarts"),
    file: file("Append the log to this file instead of stderr", { alias: "f" }),
    logfile: file("Same as --file"),
    quiet: toggle("Log errors only", { alias: "q" }),
  }),
};

/** The values of {@link REGISTRY_FLAGS}. */
export type RegistryFlags = FlagValues<typeof REGISTRY_FLAGS>;

function parseSwitch(text: string): boolean {
  switch (text.toLowerCase()) {
    case "":
    case "true":
    case "yes":
    case "on":
    case "1":
      return true;
    case "false":
    case "no":
    case "off":
    case "0":
      return false;
  }
  throw new SyntaxError(`Expected true or false, found "${text}"`);
}
