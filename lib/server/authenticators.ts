import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Authenticator } from "./authenticator.ts";
import { reasonOf } from "../errors.ts";
import { passwordsUnusable } from "./errors.ts";

/**
 * Accepts this token as `Authorization: Bearer …`, and as the password of any name in `Basic …`: a browser that opens a
 * page can only send the latter.
 */
export function tokenAuthenticator(token: string): Authenticator {
  const wanted = digest(token);
  return {
    challenge: 'Bearer realm="pyrpc", Basic realm="pyrpc", charset="UTF-8"',
    authenticate({ authorization }) {
      const shown = /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1] ??
        basicCredentials(authorization)?.password;
      return shown !== undefined && timingSafeEqual(digest(shown.trim()), wanted)
        ? "token"
        : undefined;
    },
  };
}

/** Accepts a name and its password as `Authorization: Basic …`; the identity is the name. Empty passwords are refused. */
export function basicAuthenticator(passwords: ReadonlyMap<string, string>): Authenticator {
  const wanted = new Map([...passwords].map(([name, password]) => [name, digest(password)]));
  const unknown = digest("");
  return {
    challenge: 'Basic realm="pyrpc", charset="UTF-8"',
    authenticate({ authorization }) {
      const shown = basicCredentials(authorization);
      if (shown === undefined) return undefined;
      const { name, password } = shown;
      if (password === "") return undefined;
      // Comparing takes the same time for unknown names.
      const fits = timingSafeEqual(digest(password), wanted.get(name) ?? unknown);
      return fits && wanted.has(name) ? name : undefined;
    },
  };
}

function basicCredentials(
  authorization: string | undefined,
): { readonly name: string; readonly password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Accepts what any of several authenticators accepts. */
export function anyAuthenticator(authenticators: readonly Authenticator[]): Authenticator {
  return {
    challenge: authenticators.map(({ challenge }) => challenge).join(", "),
    async authenticate(credentials) {
      for (const authenticator of authenticators) {
        const identity = await authenticator.authenticate(credentials);
        if (identity !== undefined) return identity;
      }
      return undefined;
    },
  };
}

/**
 * Reads a file of `name:password` lines.
 *
 * @throws ToolError `SERVER_PASSWORDS_UNUSABLE`
 */
export async function loadPasswords(path: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw passwordsUnusable(path, reasonOf(error));
  });
  const passwords = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    if (colon < 1) throw passwordsUnusable(path, `line ${index + 1} is not name:password`);
    if (line.slice(colon + 1).trim() === "") {
      throw passwordsUnusable(path, `line ${index + 1} has an empty password`);
    }
    passwords.set(line.slice(0, colon), line.slice(colon + 1));
  }
  if (passwords.size === 0) throw passwordsUnusable(path, "it has no entries");
  return passwords;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
