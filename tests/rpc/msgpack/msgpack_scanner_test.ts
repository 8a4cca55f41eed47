import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { WireValue } from "../../../lib/rpc/mod.ts";
import { encodeMsgpack, MsgpackScanner } from "../../../lib/rpc/msgpack/mod.ts";

/** Cuts bytes at the indexes. */
function pieces(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [
    0,
    ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

/** The ends of all values in the pieces. */
function endsOf(parts: readonly Uint8Array[]): number[] {
  const scanner = new MsgpackScanner();
  const ends: number[] = [];
  let offset = 0;
  for (const part of parts) {
    for (let at: number | undefined = 0; at !== undefined && at < part.length;) {
      at = scanner.scan(part, at);
      if (at !== undefined) ends.push(offset + at);
    }
    offset += part.length;
  }
  return ends;
}

describe("MsgpackScanner", () => {
  it("finds the end of every value, however the bytes are cut", () => {
    const value = fc.letrec<{ value: WireValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(null, true, false),
        fc.integer(),
        fc.double(),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
        fc.string({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.array(tie("value"), { maxLength: 20 }),
        fc.dictionary(fc.string({ maxLength: 3 }), tie("value"), { maxKeys: 20 }),
      ),
    })).value;
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat()),
        (values, cuts) => {
          const encoded = values.map((value) => encodeMsgpack(value));
          const wanted: number[] = [];
          for (const { length } of encoded) wanted.push((wanted.at(-1) ?? 0) + length);
          assert.deepEqual(endsOf(pieces(Buffer.concat(encoded), cuts)), wanted);
        },
      ),
      { numRuns: 300 },
    );
  });

  // One value for each first byte of the format.
  const rows: readonly (readonly [hex: string, size: number])[] = [
    ["c403aabbcc", 5],
    ["c50001aa", 4],
    ["c600000001aa", 6],
    ["c70105aa", 4],
    ["c8000105aa", 5],
    ["c90000000105aa", 7],
    ["ca00000000", 5],
    ["cb0000000000000000", 9],
    ["d405aa", 3],
    ["d505aabb", 4],
    ["d6ff00000000", 6],
    ["d7ff0000000000000000", 10],
    ["d8ff" + "00".repeat(16), 18],
    ["dc0002c0c0", 5],
    ["dd00000002c0c0", 7],
    ["de0001a161c0", 6],
    ["df00000001a161c0", 8],
    ["dc0000", 3],
    ["d900", 2],
  ];
  for (const [hex, size] of rows) {
    it(hex, () => {
      const bytes = Buffer.from(hex, "hex");
      assert.deepEqual(endsOf([bytes]), [size]);
      assert.deepEqual(endsOf(Array.from(bytes, (byte) => Uint8Array.of(byte))), [size]);
    });
  }

  it("rejects a byte that does not start a value, and computes how many bytes must follow", () => {
    assert.throws(() => new MsgpackScanner().scan(Uint8Array.of(0xc1), 0), RangeError);
    const scanner = new MsgpackScanner();
    assert.equal(scanner.scan(Buffer.from("ddffffffff", "hex"), 0), undefined);
    assert.equal(scanner.least, 0xffffffff);
  });
});
