import { durationProblem, isMidnight, parseDate, parseDateTime, parseTime } from "./date_time.ts";
import { emailProblem } from "./email.ts";
import { isInterface, isIpv4, isIpv6, isNetwork } from "./network.ts";
import { isPattern } from "./pattern/mod.ts";

/** The error for a text: Pydantic's error type and message. */
export interface FormatError {
  readonly type: string;
  readonly message: string;
}

/** One string format. */
export interface Format {
  /** The error for a value that is not a string. */
  readonly notText: FormatError;
  /** Returns the error for a text; undefined if it is valid. */
  check(text: string): FormatError | undefined;
}

const STRING: FormatError = { type: "string_type", message: "Input should be a valid string" };

function formatError(type: string, message: string): FormatError {
  return { type, message };
}

/** Creates a format with one error for all invalid texts. */
function yesOrNo(
  error: FormatError,
  fits: (text: string) => boolean,
  notText: FormatError = error,
): Format {
  return { notText, check: (text) => fits(text) ? undefined : error };
}

const anyText = (notText: FormatError): Format => ({ notText, check: () => undefined });
const PATH = formatError("path_type", "Input is not a valid path for <class 'pathlib.Path'>");
const ANY_IP = "value is not a valid IPv4 or IPv6";

const FORMATS: Readonly<Record<string, Format>> = {
  "date-time": {
    notText: formatError("datetime_type", "Input should be a valid datetime"),
    check(text) {
      const moment = parseDateTime(text);
      if (typeof moment !== "string") {
        return moment.year > 0 ? undefined : formatError(
          "datetime_parsing",
          "Input should be a valid datetime, year 0 is out of range",
        );
      }
      // A date alone is a datetime at midnight, and the message is about the date.
      const date = parseDate(text);
      if (typeof date === "string") {
        return formatError(
          "datetime_from_date_parsing",
          `Input should be a valid datetime or date, ${date}`,
        );
      }
      return date.year > 0 ? undefined : formatError(
        "datetime_parsing",
        "Input should be a valid datetime, year 0 is out of range",
      );
    },
  },
  date: {
    notText: formatError("date_type", "Input should be a valid date"),
    check(text) {
      const date = parseDate(text);
      if (typeof date !== "string") {
        const words =
          "Input should be a valid date in the format YYYY-MM-DD, year 0 is out of range";
        return date.year > 0 ? undefined : formatError("date_parsing", words);
      }
      const moment = parseDateTime(text);
      if (typeof moment === "string") {
        return formatError(
          "date_from_datetime_parsing",
          `Input should be a valid date or datetime, ${moment}`,
        );
      }
      return isMidnight(moment.time) ? undefined : formatError(
        "date_from_datetime_inexact",
        "Datetimes provided to dates should have zero time - e.g. be exact dates",
      );
    },
  },
  time: {
    notText: formatError("time_type", "Input should be a valid time"),
    check(text) {
      const time = parseTime(text);
      return typeof time === "string"
        ? formatError("time_parsing", `Input should be in a valid time format, ${time}`)
        : undefined;
    },
  },
  duration: {
    notText: formatError("time_delta_type", "Input should be a valid timedelta"),
    check(text) {
      const problem = durationProblem(text);
      return problem === undefined
        ? undefined
        : formatError("time_delta_parsing", `Input should be a valid timedelta, ${problem}`);
    },
  },
  uuid: uuidFormat(),
  uuid1: uuidFormat(1),
  uuid3: uuidFormat(3),
  uuid4: uuidFormat(4),
  uuid5: uuidFormat(5),
  uuid6: uuidFormat(6),
  uuid7: uuidFormat(7),
  uuid8: uuidFormat(8),
  email: {
    notText: STRING,
    check: (text) => emailError(emailProblem(text)),
  },
  "name-email": {
    notText: formatError("name_email_type", "Input is not a valid NameEmail"),
    check: (text) => emailError(emailProblem(text)),
  },
  ipv4: yesOrNo(formatError("ip_v4_address", "Input is not a valid IPv4 address"), isIpv4),
  ipv6: yesOrNo(formatError("ip_v6_address", "Input is not a valid IPv6 address"), isIpv6),
  ipv4network: yesOrNo(
    formatError("ip_v4_network", "Input is not a valid IPv4 network"),
    (text) => isNetwork(text, 4),
  ),
  ipv6network: yesOrNo(
    formatError("ip_v6_network", "Input is not a valid IPv6 network"),
    (text) => isNetwork(text, 6),
  ),
  ipv4interface: yesOrNo(
    formatError("ip_v4_interface", "Input is not a valid IPv4 interface"),
    (text) => isInterface(text, 4),
  ),
  ipv6interface: yesOrNo(
    formatError("ip_v6_interface", "Input is not a valid IPv6 interface"),
    (text) => isInterface(text, 6),
  ),
  ipvanyaddress: yesOrNo(
    formatError("ip_any_address", `${ANY_IP} address`),
    (text) => isIpv4(text) || isIpv6(text),
  ),
  ipvanynetwork: yesOrNo(
    formatError("ip_any_network", `${ANY_IP} network`),
    (text) => isNetwork(text, 4) || isNetwork(text, 6),
  ),
  ipvanyinterface: yesOrNo(
    formatError("ip_any_interface", `${ANY_IP} interface`),
    (text) => isInterface(text, 4) || isInterface(text, 6),
  ),
  uri: urlFormat(),
  "multi-host-uri": urlFormat({ isMultiHost: true }),
  regex: yesOrNo(
    formatError("pattern_regex", "Input should be a valid regular expression"),
    isPattern,
    formatError("pattern_type", "Input should be a valid pattern"),
  ),
  path: anyText(PATH),
  // Only the backend's machine can check that the path exists.
  "file-path": anyText(PATH),
  "directory-path": anyText(PATH),
  base64: base64Format(/[A-Za-z0-9+/]/),
  base64url: base64Format(/[A-Za-z0-9_-]/),
  fraction: yesOrNo(
    formatError("fraction_parsing", "Input is not a valid fraction"),
    (text) => {
      const match = /^\s*[+-]?(?:\d+(?:\/(\d+))?|(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)\s*$/.exec(
        text,
      );
      return match !== null && (match[1] === undefined || Number(match[1]) !== 0);
    },
    formatError(
      "fraction_type",
      "Fraction input should be an integer, float, string or Fraction object",
    ),
  ),
  binary: anyText(formatError("bytes_type", "Input should be a valid bytes")),
};

/**
 * Returns a format by its name in a JSON Schema; undefined for names that Pydantic does not validate (`password`, a
 * user's own).
 *
 * @param schemes accepted schemes of a URL
 */
export function formatOf(name: string, schemes?: readonly string[]): Format | undefined {
  if (name === "uri" && schemes !== undefined) return urlFormat({ schemes });
  return Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
}

function emailError(problem: string | undefined): FormatError | undefined {
  return problem === undefined
    ? undefined
    : formatError("value_error", `value is not a valid email address: ${problem}`);
}

const HEX = "[0-9a-fA-F]";
const GROUPS = `${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}`;
const UUID = new RegExp(`^(?:${HEX}{32}|${GROUPS}|\\{${GROUPS}\\}|urn:uuid:${GROUPS})$`);

function uuidFormat(version?: number): Format {
  return {
    notText: formatError("uuid_type", "UUID input should be a string, bytes or UUID object"),
    check(text) {
      if (!UUID.test(text)) {
        return formatError("uuid_parsing", `Input should be a valid UUID, ${uuidProblem(text)}`);
      }
      if (version === undefined) return undefined;
      const digits = text.replace(/^urn:uuid:/, "").replaceAll(/[{}-]/g, "");
      return digits[12] === String(version) && /[89abAB]/.test(digits[16] ?? "")
        ? undefined
        : formatError("uuid_version", `UUID version ${version} expected`);
    },
  };
}

// The messages of the Rust crate that parses UUIDs. It compares only the low byte of a character.
function uuidProblem(text: string): string {
  const bytes = (part: string) => new TextEncoder().encode(part).length;
  if (bytes(text) > 45) return `invalid length: found ${bytes(text)}`;
  let body = text;
  let offset = 0;
  if (text.startsWith("{") && text.endsWith("}") && text.length > 1) {
    body = text.slice(1, -1);
    // If the length is right, positions are counted inside the braces.
    offset = bytes(text) === 38 ? 0 : 1;
  } else if (text.startsWith("urn:uuid:")) {
    body = text.slice(9);
    offset = bytes(text) === 45 ? 0 : 9;
  }
  const hyphens: number[] = [];
  let index = 0;
  for (const character of body) {
    const low = String.fromCharCode((character.codePointAt(0) ?? 0) & 0xff);
    if (low === "-") hyphens.push(index);
    else if (!/[0-9a-fA-F]/.test(low)) {
      return `invalid character: found \`${character}\` at ${index + offset}`;
    }
    index += bytes(character);
  }
  if (hyphens.length === 0 && body === text) return `invalid length: found ${bytes(text)}`;
  if (hyphens.length !== 4) {
    return `invalid group count: expected 5, found ${hyphens.length + 1}`;
  }
  let start = 0;
  for (const [group, expected] of [8, 4, 4, 4].entries()) {
    const found = (hyphens[group] ?? 0) - start;
    if (found !== expected) {
      return `invalid group length in group ${group}: expected ${expected}, found ${found}`;
    }
    start += expected + 1;
  }
  return `invalid group length in group 4: expected 12, found ${bytes(text) - 24}`;
}

function urlFormat(
  { schemes, isMultiHost = false }: { schemes?: readonly string[]; isMultiHost?: boolean } = {},
): Format {
  return {
    notText: formatError("url_type", "URL input should be a string or URL"),
    check(text) {
      const problem = urlProblem(text, isMultiHost);
      if (problem !== undefined) {
        return formatError("url_parsing", `Input should be a valid URL, ${problem}`);
      }
      if (schemes === undefined) return undefined;
      const scheme = /^[\s\p{Cc}]*([^:]*):/u.exec(text)?.[1]?.toLowerCase();
      if (scheme !== undefined && schemes.includes(scheme)) return undefined;
      const names = schemes.map((name) => `'${name}'`);
      const last = names.pop();
      return formatError("url_scheme", `URL scheme should be ${names.join(", ")} or ${last}`);
    },
  };
}

function urlProblem(text: string, isMultiHost: boolean): string | undefined {
  if (text === "") return "input is empty";
  const trimmed = withoutBlankEnds(text).replaceAll(/[\t\n\r]/g, "");
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme === undefined) return "relative URL without a base";
  const isSpecial = /^(https?|wss?|ftp|file)$/.test(scheme);
  if (isMultiHost && trimmed.includes(",")) return undefined;
  if (URL.canParse(trimmed)) return undefined;
  const rest = trimmed.slice(scheme.length + 1).replace(isSpecial ? /^[\\/]*/ : /^\/\//, "");
  const [authority = ""] = rest.split(isSpecial ? /[\\/?#]/ : /[/?#]/);
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  if (host === "" || host.startsWith(":")) return "empty host";
  if (host.startsWith("[")) return "invalid IPv6 address";
  const port = /:(.*)$/.exec(host)?.[1];
  if (port !== undefined && (!/^\d*$/.test(port) || Number(port) > 65_535)) {
    return "invalid port number";
  }
  return /^[\w.-]*?(^|\.)(\d+|0[xX][0-9a-fA-F]*)\.?(:\d*)?$/.test(host)
    ? "invalid IPv4 address"
    : "invalid international domain name";
}

/** Strips control characters and blanks at both ends. */
function withoutBlankEnds(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}

// Python ignores characters outside the alphabet.
function base64Format(alphabet: RegExp): Format {
  return {
    notText: STRING,
    check(text) {
      let [count, padding] = [0, 0];
      for (const character of text) {
        if (alphabet.test(character)) {
          count++;
          padding = 0;
        } else if (character === "=") padding++;
      }
      if (count % 4 === 1) {
        return formatError(
          "base64_decode",
          "Base64 decoding error: 'Invalid base64-encoded string: number of data characters " +
            `(${count}) cannot be 1 more than a multiple of 4'`,
        );
      }
      return count % 4 === 0 || count % 4 + padding >= 4
        ? undefined
        : formatError("base64_decode", "Base64 decoding error: 'Incorrect padding'");
    },
  };
}
