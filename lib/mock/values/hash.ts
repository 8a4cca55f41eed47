/** Hashes of 32 bits that are the same on every engine. */

/** The hash of a text. */
export function hashText(text: string): number {
  return finish(addText(START, text));
}

/**
 * The hash of values after that of a text. Equal values have equal hashes, whatever the order of their members, and
 * whether an integer is a `number` or a `bigint`.
 */
export function hashValues(start: number, values: Iterable<unknown>): number {
  let hash = start;
  for (const value of values) hash = addValue(hash, value);
  return finish(hash);
}

const START = 0x811c9dc5;
/** Distinguish values of different types, such as `0`, `""` and `[]`. */
const NULL = 1;
const BOOLEAN = 2;
const INTEGER = 3;
const NUMBER = 4;
const STRING = 5;
const LIST = 6;
const OBJECT = 7;

function addValue(hash: number, value: unknown): number {
  switch (typeof value) {
    case "number":
      return addNumber(hash, value);
    case "bigint": {
      const number = Number(value);
      return Number.isSafeInteger(number)
        ? addNumber(hash, number)
        : addText(addWord(hash, NUMBER), value.toString());
    }
    case "string":
      return addText(addWord(hash, STRING + (value.length << 3)), value);
    case "boolean":
      return addWord(hash, BOOLEAN + (value ? 8 : 0));
    case "object":
      return value === null ? addWord(hash, NULL) : addObject(hash, value);
    default:
      return addWord(hash, NULL);
  }
}

function addNumber(hash: number, value: number): number {
  if (!Number.isSafeInteger(value)) {
    const text = String(Number.isInteger(value) ? BigInt(value) : value);
    return addText(addWord(hash, NUMBER), text);
  }
  return addWord(addWord(addWord(hash, INTEGER), value), Math.floor(value / 2 ** 32));
}

function addObject(hash: number, value: object): number {
  if (Array.isArray(value)) {
    let list = addWord(hash, LIST + (value.length << 3));
    for (const item of value) list = addValue(list, item);
    return list;
  }
  // A sum does not depend on the order of the members.
  let sum = 0;
  for (const key of Object.keys(value)) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member !== undefined) sum += finish(addValue(addText(START, key), member));
  }
  return addWord(addWord(hash, OBJECT), sum);
}

// FNV-1a.
function addText(hash: number, text: string): number {
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}

// A step of MurmurHash3, for the low 32 bits of a number.
function addWord(hash: number, word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  hash ^= Math.imul(mixed << 15 | mixed >>> 17, 0x1b873593);
  return Math.imul(hash << 13 | hash >>> 19, 5) + 0xe6546b64 | 0;
}

// The last step of MurmurHash3: calls often differ in one digit at the end, which must reach all bits.
function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
