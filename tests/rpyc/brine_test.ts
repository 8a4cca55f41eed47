import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import {
  type BrineValue,
  Complex,
  decodeBrine,
  Ellipsis,
  encodeBrine,
  FrozenSet,
  NotImplemented,
  Slice,
} from "../../lib/rpyc/brine.ts";
import { fuzzCount } from "../support/fuzz_count.ts";
import { arbitraryBrine } from "./arbitrary_brine.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const hexOf = (text: string) => Buffer.from(text, "latin1").toString("hex");

// Captured from rpyc 6.0.2.
const VECTORS: readonly (readonly [string, BrineValue, string])[] = [
  ["None", null, "00"],
  ["True", true, "03"],
  ["False", false, "04"],
  ["()", [], "02"],
  ['b""', bytes(""), "01"],
  ['""', "", "0801"],
  ["0", 0n, "50"],
  ["1", 1n, "51"],
  ["-1", -1n, "4f"],
  ["-48", -48n, "20"],
  ["-49", -49n, "16032d3439"],
  ["159", 159n, "ef"],
  ["160", 160n, "1603313630"],
  ["255", 255n, "1603323535"],
  ["-1000", -1000n, "16052d31303030"],
  ["2**64", 2n ** 64n, "16143138343436373434303733373039353531363136"],
  ["-(2**70)", -(2n ** 70n), "16172d31313830353931363230373137343131333033343234"],
  ["10**255", 10n ** 255n, `1700000100${hexOf(`1${"0".repeat(255)}`)}`],
  ["1.5", 1.5, "183ff8000000000000"],
  ["inf", Infinity, "187ff0000000000000"],
  ["-0.0", -0, "188000000000000000"],
  ["nan", NaN, "187ff8000000000000"],
  ["1+2j", new Complex(1, 2), "1b3ff00000000000004000000000000000"],
  ['b"a"', bytes("a"), "0a61"],
  ['b"ab"', bytes("ab"), "0b6162"],
  ['b"abc"', bytes("abc"), "0c616263"],
  ['b"abcd"', bytes("abcd"), "0d61626364"],
  ['b"abcde"', bytes("abcde"), "0e056162636465"],
  ['b"x"*256', bytes("x".repeat(256)), `0f00000100${"78".repeat(256)}`],
  ['"a"', "a", "080a61"],
  ['"héllo"', "héllo", "080e0668c3a96c6c6f"],
  ['"日本"', "日本", "080e06e697a5e69cac"],
  ["U+1F600", "😀", "080df09f9880"],
  ["(1,)", [1n], "1051"],
  ["(1,2)", [1n, 2n], "115152"],
  ["(1,2,3)", [1n, 2n, 3n], "12515253"],
  ["(1,2,3,4)", [1n, 2n, 3n, 4n], "1351525354"],
  ["(1,2,3,4,5)", [1n, 2n, 3n, 4n, 5n], "14055152535455"],
  ["slice(1,2,3)", new Slice(1n, 2n, 3n), "1912515253"],
  ["slice(None,5,None)", new Slice(null, 5n, null), "1912005500"],
  ["frozenset({5})", new FrozenSet([5n]), "1a1055"],
  ["NotImplemented", NotImplemented, "05"],
  ["Ellipsis", Ellipsis, "06"],
  ['("a",(b"b",None),2.5)', ["a", [bytes("b"), null], 2.5], "12080a61110a6200184004000000000000"],
];

for (const [name, value, hex] of VECTORS) {
  test(`encodeBrine() and decodeBrine() agree with rpyc on ${name}`, () => {
    assert.equal(Buffer.from(encodeBrine(value)).toString("hex"), hex);
    assert.deepEqual(decodeBrine(Buffer.from(hex, "hex")), value);
  });
}

test("encodeBrine() writes 256 items with four bytes of length", () => {
  const items = Array.from({ length: 256 }, (_, index) => BigInt(index));
  const hex = Buffer.from(encodeBrine(items)).toString("hex");
  assert.match(hex, /^1500000100505152/);
  assert.deepEqual(decodeBrine(Buffer.from(hex, "hex")), items);
});

test("decodeBrine() accepts every length form", () => {
  assert.deepEqual(decodeBrine(Buffer.from("0e03616263", "hex")), bytes("abc"));
  assert.deepEqual(decodeBrine(Buffer.from("0f00000001" + "61", "hex")), bytes("a"));
  assert.deepEqual(decodeBrine(Buffer.from("14025152", "hex")), [1n, 2n]);
  assert.deepEqual(decodeBrine(Buffer.from("1500000000", "hex")), []);
  assert.equal(decodeBrine(Buffer.from("160131", "hex")), 1n);
  assert.equal(decodeBrine(Buffer.from("170000000131", "hex")), 1n);
});

const BAD: readonly (readonly [string, string])[] = [
  ["nothing at all", ""],
  ["an unused tag", "07"],
  ["Python 2's long", "09"],
  ["the last unused tag", "ff"],
  ["bytes cut short", "0c6162"],
  ["a tuple of more items than there are bytes", "15ffffffff51"],
  ["bytes of more than there are", "0fffffffff61"],
  ["a str that holds an int", "0851"],
  ["a str that is not UTF-8", "080bc328"],
  ["a slice that is not a tuple", "1951"],
  ["a slice of two", "19115152"],
  ["a frozenset of no tuple", "1a51"],
  ["an int that is a word", "1603616263"],
  ["an int of a sign", "16012d"],
  ["an int of nothing", "1600"],
  ["a double cut short", "183ff8"],
];

for (const [name, hex] of BAD) {
  test(`decodeBrine() refuses ${name}`, () => {
    assert.throws(() => decodeBrine(Buffer.from(hex, "hex")), { name: "MalformedBrineError" });
  });
}

test("decodeBrine() bounds depth and the digits of an int", () => {
  const nested = (depth: number) => Buffer.from("10".repeat(depth) + "50", "hex");
  assert.doesNotThrow(() => decodeBrine(nested(100)));
  assert.throws(() => decodeBrine(nested(101)), { name: "MalformedBrineError" });
  assert.throws(() => decodeBrine(nested(1_000_000)), { name: "MalformedBrineError" });
  const digits = (count: number) => encodeBrine(10n ** BigInt(count - 1));
  assert.doesNotThrow(() => decodeBrine(digits(4300)));
  assert.throws(() => decodeBrine(digits(5000)), { name: "MalformedBrineError" });
});

test("decodeBrine() restores the input of encodeBrine()", () => {
  fc.assert(
    fc.property(arbitraryBrine(), (value) => {
      assert.deepEqual(decodeBrine(encodeBrine(value)), value);
    }),
    { seed: 10, numRuns: 500 },
  );
});

test("decodeBrine() returns a value or throws a MalformedBrineError for any bytes", () => {
  const check = (data: Uint8Array) => {
    try {
      decodeBrine(data);
    } catch (error) {
      assert.equal((error as Error).name, "MalformedBrineError");
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), check), {
    seed: 11,
    numRuns: fuzzCount(3000),
  });
  const mutated = fc.tuple(arbitraryBrine(), fc.nat(), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(mutated, ([value, at, byte]) => {
      const data = new Uint8Array(encodeBrine(value));
      data[at % data.length] = byte;
      check(data);
    }),
    { seed: 12, numRuns: fuzzCount(2000) },
  );
});
