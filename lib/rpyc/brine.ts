/**
 * Brine: rpyc's encoding of immutable Python values (`rpyc/core/brine.py` of rpyc 6). One tag byte, then the tag's content;
 * everything is big-endian. There are no lists, dicts or sets in it: those travel by reference.
 *
 * Python's `int` is a `bigint` here and `float` a `number`, because `1` and `1.0` are different values on this wire.
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

/** Python's `frozenset`; the members in the order in which they were read. */
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

/** One of Python's two odd constants. */
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

/** What brine can hold: `bigint` is Python's int, `number` its float, an array its tuple. */
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

/** Bounds of {@link decodeBrine}. */
export interface BrineLimits {
  /** How deep tuples, slices and frozensets may be nested. */
  readonly maxDepth: number;
  /** Decimal digits of one integer: reading them takes more than linear time. Python's own bound is 4300. */
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

/** One value as bytes, in the shortest form, as the real library writes it. */
export function encodeBrine(value: BrineValue): Uint8Array {
  const writer = new BrineWriter();
  writer.value(value);
  return writer.finish();
}

/** Writes values one after the other into one growing buffer. */
export class BrineWriter {
  #buffer = Buffer.allocUnsafe(256);
  #length = 0;

  /** What was written, as a view that later writes do not touch. */
  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** One byte as it is, without a tag. */
  byte(byte: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = byte;
  }

  value(value: BrineValue): void {
    switch (typeof value) {
      case "boolean":
        return this.byte(value ? Tag.True : Tag.False);
      case "bigint":
        return this.#int(value);
      case "number":
        this.byte(Tag.Float);
        return this.#double(value);
      case "string":
        this.byte(Tag.Str);
        return this.#bytes(Buffer.from(value, "utf8"));
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

  #int(value: bigint): void {
    if (value >= -48n && value <= 159n) return this.byte(Number(value) + SMALL_INT_OFFSET);
    const text = Buffer.from(value.toString(), "latin1");
    this.#sized(text, Tag.IntL1, Tag.IntL4);
  }

  #bytes(bytes: Uint8Array): void {
    if (bytes.length === 0) return this.byte(Tag.EmptyBytes);
    if (bytes.length > 4) return this.#sized(bytes, Tag.BytesL1, Tag.BytesL4);
    this.byte(Tag.Bytes1 + bytes.length - 1);
    this.#raw(bytes);
  }

  #tuple(items: readonly BrineValue[]): void {
    if (items.length === 0) return this.byte(Tag.EmptyTuple);
    if (items.length <= 4) this.byte(Tag.Tuple1 + items.length - 1);
    else this.#length1or4(items.length, Tag.TupleL1, Tag.TupleL4);
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
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32BE(length, this.#length);
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
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + size));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/**
 * Reads the one value that `bytes` hold. Every length form is accepted, not only the shortest. What follows the value is
 * ignored, as the real reader ignores it.
 *
 * @throws MalformedBrineError when the bytes are no brine value or go beyond `limits`.
 */
export function decodeBrine(bytes: Uint8Array, limits: BrineLimits = BRINE_LIMITS): BrineValue {
  return new BrineReader(bytes, limits).value(0);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class BrineReader {
  readonly #bytes: Buffer;
  readonly #limits: BrineLimits;
  #at = 0;

  constructor(bytes: Uint8Array, limits: BrineLimits) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#limits = limits;
  }

  value(depth: number): BrineValue {
    if (depth > this.#limits.maxDepth) throw malformedBrine("nested too deep");
    const tag = this.#take(1)[0]!;
    if (tag >= Tag.IntFirst && tag <= Tag.IntLast) return BigInt(tag - SMALL_INT_OFFSET);
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
        return this.#take(8).readDoubleBE();
      case Tag.Complex:
        return new Complex(this.#take(8).readDoubleBE(), this.#take(8).readDoubleBE());
      case Tag.TupleL1:
        return this.#tuple(this.#u8(), depth);
      case Tag.TupleL4:
        return this.#tuple(this.#u32(), depth);
      case Tag.Slice: {
        const parts = this.value(depth + 1);
        if (!Array.isArray(parts) || parts.length !== 3) {
          throw malformedBrine("slice without three parts");
        }
        return new Slice(parts[0]!, parts[1]!, parts[2]!);
      }
      case Tag.FrozenSet: {
        const members = this.value(depth + 1);
        if (!Array.isArray(members)) throw malformedBrine("frozenset without a tuple");
        return new FrozenSet(members as readonly BrineValue[]);
      }
    }
    if (tag >= Tag.Tuple1 && tag <= Tag.Tuple4) return this.#tuple(tag - Tag.Tuple1 + 1, depth);
    const bytes = this.#bytesOf(tag);
    if (bytes === undefined) {
      throw malformedBrine(`unknown tag 0x${tag.toString(16).padStart(2, "0")}`);
    }
    // A copy: the frame it lies in may be large and short-lived.
    return new Uint8Array(bytes);
  }

  #bytesOf(tag: number): Buffer | undefined {
    if (tag === Tag.EmptyBytes) return this.#take(0);
    if (tag >= Tag.Bytes1 && tag <= Tag.Bytes4) return this.#take(tag - Tag.Bytes1 + 1);
    if (tag === Tag.BytesL1) return this.#take(this.#u8());
    if (tag === Tag.BytesL4) return this.#take(this.#u32());
    return undefined;
  }

  #str(): string {
    const bytes = this.#bytesOf(this.#u8());
    if (bytes === undefined) throw malformedBrine("str that holds no bytes");
    try {
      return UTF8.decode(bytes);
    } catch {
      throw malformedBrine("str that is no UTF-8");
    }
  }

  #int(length: number): bigint {
    const text = this.#take(length).toString("latin1");
    if (text.length > this.#limits.maxDigits + 1) throw malformedBrine("int with too many digits");
    if (!/^-?[0-9]+$/.test(text)) throw malformedBrine("int that is no decimal number");
    return BigInt(text);
  }

  #tuple(count: number, depth: number): BrineValue[] {
    // Every item takes at least a byte: a count that the bytes cannot hold must not reserve memory.
    if (count > this.#bytes.length - this.#at) throw malformedBrine("tuple longer than its bytes");
    const items: BrineValue[] = [];
    for (let index = 0; index < count; index++) items.push(this.value(depth + 1));
    return items;
  }

  #u8(): number {
    return this.#take(1)[0]!;
  }

  #u32(): number {
    return this.#take(4).readUInt32BE();
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw malformedBrine("ends in the middle of a value");
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }
}
