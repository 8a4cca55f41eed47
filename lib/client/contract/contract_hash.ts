/** Hashes of a contract, by the name of the procedure. */
export interface ContractHashes {
  /** Hash of all procedures. */
  readonly hash: string;
  readonly procedures: { readonly [name: string]: string };
}

/** A procedure in the answer to `GET /rpc`, as far as calls depend on it. */
export interface HashedProcedure {
  readonly parameters?: readonly HashedParameter[];
  readonly return_schema?: unknown;
}

/** A parameter in the answer to `GET /rpc`. */
export interface HashedParameter {
  readonly name: string;
  readonly required?: unknown;
  readonly schema_?: unknown;
  /** In snapshots of upstream's `pyrpc pull`. */
  readonly schema?: unknown;
}

/**
 * Returns the hashes of a contract: the same whatever the order of keys, the number format and the documentation, so that
 * they do not depend on the adapter, and on the way in which a contract is loaded.
 */
export function contractHashes(
  procedures: { readonly [name: string]: HashedProcedure },
): ContractHashes {
  const hashes = Object.entries(procedures).sort(byName).map(([name, procedure]) =>
    [name, hashOf(procedureText(procedure))] as const
  );
  return { hash: hashOf(JSON.stringify(hashes)), procedures: Object.fromEntries(hashes) };
}

function procedureText({ parameters = [], return_schema }: HashedProcedure): string {
  const given = parameters.map(({ name, required, schema_, schema }) => [
    name,
    required === true,
    schemaText(schema_ ?? schema, "schema"),
  ]);
  return JSON.stringify([given, schemaText(return_schema, "schema")]);
}

type Place = "schema" | "map" | "data";

const DOCUMENTATION = /^(?:title|description|examples?|deprecated|readOnly|writeOnly|\$comment)$/;
const MAPS = /^(?:properties|patternProperties|\$defs|definitions)$/;
const DATA = /^(?:default|const|enum|discriminator)$/;

/** Handwritten types are never as deep; deeper parts are not hashed. */
const MAX_DEPTH = 200;

function schemaText(value: unknown, place: Place, key = "", depth = 0): string {
  // JSON.parse rounds large integers as well.
  if (typeof value === "bigint") return JSON.stringify(Number(value));
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  if (depth > MAX_DEPTH) return "…";
  if (Array.isArray(value)) {
    const items = value.map((item) => schemaText(item, place, "", depth + 1));
    return `[${key === "required" ? items.sort() : items}]`;
  }
  const members = Object.entries(value).sort(byName)
    .filter(([name]) => place !== "schema" || !DOCUMENTATION.test(name))
    .map(([name, member]) =>
      `${JSON.stringify(name)}:${schemaText(member, placeOf(place, name), name, depth + 1)}`
    );
  return `{${members}}`;
}

function placeOf(place: Place, name: string): Place {
  if (place !== "schema") return place === "map" ? "schema" : "data";
  return MAPS.test(name) ? "map" : DATA.test(name) ? "data" : "schema";
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// cyrb53 by bryc (public domain): 53 bits detect changes; `crypto.subtle` is missing on pages without HTTPS.
function hashOf(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}
