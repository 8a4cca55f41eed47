/**
 * Why a text is no e-mail address, in the words of the Python package `email-validator` that Pydantic asks (without
 * looking up the domain); nothing where it is one.
 */
export function emailProblem(text: string): string | undefined {
  // Pydantic takes `Name <address>` too.
  const pretty = /^\s*(?:[\w!#$%&'*+\-/=?^`{|}~,.\s"]+?)\s*<(.+)>\s*$/u.exec(text);
  const address = (pretty?.[1] ?? text).trim();
  const at = address.lastIndexOf("@");
  if (at < 0) return "An email address must have an @-sign.";
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  return localProblem(local) ?? domainProblem(domain) ?? lengthProblem(local, address);
}

function localProblem(local: string): string | undefined {
  if (local === "") return "There must be something before the @-sign.";
  const bad = [...new Set(local.match(/[^\p{L}\p{M}\p{N}\p{S}.!#$%&'*+\-/=?^_`{|}~]/gu) ?? [])]
    .sort();
  if (bad.length > 0) {
    const names = bad.map((character) => character === " " ? "SPACE" : `'${character}'`);
    return `The email address contains invalid characters before the @-sign: ${names.join(", ")}.`;
  }
  if (local.startsWith(".")) return "An email address cannot start with a period.";
  if (local.endsWith(".")) {
    return "An email address cannot have a period immediately before the @-sign.";
  }
  if (local.includes("..")) return "An email address cannot have two periods in a row.";
  return undefined;
}

const RESERVED = /(^|\.)(arpa|invalid|local|localhost|onion|test)$/i;

function domainProblem(domain: string): string | undefined {
  if (domain === "") return "There must be something after the @-sign.";
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

function lengthProblem(local: string, address: string): string | undefined {
  if (local.length > 64) {
    const over = local.length - 64;
    return `The email address is too long before the @-sign (${over} character${
      over === 1 ? "" : "s"
    } too many).`;
  }
  if (address.length > 254) {
    const over = address.length - 254;
    return `The email address is too long (${over} character${over === 1 ? "" : "s"} too many).`;
  }
  return undefined;
}
