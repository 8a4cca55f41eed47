import { Buffer } from "node:buffer";
import type { WireValue } from "../call.ts";
import { decodeUtf8 } from "../utf8.ts";
import { isOpaque } from "../unsendable.ts";
import { WireFloat } from "../../json/mod.ts";
import type { MarkedValue } from "../wire_float.ts";

/**
 * Decodes one MessagePack value that fills the bytes. Integers that a double cannot represent become `bigint`,
 * timestamps text. Format: <https://github.com/msgpack/msgpack/blob/master/spec.md>.
 *
 * Not `@msgpack/msgpack` (3.1.3): it does not limit the depth of untrusted messages, and it loses the difference
 * between `1` and `1.0`, which Python clients need.
 *
 * @throws RangeError or TypeError for invalid bytes, DepthError for values that are nested too deeply
 */
export function decodeMsgpack(bytes: Uint8Array, maxDepth: number): WireValue {
  const reader = new Reader(bytes, maxDepth);
  const value = reader.value(0);
  if (!reader.isAtEnd) throw new RangeError("More bytes follow the value");
  return value;
}

/** A value is nested too deeply. */
export class DepthError extends RangeError {}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #maxDepth: number;
  #at = 0;

  constructor(bytes: Uint8Array, maxDepth: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#maxDepth = maxDepth;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): WireValue {
    const head = this.#uint(1);
    if (head < 0x80) return head;
    if (head >= 0xe0) return head - 0x100;
    if (head < 0x90) return this.#map(head & 0x0f, depth);
    if (head < 0xa0) return this.#list(head & 0x0f, depth);
    if (head < 0xc0) return this.#text(head & 0x1f);
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#take(this.#uint(1 << (head - 0xc4))).slice();
      case 0xca:
        return this.#view.getFloat32(this.#skip(4));
      case 0xcb:
        return this.#view.getFloat64(this.#skip(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#uint(1 << (head - 0xcc));
      case 0xcf:
        return narrow(this.#view.getBigUint64(this.#skip(8)));
      case 0xd0:
        return this.#view.getInt8(this.#skip(1));
      case 0xd1:
        return this.#view.getInt16(this.#skip(2));
      case 0xd2:
        return this.#view.getInt32(this.#skip(4));
      case 0xd3:
        return narrow(this.#view.getBigInt64(this.#skip(8)));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#uint(1 << (head - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#list(this.#uint(2 << (head - 0xdc)), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(2 << (head - 0xde)), depth);
      default:
        throw new TypeError(`Byte ${head.toString(16)} does not start a supported value`);
    }
  }

  #list(length: number, depth: number): WireValue[] {
    this.#enter(length, depth);
    const list: WireValue[] = [];
    for (let index = 0; index < length; index++) list.push(this.value(depth + 1));
    return list;
  }

  #map(size: number, depth: number): WireValue {
    this.#enter(size * 2, depth);
    const entries: [string, WireValue][] = [];
    for (let index = 0; index < size; index++) {
      const key = this.value(depth + 1);
      if (typeof key !== "string" && typeof key !== "number") {
        throw new TypeError("A key is neither a string nor a number");
      }
      entries.push([String(key), this.value(depth + 1)]);
    }
    return Object.fromEntries(entries);
  }

  // Every item has at least one byte: an impossible length is refused before memory is allocated for it.
  #enter(items: number, depth: number): void {
    if (depth >= this.#maxDepth) throw new DepthError(`Nested more than ${this.#maxDepth} deep`);
    if (items > this.#bytes.length - this.#at) throw new RangeError("The message ends too early");
  }

  #text(length: number): string {
    return decodeUtf8(this.#take(length));
  }

  #take(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  #uint(width: number): number {
    const start = this.#skip(width);
    if (width === 1) return this.#view.getUint8(start);
    return width === 2 ? this.#view.getUint16(start) : this.#view.getUint32(start);
  }

  #skip(width: number): number {
    const start = this.#at;
    if (start + width > this.#bytes.length) throw new RangeError("The message ends too early");
    this.#at = start + width;
    return start;
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/**
 * Encodes a value as MessagePack. Whole numbers are integers unless marked as floats; `undefined` is nil.
 *
 * @throws RangeError for integers beyond 64 bits, TypeError for values that MessagePack cannot represent
 */
export function encodeMsgpack(value: MarkedValue): Uint8Array {
  const writer = new Writer();
  writer.value(value, 0);
  return writer.bytes();
}

const MAX_WRITE_DEPTH = 500;

class Writer {
  #buffer = Buffer.allocUnsafe(128);
  #size = 0;
  #start = 0;

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  value(value: unknown, depth: number): void {
    if (depth > MAX_WRITE_DEPTH) throw new TypeError("The value is nested too deeply");
    switch (typeof value) {
      case "number":
        return this.#number(value);
      case "string":
        return this.#text(value);
      case "boolean":
        return this.#byte(value ? 0xc3 : 0xc2);
      case "bigint":
        return this.#bigint(value);
      case "undefined":
        return this.#byte(0xc0);
      case "object":
        return value === null ? this.#byte(0xc0) : this.#object(value, depth);
      default:
        throw new TypeError(`A ${typeof value} cannot be sent`);
    }
  }

  #object(value: object, depth: number): void {
    if (value instanceof WireFloat) return this.#float(value.value);
    if (value instanceof Uint8Array) {
      this.#head(value.length, undefined, 0xc4, 0xc5, 0xc6);
      this.#at(value.length).set(value, this.#start);
      return;
    }
    const toJson = (value as { toJSON?: unknown }).toJSON;
    if (typeof toJson === "function") return this.value(toJson.call(value), depth + 1);
    if (Array.isArray(value)) {
      this.#head(value.length, 0x90, undefined, 0xdc, 0xdd);
      for (const item of value) this.value(item, depth + 1);
      return;
    }
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    if ((entries.length === 0 || ArrayBuffer.isView(value)) && isOpaque(value)) {
      throw new TypeError("The value cannot be sent");
    }
    this.#head(entries.length, 0x80, undefined, 0xde, 0xdf);
    for (const [key, member] of entries) {
      this.#text(key);
      this.value(member, depth + 1);
    }
  }

  #text(text: string): void {
    const length = Buffer.byteLength(text);
    if (length < 32) this.#byte(0xa0 | length);
    else this.#head(length, undefined, 0xd9, 0xda, 0xdb);
    this.#at(length).write(text, this.#start);
  }

  // Writes a length in its smallest form.
  #head(
    length: number,
    fixed: number | undefined,
    one: number | undefined,
    two: number,
    four: number,
  ): void {
    if (fixed !== undefined && length < 16) this.#byte(fixed | length);
    else if (one !== undefined && length < 0x100) {
      this.#byte(one);
      this.#byte(length);
    } else if (length < 0x10000) {
      this.#byte(two);
      this.#at(2).writeUInt16BE(length, this.#start);
    } else {
      this.#byte(four);
      this.#at(4).writeUInt32BE(length, this.#start);
    }
  }

  #number(value: number): void {
    if (!Number.isInteger(value) || Object.is(value, -0)) return this.#float(value);
    if (!Number.isSafeInteger(value)) return this.#float(value);
    if (value >= 0) {
      if (value < 0x80) this.#byte(value);
      else if (value < 0x100) {
        this.#byte(0xcc);
        this.#byte(value);
      } else if (value < 0x10000) {
        this.#byte(0xcd);
        this.#at(2).writeUInt16BE(value, this.#start);
      } else if (value < 0x100000000) {
        this.#byte(0xce);
        this.#at(4).writeUInt32BE(value, this.#start);
      } else this.#bigint(BigInt(value));
    } else if (value >= -0x20) this.#byte(value + 0x100);
    else if (value >= -0x80) {
      this.#byte(0xd0);
      this.#byte(value + 0x100);
    } else if (value >= -0x8000) {
      this.#byte(0xd1);
      this.#at(2).writeInt16BE(value, this.#start);
    } else if (value >= -0x80000000) {
      this.#byte(0xd2);
      this.#at(4).writeInt32BE(value, this.#start);
    } else this.#bigint(BigInt(value));
  }

  #bigint(value: bigint): void {
    if (value >= -0x80000000n && value <= 0xffffffffn) return this.#number(Number(value));
    if (value < -(2n ** 63n) || value >= 2n ** 64n) {
      throw new RangeError("An integer beyond 64 bits cannot be sent");
    }
    this.#byte(value < 0n ? 0xd3 : 0xcf);
    const at = this.#grow(8);
    if (value < 0n) this.#buffer.writeBigInt64BE(value, at);
    else this.#buffer.writeBigUInt64BE(value, at);
  }

  #float(value: number): void {
    this.#byte(0xcb);
    this.#at(8).writeDoubleBE(value, this.#start);
  }

  #byte(byte: number): void {
    this.#at(1)[this.#start] = byte;
  }

  // Makes room for so many bytes at `#start`; may replace the buffer.
  #at(width: number): Buffer {
    this.#start = this.#grow(width);
    return this.#buffer;
  }

  #grow(width: number): number {
    const at = this.#size;
    const size = at + width;
    if (size > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    this.#size = size;
    return at;
  }
}
