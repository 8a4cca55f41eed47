/**
 * Returns the reason why a text is not an e-mail address, in the words of the Python package `email-validator` that
 * Pydantic uses (without DNS look-ups); undefined if it is valid.
 */
export function emailProblem(text: string): string | undefined {
  // A fast path for nearly every address: the checks below take ten times as long.
  if (text.length <= 254 && ORDINARY.test(text) && !RESERVED.test(text)) return undefined;
  if (text.length > 2048) return "Length must not exceed 2048 characters";
  if (/[\r\n]/.test(text)) return "Carriage return and line feed characters are not allowed";
  // Pydantic also accepts `Name <address>`.
  const pretty = /^\s*(?:[\w!#$%&'*+\-/=?^`{|}~,.\s"]+?)\s*<(.+)>\s*$/u.exec(text);
  const address = (pretty?.[1] ?? text).trim();
  const at = address.indexOf("@");
  if (at < 0) return "An email address must have an @-sign.";
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  return localProblem(local) ?? domainProblem(domain) ?? lengthProblem(address);
}

function localProblem(local: string): string | undefined {
  if (local === "") return "There must be something before the @-sign.";
  if (/^".*"$/.test(local)) return "Quoting the part before the @-sign is not allowed here.";
  const bad = [...new Set(local.match(/[^\p{L}\p{M}\p{N}\p{S}.!#$%&'*+\-/=?^_`{|}~]/gu) ?? [])]
    .sort();
  if (bad.length > 0) {
    const names = bad.map((character) => character === " " ? "SPACE" : `'${character}'`);
    return `The email address contains invalid characters before the @-sign: ${names.join(", ")}.`;
  }
  if (local.endsWith(".")) {
    return "An email address cannot have a period immediately before the @-sign.";
  }
  if (local.startsWith(".")) return "An email address cannot start with a period.";
  if (local.includes("..")) return "An email address cannot have two periods in a row.";
  return undefined;
}

const ORDINARY = /^\w+(?:[.+-]\w+)*@(?:[a-z0-9]{1,63}\.)+[a-z]{2,63}$/i;
const RESERVED = /(^|\.)(arpa|invalid|local|localhost|onion|test)$/i;

function domainProblem(domain: string): string | undefined {
  if (domain === "") return "There must be something after the @-sign.";
  if (/^\[.*\]$/.test(domain)) {
    return "A bracketed IP address after the @-sign is not allowed here.";
  }
  const bad = [...new Set(domain.match(/[^\p{L}\p{M}\p{N}.\-]/gu) ?? [])].sort();
  if (bad.length > 0) {
    const names = bad.map((character) => character === " " ? "SPACE" : `'${character}'`);
    return `The part after the @-sign contains invalid characters: ${names.join(", ")}.`;
  }
  if (domain.startsWith(".")) {
    return "An email address cannot have a period immediately after the @-sign.";
  }
  if (domain.endsWith(".")) return "An email address cannot end with a period.";
  if (domain.includes("..")) return "An email address cannot have two periods in a row.";
  if (/^-/.test(domain)) {
    return "An email address cannot have a hyphen immediately after the @-sign.";
  }
  if (/-$/.test(domain)) return "An email address cannot end with a hyphen.";
  if (/\.-|-\./.test(domain)) {
    return "An email address cannot have a period and a hyphen next to each other.";
  }
  if (domain.split(".").some((label) => label.length > 63)) {
    return "After the @-sign, periods cannot be separated by so many characters (more than 63).";
  }
  if (!domain.includes(".")) {
    return "The part after the @-sign is not valid. It should have a period.";
  }
  if (RESERVED.test(domain)) {
    return "The part after the @-sign is a special-use or reserved name that cannot be used with email.";
  }
  if (!/\p{L}$/u.test(domain) && !/\.xn--[a-z0-9-]+$/i.test(domain)) {
    return "The part after the @-sign is not valid. It is not within a valid top-level domain.";
  }
  return undefined;
}

function lengthProblem(address: string): string | undefined {
  if (address.length <= 254) return undefined;
  const over = address.length - 254;
  return `The email address is too long (${over} character${over === 1 ? "" : "s"} too many).`;
}
