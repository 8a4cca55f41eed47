import type { Direction } from "../contract/mod.ts";
import { formatOf } from "../validate/mod.ts";
import type { Maybe } from "./three_valued.ts";

// The server accepts more forms than it sends: a date for a datetime, a number of seconds for a duration.
const SENT: ReadonlyMap<string, RegExp> = new Map([
  ["date", /^\d{4}-\d{2}-\d{2}$/],
  ["date-time", /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/],
  ["time", /^\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/],
  ["duration", /^-?P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/],
]);

const DIGITS = { uuid1: "1", uuid3: "3", uuid4: "4", uuid5: "5", uuid6: "6", uuid7: "7" };

/** Two texts of each format that a server checks, for counterexamples. */
export const FORMAT_SAMPLES: ReadonlyMap<string, readonly string[]> = new Map<
  string,
  readonly string[]
>([
  ["date", ["2024-02-29", "1999-12-31"]],
  ["date-time", ["2024-02-29T12:30:15Z", "1999-12-31T23:59:59+02:00"]],
  ["time", ["12:30:15", "23:59:59.5Z"]],
  ["duration", ["P1DT2H", "PT0.5S"]],
  ["uuid", ["123e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"]],
  ...Object.entries(DIGITS).map(([name, digit]) =>
    [name, [`123e4567-e89b-${digit}2d3-a456-426614174000`]] as const
  ),
  ["uri", ["https://example.com/a", "ftp://example.com"]],
  ["email", ["user@example.com"]],
  ["name-email", ["user@example.com", "Jo <jo@example.com>"]],
  ["ipv4", ["192.0.2.1"]],
  ["ipv6", ["2001:db8::1"]],
  ["ipv4network", ["192.0.2.0/24"]],
  ["ipv6network", ["2001:db8::/32"]],
  ["ipv4interface", ["192.0.2.1/24"]],
  ["ipv6interface", ["2001:db8::1/32"]],
  ["ipvanyaddress", ["192.0.2.1", "2001:db8::1"]],
  ["ipvanynetwork", ["192.0.2.0/24", "2001:db8::/32"]],
  ["ipvanyinterface", ["192.0.2.1/24", "2001:db8::1/32"]],
  ["base64", ["aGk=", "+/8="]],
  ["base64url", ["aGk=", "-_8="]],
  ["regex", ["^a+$"]],
  ["fraction", ["1/2"]],
]);

// Formats whose texts all have another format, as the server accepts and as it sends them.
const WIDER: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...[...Object.keys(DIGITS), "uuid8"].map((name) => [name, ["uuid"]] as const),
  ["ipv4", ["ipvanyaddress"]],
  ["ipv6", ["ipvanyaddress"]],
  ["ipv4network", ["ipvanynetwork"]],
  ["ipv6network", ["ipvanynetwork"]],
  ["ipv4interface", ["ipvanyinterface"]],
  ["ipv6interface", ["ipvanyinterface"]],
  ["email", ["name-email"]],
]);

/** Formats that Pydantic writes for texts that it does not check. */
export const UNCHECKED_FORMATS: ReadonlySet<string> = new Set(["password", "path", "binary"]);

/** Returns true if a text has a format; `undefined` for a format that is not known. */
export function formatAccepts(format: string, text: string, direction: Direction): Maybe {
  const sent = direction === "output" ? SENT.get(format) : undefined;
  if (sent !== undefined) return sent.test(text);
  if (!FORMAT_SAMPLES.has(format)) return undefined;
  return formatOf(format)?.check(text) === undefined;
}

/** Returns true if every text of the first format has the second; `undefined` if that is not known. */
export function formatIncludes(first: string, second: string, direction: Direction): Maybe {
  if (first === second || WIDER.get(first)?.includes(second)) return true;
  if (direction === "input" && first === "date" && second === "date-time") return true;
  const samples = FORMAT_SAMPLES.get(first);
  if (samples === undefined || !FORMAT_SAMPLES.has(second)) return undefined;
  return samples.some((text) => formatAccepts(second, text, direction) === false)
    ? false
    : undefined;
}
