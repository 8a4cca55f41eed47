/** Finds the end of MessagePack values in a stream, without decoding them. */
export class MsgpackScanner {
  /** Values that must still begin before the outermost one is complete. */
  #missing = 1;
  /** Bytes of the current string, binary, number or extension that have not been read. */
  #skip = 0;
  /** Bytes of a length that have not been read, and the part of it that has. */
  #lengthBytes = 0;
  #length = 0;
  /** The use of the length. */
  #counts: Counts = "bytes";

  /** Fewest bytes that must follow: every value has at least one. */
  get least(): number {
    return this.#missing + this.#skip;
  }

  /**
   * Reads bytes from `from` until the value is complete.
   *
   * @returns the index after the value, or `undefined` if more bytes are needed
   * @throws RangeError for a byte that begins no value
   */
  scan(bytes: Uint8Array, from: number): number | undefined {
    let at = from;
    while (at < bytes.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at);
        this.#skip -= skipped;
        at += skipped;
      } else {
        const byte = bytes[at++] ?? 0;
        if (this.#lengthBytes > 0) this.#addToLength(byte);
        else this.#begin(byte);
      }
      if (this.#missing === 0 && this.#skip === 0 && this.#lengthBytes === 0) {
        this.#missing = 1;
        return at;
      }
    }
    return undefined;
  }

  #begin(head: number): void {
    this.#missing--;
    if (head < 0x80 || head >= 0xe0) return;
    if (head < 0x90) this.#missing += 2 * (head & 0x0f);
    else if (head < 0xa0) this.#missing += head & 0x0f;
    else if (head < 0xc0) this.#skip = head & 0x1f;
    else {
      const kind = KINDS[head - 0xc0];
      if (kind === undefined) {
        throw new RangeError(`Byte ${head.toString(16)} does not start a value`);
      }
      [this.#counts, this.#lengthBytes, this.#skip] = kind;
      this.#length = 0;
    }
  }

  #addToLength(byte: number): void {
    this.#length = this.#length * 0x100 + byte;
    if (--this.#lengthBytes > 0) return;
    if (this.#counts === "items") this.#missing += this.#length;
    else if (this.#counts === "pairs") this.#missing += 2 * this.#length;
    // The type of an extension is one more byte.
    else this.#skip = this.#length + (this.#counts === "extension" ? 1 : 0);
  }
}

type Counts = "bytes" | "extension" | "items" | "pairs";

/** The values that begin with c0 to df: the use of their length, its size, and the bytes that follow in any case. */
const KINDS: readonly ((readonly [Counts, number, number]) | undefined)[] = [
  ["bytes", 0, 0],
  undefined,
  ["bytes", 0, 0],
  ["bytes", 0, 0],
  ["bytes", 1, 0],
  ["bytes", 2, 0],
  ["bytes", 4, 0],
  ["extension", 1, 0],
  ["extension", 2, 0],
  ["extension", 4, 0],
  ["bytes", 0, 4],
  ["bytes", 0, 8],
  ["bytes", 0, 1],
  ["bytes", 0, 2],
  ["bytes", 0, 4],
  ["bytes", 0, 8],
  ["bytes", 0, 1],
  ["bytes", 0, 2],
  ["bytes", 0, 4],
  ["bytes", 0, 8],
  ["bytes", 0, 2],
  ["bytes", 0, 3],
  ["bytes", 0, 5],
  ["bytes", 0, 9],
  ["bytes", 0, 17],
  ["bytes", 1, 0],
  ["bytes", 2, 0],
  ["bytes", 4, 0],
  ["items", 2, 0],
  ["items", 4, 0],
  ["pairs", 2, 0],
  ["pairs", 4, 0],
];
