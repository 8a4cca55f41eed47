/**
 * Brine: rpyc's encoding of immutable Python values (`rpyc/core/brine.py` of rpyc 6). One tag byte, then the tag's content,
 * big-endian. Lists, dicts and sets are not part of it: they are sent by reference.
 *
 * Python's `int` is a `bigint` here and `float` a `number`, because `1` and `1.0` are different values on the wire.
 */
import { Buffer } from "node:buffer";
import { malformedBrine } from "./errors.ts";

/** Python's `slice`. */
export class Slice {
  readonly start: BrineValue;
  readonly stop: BrineValue;
  readonly step: BrineValue;
  constructor(start: BrineValue, stop: BrineValue, step: BrineValue) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
}

/** Python's `frozenset`, with its members in the order of the bytes. */
export class FrozenSet {
  readonly members: readonly BrineValue[];
  constructor(members: readonly BrineValue[]) {
    this.members = members;
  }
}

/** Python's `complex`. */
export class Complex {
  readonly real: number;
  readonly imaginary: number;
  constructor(real: number, imaginary: number) {
    this.real = real;
    this.imaginary = imaginary;
  }
}

/** Python's `NotImplemented` or `Ellipsis`. */
export class PythonConstant {
  readonly name: "NotImplemented" | "Ellipsis";
  constructor(name: "NotImplemented" | "Ellipsis") {
    this.name = name;
  }
}

/** Python's `NotImplemented`. */
export const NotImplemented: PythonConstant = new PythonConstant("NotImplemented");
/** Python's `...`. */
export const Ellipsis: PythonConstant = new PythonConstant("Ellipsis");

/** A value that brine can encode: `bigint` is Python's int, `number` its float, an array its tuple. */
export type BrineValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Slice
  | FrozenSet
  | Complex
  | PythonConstant
  | readonly BrineValue[];

/** Limits of {@link decodeBrine}. */
export interface BrineLimits {
  /** Maximum nesting of tuples, slices and frozensets. */
  readonly maxDepth: number;
  /** Decimal digits of one integer, whose parsing takes more than linear time. Python's own limit is 4300. */
  readonly maxDigits: number;
}

/** @default {100 levels, 4300 digits} */
export const BRINE_LIMITS: BrineLimits = { maxDepth: 100, maxDigits: 4300 };

const Tag = {
  None: 0x00,
  EmptyBytes: 0x01,
  EmptyTuple: 0x02,
  True: 0x03,
  False: 0x04,
  NotImplemented: 0x05,
  Ellipsis: 0x06,
  Str: 0x08,
  Bytes1: 0x0a,
  Bytes4: 0x0d,
  BytesL1: 0x0e,
  BytesL4: 0x0f,
  Tuple1: 0x10,
  Tuple4: 0x13,
  TupleL1: 0x14,
  TupleL4: 0x15,
  IntL1: 0x16,
  IntL4: 0x17,
  Float: 0x18,
  Slice: 0x19,
  FrozenSet: 0x1a,
  Complex: 0x1b,
  IntFirst: 0x20,
  IntLast: 0xef,
} as const;

const SMALL_INT_OFFSET = 0x50;
/** Up to this number of bytes or characters, a loop is faster than a call of the engine. */
const SHORT = 64;
const EMPTY_BUFFER = Buffer.alloc(0);

/** Encodes one value in its shortest form, as rpyc does. */
export function encodeBrine(value: BrineValue): Uint8Array {
  SHARED.discard();
  SHARED.value(value);
  return SHARED.finish();
}

/** Size of a writer's buffer. It has room for many messages of the usual size. */
const CHUNK_SIZE = 8192;
const MIN_ROOM = 256;

/** Writes values into a growing buffer. Can be used again after {@link BrineWriter.finish}. */
export class BrineWriter {
  #buffer = EMPTY_BUFFER;
  #start = 0;
  #length = 0;

  /** Returns the written bytes, which later writes do not change. */
  finish(): Buffer {
    const written = this.#buffer.subarray(this.#start, this.#length);
    this.#start = this.#length;
    // A large buffer is not reused.
    if (this.#buffer.length > CHUNK_SIZE) {
      this.#buffer = EMPTY_BUFFER;
      this.#start = this.#length = 0;
    }
    return written;
  }

  /** Discards the bytes written since the last {@link BrineWriter.finish}. */
  discard(): void {
    this.#length = this.#start;
  }

  /** Number of bytes written since the last {@link BrineWriter.finish}. */
  get size(): number {
    return this.#length - this.#start;
  }

  /** Writes one byte without a tag. */
  byte(byte: number): void {
    if (this.#length === this.#buffer.length) this.#reserve(1);
    this.#buffer[this.#length++] = byte;
  }

  /** Writes four bytes without a tag. */
  u32(value: number): void {
    this.#reserve(4);
    this.#length += 4;
    this.setU32(this.size - 4, value);
  }

  /** Overwrites four written bytes at an offset. */
  setU32(at: number, value: number): void {
    const from = this.#start + at;
    this.#buffer[from] = value >>> 24;
    this.#buffer[from + 1] = value >>> 16;
    this.#buffer[from + 2] = value >>> 8;
    this.#buffer[from + 3] = value;
  }

  /** Begins a tuple of `count` values, which must be written next. */
  tuple(count: number): void {
    if (count === 0) return this.byte(Tag.EmptyTuple);
    if (count <= 4) this.byte(Tag.Tuple1 + count - 1);
    else this.#length1or4(count, Tag.TupleL1, Tag.TupleL4);
  }

  /** Writes Python's int from an integer that a double represents exactly. */
  int(value: number): void {
    if (value >= -48 && value <= 159) this.byte(value + SMALL_INT_OFFSET);
    else this.#digits(value.toString());
  }

  value(value: BrineValue): void {
    switch (typeof value) {
      case "boolean":
        return this.byte(value ? Tag.True : Tag.False);
      case "bigint":
        return this.#bigint(value);
      case "number":
        this.byte(Tag.Float);
        return this.#double(value);
      case "string":
        this.byte(Tag.Str);
        return this.#text(value);
    }
    if (value === null) return this.byte(Tag.None);
    if (value instanceof Uint8Array) return this.#bytes(value);
    if (value instanceof Slice) {
      this.byte(Tag.Slice);
      return this.#tuple([value.start, value.stop, value.step]);
    }
    if (value instanceof FrozenSet) {
      this.byte(Tag.FrozenSet);
      return this.#tuple(value.members);
    }
    if (value instanceof Complex) {
      this.byte(Tag.Complex);
      this.#double(value.real);
      return this.#double(value.imaginary);
    }
    if (value instanceof PythonConstant) {
      return this.byte(value.name === "Ellipsis" ? Tag.Ellipsis : Tag.NotImplemented);
    }
    this.#tuple(value as readonly BrineValue[]);
  }

  #bigint(value: bigint): void {
    // Numbers are faster to compare and to format.
    const number = Number(value);
    if (Number.isSafeInteger(number)) this.int(number);
    else this.#digits(value.toString());
  }

  #digits(text: string): void {
    this.#length1or4(text.length, Tag.IntL1, Tag.IntL4);
    this.#reserve(text.length);
    this.#length += this.#buffer.write(text, this.#length, "latin1");
  }

  // Writes short ASCII, such as names, directly into the buffer.
  #text(text: string): void {
    const { length } = text;
    if (length === 0 || length > SHORT) return this.#bytes(Buffer.from(text, "utf8"));
    this.#reserve(length + 2);
    let at = this.#length;
    if (length <= 4) this.#buffer[at++] = Tag.Bytes1 + length - 1;
    else {
      this.#buffer[at++] = Tag.BytesL1;
      this.#buffer[at++] = length;
    }
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return this.#bytes(Buffer.from(text, "utf8"));
      this.#buffer[at++] = code;
    }
    this.#length = at;
  }

  #bytes(bytes: Uint8Array): void {
    if (bytes.length === 0) return this.byte(Tag.EmptyBytes);
    if (bytes.length > 4) return this.#sized(bytes, Tag.BytesL1, Tag.BytesL4);
    this.byte(Tag.Bytes1 + bytes.length - 1);
    this.#raw(bytes);
  }

  #tuple(items: readonly BrineValue[]): void {
    this.tuple(items.length);
    for (const item of items) this.value(item);
  }

  #sized(bytes: Uint8Array, shortTag: number, longTag: number): void {
    this.#length1or4(bytes.length, shortTag, longTag);
    this.#raw(bytes);
  }

  #length1or4(length: number, shortTag: number, longTag: number): void {
    if (length < 256) {
      this.byte(shortTag);
      return this.byte(length);
    }
    this.byte(longTag);
    this.u32(length);
  }

  #double(value: number): void {
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleBE(value, this.#length);
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return;
    const written = this.#buffer.subarray(this.#start, this.#length);
    const wanted = written.length + size + MIN_ROOM;
    const larger = Buffer.allocUnsafeSlow(Math.max(CHUNK_SIZE, wanted, written.length * 2));
    larger.set(written);
    this.#buffer = larger;
    this.#start = 0;
    this.#length = written.length;
  }
}

// Shared, because a new writer for each small value would allocate a buffer.
const SHARED = new BrineWriter();

/**
 * Decodes the value in `bytes` from `start` to `end`. Every length form is accepted, not only the shortest. Bytes after the value are
 * ignored, as in rpyc.
 *
 * @throws MalformedBrineError if the bytes are not a brine value or exceed `limits`
 */
export function decodeBrine(
  bytes: Uint8Array,
  limits: BrineLimits = BRINE_LIMITS,
  start = 0,
  end: number = bytes.length,
): BrineValue {
  const buffer = bytes instanceof Buffer
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new BrineReader(buffer, limits, start, end).value(0);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads values in order. Returned values do not reference the bytes. */
class BrineReader {
  readonly #bytes: Buffer;
  readonly #limits: BrineLimits;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, limits: BrineLimits, start: number, end: number) {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#at = start;
    this.#end = end;
  }

  /**
   * @param depth number of values that contain this one
   * @throws MalformedBrineError as {@link decodeBrine}
   */
  value(depth: number): BrineValue {
    if (depth > this.#limits.maxDepth) throw malformedBrine("nested too deep");
    const tag = this.#u8();
    if (tag >= Tag.IntFirst && tag <= Tag.IntLast) return smallInt(tag);
    if (tag >= Tag.Tuple1 && tag <= Tag.Tuple4) return this.#tuple(tag - Tag.Tuple1 + 1, depth);
    switch (tag) {
      case Tag.None:
        return null;
      case Tag.True:
        return true;
      case Tag.False:
        return false;
      case Tag.EmptyTuple:
        return [];
      case Tag.NotImplemented:
        return NotImplemented;
      case Tag.Ellipsis:
        return Ellipsis;
      case Tag.Str:
        return this.#str();
      case Tag.IntL1:
        return this.#int(this.#u8());
      case Tag.IntL4:
        return this.#int(this.#u32());
      case Tag.Float:
        return this.#double();
      case Tag.Complex:
        return new Complex(this.#double(), this.#double());
      case Tag.TupleL1:
        return this.#tuple(this.#u8(), depth);
      case Tag.TupleL4:
        return this.#tuple(this.#u32(), depth);
      case Tag.Slice: {
        const parts = this.value(depth + 1);
        if (!Array.isArray(parts) || parts.length !== 3) {
          throw malformedBrine("slice without three parts");
        }
        return new Slice(parts[0] as BrineValue, parts[1] as BrineValue, parts[2] as BrineValue);
      }
      case Tag.FrozenSet: {
        const members = this.value(depth + 1);
        if (!Array.isArray(members)) throw malformedBrine("frozenset without a tuple");
        return new FrozenSet(members as readonly BrineValue[]);
      }
    }
    const length = this.#lengthOf(tag);
    if (length < 0) {
      throw malformedBrine(`unknown tag 0x${tag.toString(16).padStart(2, "0")}`);
    }
    // Copied, so that the bytes do not keep their frame in memory.
    const from = this.#skip(length);
    return new Uint8Array(this.#bytes.subarray(from, from + length));
  }

  /** Returns the length of the bytes after a tag for bytes; -1 for another tag. */
  #lengthOf(tag: number): number {
    if (tag >= Tag.Bytes1 && tag <= Tag.Bytes4) return tag - Tag.Bytes1 + 1;
    if (tag === Tag.BytesL1) return this.#u8();
    if (tag === Tag.EmptyBytes) return 0;
    if (tag === Tag.BytesL4) return this.#u32();
    return -1;
  }

  #str(): string {
    const length = this.#lengthOf(this.#u8());
    if (length < 0) throw malformedBrine("str without bytes");
    const from = this.#skip(length);
    if (length <= SHORT) {
      const text = cachedText(this.#bytes, from, length);
      if (text !== undefined) return text;
    }
    try {
      return UTF8.decode(this.#bytes.subarray(from, from + length));
    } catch {
      throw malformedBrine("str that is not valid UTF-8");
    }
  }

  #int(length: number): bigint {
    const from = this.#skip(length);
    if (length > 0 && length <= EXACT_DIGITS) return BigInt(this.#shortInt(from, length));
    const text = this.#bytes.toString("latin1", from, from + length);
    if (text.length > this.#limits.maxDigits + 1) throw malformedBrine("int with too many digits");
    if (!/^-?[0-9]+$/.test(text)) throw malformedBrine("int that is not a decimal number");
    return BigInt(text);
  }

  #shortInt(from: number, length: number): number {
    const isNegative = this.#bytes[from] === 0x2d;
    if (isNegative && length === 1) throw malformedBrine("int that is not a decimal number");
    let number = 0;
    for (let at = isNegative ? from + 1 : from; at < from + length; at++) {
      const digit = (this.#bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) throw malformedBrine("int that is not a decimal number");
      number = number * 10 + digit;
    }
    return isNegative ? -number : number;
  }

  #tuple(count: number, depth: number): BrineValue[] {
    // Every item has at least one byte: a count beyond the available bytes must not allocate memory.
    if (count > this.#end - this.#at) throw malformedBrine("tuple longer than its bytes");
    if (count > 0 && depth >= this.#limits.maxDepth) throw malformedBrine("nested too deep");
    const items: BrineValue[] = [];
    for (let index = 0; index < count; index++) {
      // Most items of rpyc's messages are small ints.
      const tag = this.#at < this.#end ? this.#bytes[this.#at] ?? 0 : 0;
      if (tag >= Tag.IntFirst && tag <= Tag.IntLast) {
        this.#at++;
        items.push(smallInt(tag));
      } else items.push(this.value(depth + 1));
    }
    return items;
  }

  #double(): number {
    return this.#bytes.readDoubleBE(this.#skip(8));
  }

  #u8(): number {
    if (this.#at >= this.#end) throw malformedBrine("ends in the middle of a value");
    return this.#bytes[this.#at++] ?? 0;
  }

  #u32(): number {
    return this.#bytes.readUInt32BE(this.#skip(4));
  }

  /** Returns the offset of the next `length` bytes and skips them. */
  #skip(length: number): number {
    const from = this.#at;
    if (from + length > this.#end) throw malformedBrine("ends in the middle of a value");
    this.#at = from + length;
    return from;
  }
}

/** Converts an integer to Python's int. */
export function pythonInt(value: number): bigint {
  return SMALL_INTS[value + SMALL_INT_OFFSET - Tag.IntFirst] ?? BigInt(value);
}

/** The ints that are encoded in one byte. */
const SMALL_INTS: readonly bigint[] = Array.from(
  { length: Tag.IntLast - Tag.IntFirst + 1 },
  (_, index) => BigInt(Tag.IntFirst + index - SMALL_INT_OFFSET),
);

function smallInt(tag: number): bigint {
  return SMALL_INTS[tag - Tag.IntFirst] ?? 0n;
}

/** Decimal digits (and a sign) that a double represents exactly. */
const EXACT_DIGITS = 15;

/** A cache of short texts, such as names, which are repeated in most messages: the last text of each hash. */
const CACHED_TEXTS: (string | undefined)[] = Array.from({ length: 256 }, () => undefined);

/** Returns a short ASCII text; `undefined` for other characters. */
function cachedText(bytes: Buffer, from: number, length: number): string | undefined {
  let hash = length;
  for (let index = 0; index < length; index++) {
    const byte = bytes[from + index] ?? 0;
    if (byte > 0x7f) return undefined;
    hash = (hash * 31 + byte) | 0;
  }
  const slot = (hash ^ hash >>> 8) & 0xff;
  const cached = CACHED_TEXTS[slot];
  if (cached !== undefined && isText(cached, bytes, from, length)) return cached;
  const text = bytes.toString("latin1", from, from + length);
  CACHED_TEXTS[slot] = text;
  return text;
}

function isText(text: string, bytes: Buffer, from: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (text.charCodeAt(index) !== bytes[from + index]) return false;
  }
  return true;
}
