import { Buffer } from "node:buffer";
import { badUrl } from "./errors.ts";

/** A server's address, taken apart so that no secret in it is ever printed. */
export interface RpcUrl {
  /** The address for requests: without user, password and fragment. */
  readonly url: URL;
  /** The address for messages: without the values of the query as well, which may be keys. */
  readonly where: string;
  /** The `Authorization` value made of the user and password in the URL. */
  readonly authorization?: string;
}

/**
 * Reads a server's URL as a user writes it: trailing slashes are stripped and `/rpc` is added when it is missing
 * (a path that ends in `.json` is a published snapshot and stays as it is).
 *
 * @throws ToolError `SOURCE_URL`
 */
export function rpcUrl(text: string): RpcUrl {
  if (!URL.canParse(text)) throw badUrl();
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw badUrl();
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = /\/rpc$/i.test(path) || /\.json$/i.test(path) ? path : `${path}/rpc`;
  url.hash = "";
  const authorization = basicAuthorization(url);
  url.username = "";
  url.password = "";
  return { url, where: shownUrl(url), ...(authorization === undefined ? {} : { authorization }) };
}

/** A URL for people: neither user and password nor the values of its query. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === "" ? "" : "?…"}`;
}

/** Returns true if a text is the address of a server. */
export function isServerUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** The value of `Authorization` or `Proxy-Authorization` for the user and password in a URL. */
export function basicAuthorization(url: URL): string | undefined {
  if (url.username === "" && url.password === "") return undefined;
  const credentials = `${decode(url.username)}:${decode(url.password)}`;
  return `Basic ${Buffer.from(credentials, "utf8").toString("base64")}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign in a password is meant as it stands.
    return text;
  }
}
