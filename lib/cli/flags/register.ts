import {
  caselessChoice,
  duration,
  type FlagValues,
  grouped,
  port,
  text,
  toggle,
  value,
} from "./builders.ts";

/** The flags of every server that can register with an RPyC registry. */
export const REGISTER_FLAGS = grouped("Registry", {
  service: value("Name of the service, and its aliases, separated by commas", parseNames, {
    placeholder: "name,alias",
  }),
  register: toggle("Register with an RPyC registry and renew every minute"),
  registryType: caselessChoice("Protocol of the registry (default: udp)", ["udp", "tcp"]),
  registryPort: port("Port of the registry (default: 18811)", { min: 1 }),
  registryHost: text("Address of the registry (default: broadcast; required for tcp)", {
    placeholder: "address",
  }),
  registryInterval: duration("Time between two keep-alives (default: 60)", {
    unit: "s",
    min: 1000,
    max: 86_400_000,
  }),
});

/** The values of {@link REGISTER_FLAGS}. */
export type RegisterFlags = FlagValues<typeof REGISTER_FLAGS>;

function parseNames(text: string): string {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => /^[\p{L}\p{N}_.-]{1,255}$/u.test(name))) return names.join(",");
  throw new SyntaxError(
    `Expected names of letters and digits with commas between them, found "${text}"`,
  );
}
