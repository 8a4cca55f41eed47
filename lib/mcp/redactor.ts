import { Buffer } from "node:buffer";
import type { LoadOptions } from "../source/mod.ts";

// Other headers may have short values that occur everywhere, such as the name of a tenant.
const SECRET = /auth|token|key|secret|cookie|pass|session|credential|signature/i;

/**
 * Returns a function that removes the values of headers, the token and the credentials in the URL of the contract, which
 * a server may repeat.
 */
export function redactor(
  { token, headers = [] }: LoadOptions,
  source: () => string | undefined,
): (text: string) => string {
  const given = [
    token,
    ...headers.filter(([name, value]) => SECRET.test(name) || value.length >= 16)
      .flatMap(([, value]) => [value, ...value.split(/\s+/)]),
  ];
  return (text) => {
    const secrets = [...given, ...secretsOf(source())]
      .filter((secret) => secret !== undefined && secret.length >= 4)
      .sort((a = "", b = "") => b.length - a.length);
    return secrets.reduce<string>((hidden, secret = "") => hidden.replaceAll(secret, "***"), text);
  };
}

function secretsOf(source: string | undefined): string[] {
  if (source === undefined || !URL.canParse(source)) return [];
  const { username, password, searchParams } = new URL(source);
  const user = decoded(username);
  const pass = decoded(password);
  // The header of basic authentication contains both.
  const basic = user + pass === "" ? "" : Buffer.from(`${user}:${pass}`).toString("base64");
  // A user without a password is a token.
  const token = pass === "" ? [username, user] : [];
  return [password, pass, basic, ...token, ...searchParams.values()];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
