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
  const hashes = Object.keys(procedures).sort().map((name) =>
    [name, hashOf(procedureHash(procedures[name] ?? {}))] as const
  );
  const own = Object.fromEntries(hashes);
  return { hash: hashOf(valueHash(own, "data")), procedures: own };
}

function procedureHash({ parameters = [], return_schema }: HashedProcedure): number {
  let hash = PARAMETERS;
  for (const { name, required, schema_, schema } of parameters) {
    hash = mixed(hash, textHash(required === true ? REQUIRED : OPTIONAL, name));
    hash = mixed(hash, valueHash(schema_ ?? schema, "schema"));
  }
  return mixed(hash, valueHash(return_schema, "schema"));
}

// Start values: a list, an object and a text with the same content have other hashes.
const [PARAMETERS, REQUIRED, OPTIONAL, LIST, OBJECT, TEXT, OTHER] = [1, 2, 3, 4, 5, 6, 7];

type Place = "schema" | "map" | "data";

// The members of a schema that do not contain schemas.
const PLACES: ReadonlyMap<string, Place | "documentation"> = new Map([
  ...[
    "title",
    "description",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$comment",
  ].map((name) => [name, "documentation"] as const),
  ...["properties", "patternProperties", "$defs", "definitions"].map((name) =>
    [name, "map"] as const
  ),
  ...["default", "const", "enum", "discriminator"].map((name) => [name, "data"] as const),
]);

/** Handwritten types are never as deep; deeper parts are not hashed. */
const MAX_DEPTH = 200;

function valueHash(value: unknown, place: Place, key = "", depth = 0): number {
  if (typeof value === "string") return textHash(TEXT, value);
  if (typeof value !== "object" || value === null) {
    // JSON.parse rounds large integers as well.
    return textHash(OTHER, String(typeof value === "bigint" ? Number(value) : value ?? null));
  }
  if (depth > MAX_DEPTH) return OTHER;
  if (Array.isArray(value)) {
    let hash = LIST;
    const isSet = key === "required" && place === "schema";
    for (const item of value) {
      const inner = valueHash(item, place, "", depth + 1);
      hash = isSet ? hash + mixed(LIST, inner) | 0 : mixed(hash, inner);
    }
    return mixed(hash, LIST);
  }
  // A sum, because members have no order.
  let sum = 0;
  for (const name of Object.keys(value)) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    let inside: Place = place === "map" ? "schema" : "data";
    if (place === "schema") {
      const own = PLACES.get(name) ?? "schema";
      // pyRPC writes the type "any" for a parameter without an annotation; later versions may write an empty schema.
      if (own === "documentation" || (name === "type" && member === "any")) continue;
      inside = own;
    }
    const inner = valueHash(member, inside, name, depth + 1);
    sum = sum + mixed(textHash(OBJECT, name), inner) | 0;
  }
  return mixed(OBJECT, sum);
}

// Steps of MurmurHash3 (public domain): 32 bits detect changes; `crypto.subtle` is missing on pages without HTTPS.
function mixed(hash: number, value: number): number {
  let part = Math.imul(value, 0xcc9e2d51);
  part = Math.imul(part << 15 | part >>> 17, 0x1b873593) ^ hash;
  part = Math.imul(part << 13 | part >>> 19, 5) + 0xe6546b64 | 0;
  part = Math.imul(part ^ part >>> 16, 0x85ebca6b);
  part = Math.imul(part ^ part >>> 13, 0xc2b2ae35);
  return part ^ part >>> 16;
}

function textHash(start: number, text: string): number {
  let hash = start;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  return hash;
}

function hashOf(hash: number): string {
  return (hash >>> 0).toString(36);
}
