import fc from "fast-check";

const PIECES = fc.constantFrom(
  ...'{}[]:,"\\ \n\t01-+.eE/ué',
  '"a"',
  '"b"',
  '"\\u0061"',
  '"\\u00',
  "true",
  "null",
  "nul",
  "NaN",
  "Infinity",
  "-Infinity",
  "1",
  "12345678901234567890",
  '{"a":1}',
  "[1,2]",
  "[]",
);

/** Texts that are nearly JSON: tokens in any order, and JSON with one character replaced. */
export const nearlyJson: fc.Arbitrary<string> = fc.oneof(
  fc.array(PIECES, { maxLength: 12 }).map((parts) => parts.join("")),
  fc.tuple(fc.json(), fc.nat(), PIECES).map(([text, at, piece]) => {
    const index = at % (text.length + 1);
    return text.slice(0, index) + piece + text.slice(index + 1);
  }),
);
