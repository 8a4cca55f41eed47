import type { HeaderValues, Link, RequestOptions } from "../pyrpc_client.ts";
import { type ContractHashes, contractHashes, type HashedProcedure } from "./contract_hash.ts";

/** The differences between the deployed contract and the one of the generated types. */
export interface ContractChange {
  /** Procedures that the types do not have. */
  readonly added: readonly string[];
  /** Procedures that the server does not have. */
  readonly removed: readonly string[];
  /** Procedures with other parameters or another result. */
  readonly changed: readonly string[];
  /** Hash of the deployed contract. */
  readonly hash: string;
}

/** Options of {@link contractLink}. */
export interface ContractLinkOptions {
  /** The value `contract` of the generated types. */
  readonly contract: ContractHashes;
  /** Called when the deployed contract differs, once for each version of it. */
  readonly onChange: (change: ContractChange) => void;
  /** The server's URL, with or without `/rpc` (default in browsers: the origin of the page). */
  readonly url?: string | undefined;
  /** Sent with the request (default: the headers of the client). */
  readonly headers?: RequestOptions["headers"];
  /** Milliseconds of a clock that never jumps (default: `performance.now`). */
  readonly now?: (() => number) | undefined;
}

interface ContractAnswer {
  readonly ok: boolean;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

// Declared here, because the compiler may lack the DOM's types, and declarations differ between platforms.
const platform = globalThis as unknown as {
  readonly fetch: (
    url: string,
    init: { readonly method: "GET"; readonly headers: Record<string, string> },
  ) => Promise<ContractAnswer>;
  readonly location?: { readonly origin: string };
  readonly performance: { now(): number };
  readonly console: { error(error: unknown): void };
  readonly Headers: new (values?: HeaderValues) => {
    forEach(each: (value: string, name: string) => void): void;
  };
};

const MINUTE = 60_000;

/**
 * Compares the contract of the server with that of the generated types: when the client is created, and after a call that
 * the server rejects as invalid or unknown, but at most once a minute. Errors of its request are ignored.
 */
export function contractLink(
  { contract, onChange, url, headers, now = () => platform.performance.now() }: ContractLinkOptions,
): Link {
  return (defaults) => {
    const base = url ?? platform.location?.origin;
    if (base === undefined) throw new Error("No url detected.");
    const endpoint = `${base.replace(/(\/rpc)?\/*$/i, "")}/rpc`;
    let last = -Infinity;
    let etag: string | null = null;
    let known = contract.hash;
    const ask = async (): Promise<void> => {
      const sent = headers ?? defaults.headers;
      const values: Record<string, string> = {};
      new platform.Headers(typeof sent === "function" ? await sent() : sent)
        .forEach((value, name) => values[name] = value);
      if (etag !== null) values["if-none-match"] = etag;
      // A conditional request may be refused where a simple one is not.
      etag = null;
      // The client's type allows calls only; the function is a replacement of the platform's.
      const fetch = defaults.fetch as unknown as typeof platform.fetch | undefined;
      const answer = await (fetch ?? platform.fetch)(endpoint, { method: "GET", headers: values });
      // 304: the same as before.
      if (!answer.ok) {
        etag = values["if-none-match"] ?? null;
        return;
      }
      const document: unknown = JSON.parse(await answer.text());
      // A proxy may answer with JSON of its own.
      if (!isContract(document)) return;
      const deployed = contractHashes(document);
      etag = answer.headers.get("etag");
      if (deployed.hash === known) return;
      known = deployed.hash;
      if (known === contract.hash) return;
      try {
        // An async function is accepted as well: its rejection would be unhandled.
        await (onChange(changeOf(contract, deployed)) as unknown);
      } catch (error) {
        platform.console.error(error);
      }
    };
    const askAgain = (): void => {
      if (now() - last < MINUTE) return;
      last = now();
      ask().catch(() => {});
    };
    askAgain();
    return async (_, next) => {
      try {
        return await next();
      } catch (error) {
        const { code } = error as { readonly code?: unknown };
        if (code === -32602 || code === -32601) askAgain();
        throw error;
      }
    };
  };
}

function isContract(value: unknown): value is { readonly [name: string]: HashedProcedure } {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((one) => Array.isArray(one?.parameters));
}

function changeOf(
  { procedures: before }: ContractHashes,
  { procedures: after, hash }: ContractHashes,
): ContractChange {
  const has = (hashes: ContractHashes["procedures"], name: string) => Object.hasOwn(hashes, name);
  return {
    added: Object.keys(after).filter((name) => !has(before, name)),
    removed: Object.keys(before).filter((name) => !has(after, name)),
    changed: Object.keys(before).filter((name) => has(after, name) && before[name] !== after[name]),
    hash,
  };
}
