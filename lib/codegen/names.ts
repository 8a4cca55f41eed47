/** Names that TypeScript does not allow for a type, or that mean something else in a type position. */
const RESERVED = new Set(
  ("any as asserts async await bigint boolean break case catch class const constructor continue debugger declare " +
    "default delete do else enum export extends false finally for from function get global if implements import in " +
    "infer instanceof interface intrinsic is keyof let module namespace never new null number object of out package " +
    "private protected public readonly require return satisfies set static string super switch symbol this throw " +
    "true try type typeof undefined unique unknown using var void while with yield eval arguments")
    .split(" "),
);

/** Names that the generated file itself uses or exports. */
const OWN = [
  "Promise",
  "Record",
  "Partial",
  "Types",
  "ProcedureArguments",
  "ProcedureKinds",
  "procedureKinds",
];
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const ASTRAL = /[\u{10000}-\u{10ffff}]/u;
const ASCII_IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const OWN_FOLDED = new Set(OWN.map(fold));
// Characters that are valid in identifiers and invisible.
const INVISIBLE =
  "\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u3164\\ufe00-\\ufe0f\\uffa0\\u{e0100}-\\u{e01ef}";
// Characters that became letters in Unicode after TypeScript 5.4's tables, such as the Japanese middle dot. Engines
// differ as well.
const NEWER =
  "\\u0870-\\u089f\\u08b5\\u08be-\\u08d2\\u0b55\\u0c3c\\u0c5c\\u0c5d\\u0cdc\\u0cdd\\u0cf3\\u0d04\\u0d81\\u0ece\\u170d\\u1715\\u171f\\u1abf-\\u1aff" +
  "\\u1b4c\\u1c89\\u1c8a\\u1dfa\\u2c2f\\u2c5f\\u30fb\\u31bb-\\u31bf\\u4db6-\\u4dbf\\u9ff0-\\u9fff\\ua7c0\\ua7c1\\ua7c7-\\ua7f6" +
  "\\ua82c\\uab68\\uab69\\uff65";
const IS_UNSURE = new RegExp(`[${INVISIBLE}${NEWER}]`, "u");
const SEPARATORS = new RegExp(
  `(?:[^\\p{ID_Continue}$]|[${INVISIBLE}${NEWER}\\u{10000}-\\u{10ffff}])+`,
  "u",
);

/**
 * Returns the key for comparing names: two types must not differ by case only, because file systems and people confuse
 * them.
 */
export function fold(name: string): string {
  // For other names, the engine loads Unicode tables, which takes longer than a hundred of these calls.
  return (ASCII_IDENTIFIER.test(name) ? name : name.normalize("NFC")).toLowerCase();
}

/**
 * Returns the identifier for a model's title or `$defs` key: the label itself if it is an identifier (Unicode
 * included), otherwise its parts in Pascal case (`Page[Product]` → `PageProduct`). Names that TypeScript or the file
 * itself uses get the suffix `Model`.
 */
export function typeIdentifier(label: string): string {
  const name = isIdentifier(label) ? label : pascalCase(label);
  return RESERVED.has(name) || OWN_FOLDED.has(fold(name)) ? `${name}Model` : name;
}

function pascalCase(label: string): string {
  const joined = label.split(SEPARATORS).filter((part) => part !== "").map(capitalise).join("");
  if (/^_*$/.test(joined)) return "GeneratedType";
  return IDENTIFIER.test(joined) ? joined : `_${joined}`;
}

/**
 * Returns true if every compiler accepts a text as identifier and it contains nothing invisible (reserved words pass).
 */
export function isIdentifier(text: string): boolean {
  if (ASCII_IDENTIFIER.test(text)) return true;
  // Compilers with older Unicode versions differ beyond the basic plane.
  return IDENTIFIER.test(text) && !IS_UNSURE.test(text) && !ASTRAL.test(text);
}

/** Returns the label of an element of an argument tuple; labels are documentation only. */
export function tupleLabel(parameter: string, index: number): string {
  if (!isIdentifier(parameter)) return `arg${index}`;
  return RESERVED.has(parameter) ? `${parameter}_` : parameter;
}

function capitalise(part: string): string {
  const [first = ""] = part;
  return first.toUpperCase() + part.slice(first.length);
}

/** A type that needs a name. */
export interface NameRequest {
  /** The title or, without one, the `$defs` key. */
  readonly label: string;
  /**
   * The parts of the module if Pydantic included it (`shop__catalog__Item` → `["shop", "catalog"]`), otherwise empty.
   */
  readonly module: readonly string[];
  /** Sorts requests with the same label; must not depend on the order of the document. */
  readonly order: () => string;
}

/**
 * Assigns each request a unique name; names that differ by case only count as equal. Requests with the same name are
 * distinguished by their modules if Pydantic included them for each (`CatalogItem`, `OrdersItem`); otherwise the first
 * by `order` keeps the name and the others are numbered.
 *
 * @param taken receives every assigned name, folded by {@link fold}
 */
export function assignNames(requests: readonly NameRequest[], taken: Set<string>): string[] {
  const identifiers = requests.map(({ label }) => typeIdentifier(label));
  const groups = new Map<string, Namesake[]>();
  requests.forEach((request, index) => {
    const identifier = identifiers[index] ?? "";
    const key = fold(identifier);
    const namesake = { index, identifier, request };
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [namesake]);
    else group.push(namesake);
  });
  for (const name of OWN_FOLDED) taken.add(name);
  for (const name of groups.keys()) taken.add(name);

  const names = [...identifiers];
  const crowded = [...groups].filter(([, group]) => group.length > 1).sort(([a], [b]) =>
    compare(a, b)
  );
  for (const [, group] of crowded) {
    for (const [index, name] of nameGroup(group, taken)) names[index] = name;
  }
  return names;
}

/** A request that shares its identifier with others. */
interface Namesake {
  readonly index: number;
  readonly identifier: string;
  readonly request: NameRequest;
}

/** Returns the new names of a group, each with the index of its request. */
function nameGroup(
  group: readonly Namesake[],
  taken: Set<string>,
): [index: number, name: string][] {
  const qualified = qualifiedNames(group.map(({ request }) => request));
  if (qualified?.every((name) => !taken.has(fold(name)))) {
    for (const name of qualified) taken.add(fold(name));
    return group.map((
      { index, identifier },
      position,
    ) => [index, qualified[position] ?? identifier]);
  }
  const ordered = group
    .map((namesake) => ({ ...namesake, order: namesake.request.order() }))
    .sort((a, b) => compare(a.request.label, b.request.label) || compare(a.order, b.order));
  return ordered.slice(1).map(({ index, identifier }, position) => [
    index,
    freeName(identifier, taken, position + 2),
  ]);
}

/** Returns `base`, or `base` with the first free number from `from` on, and marks it as taken. */
export function freeName(base: string, taken: Set<string>, from = 1): string {
  for (let number = from;; number++) {
    const name = number === 1 ? base : `${base}${number}`;
    if (taken.has(fold(name))) continue;
    taken.add(fold(name));
    return name;
  }
}

function qualifiedNames(requests: readonly NameRequest[]): string[] | undefined {
  if (requests.some(({ module }) => module.length === 0)) return undefined;
  const longest = Math.max(...requests.map(({ module }) => module.length));
  for (let parts = 1; parts <= longest; parts++) {
    const names = requests.map(({ label, module }) => {
      const words = module.slice(-parts).flatMap((part) => part.split("_")).map(capitalise);
      return typeIdentifier(words.join("") + capitalise(typeIdentifier(label)));
    });
    if (new Set(names.map(fold)).size === names.length) return names;
  }
  return undefined;
}

/** Compares by code units, independent of the locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
