import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { plainText, safeOutput } from "../lib/plain_text.ts";

describe("plainText()", () => {
  it("escapes C0, C1, bidirectional controls and line separators, and nothing else", () => {
    const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
    const escaped = all.filter((character) => plainText(character) !== character);
    const ranges = [
      [0x00, 0x08],
      [0x0b, 0x1f],
      [0x7f, 0x9f],
      [0x61c, 0x61c],
      [0x200e, 0x200f],
      [0x2028, 0x202e],
      [0x2066, 0x2069],
    ] as const;
    const wanted = ranges.flatMap(([from, to]) => all.slice(from, to + 1));
    assert.deepEqual(escaped, wanted);
    assert.equal(plainText("a\u009bb\u202ec\r\n"), "a\\u009bb\\u202ec\r\n");
  });

  it("keeps the value of JSON", () => {
    const value = { "\u009b\u202e": ["\u0000\r\n\t", "\u2028"] };
    assert.deepEqual(JSON.parse(plainText(JSON.stringify(value, null, 2))), value);
  });
});

describe("safeOutput()", () => {
  for (
    const [text, wanted] of [
      ["::error file=a::x", "\\u003a:error file=a::x"],
      ["a\n \t\u00a0::set-env name=A::x", "a\n \t\u00a0\\u003a:set-env name=A::x"],
      ["a ##[error]x", "a \\u0023#[error]x"],
      ["\u001b[31mred\u001b[39m\u001b[2J", "\u001b[31mred\u001b[39m\\u001b[2J"],
      ["std::vec::Vec, ::1, [::1]:8000", "std::vec::Vec, ::1, [::1]:8000"],
      ["# Title\n## [1.0]\n", "# Title\n## [1.0]\n"],
    ] as const
  ) {
    it(`prints ${JSON.stringify(wanted)}`, () => assert.equal(safeOutput(text), wanted));
  }
});
