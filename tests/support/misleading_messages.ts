import { Buffer } from "node:buffer";
import fc from "fast-check";

/** Messages like those of clients, with all that could mislead who looks at their texts only. */
export const misleadingMessages = (() => {
  const ids = fc.constantFrom(
    ...[
      "1",
      "0",
      "27",
      " 3",
      "01",
      "-1",
      "-0",
      "1.0",
      "1e2",
      "123456789012345",
      "9007199254740993",
    ],
    ...[
      '"a"',
      '"6f1c-A_9"',
      ' "b"',
      '""',
      '"é"',
      '"\\u0041"',
      '"a\\""',
      '"a b"',
      "null",
      "true",
      "[1]",
      "1,",
    ],
  );
  const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  const bodies = fc.constantFrom(
    '"method":"add","params":[1,2]',
    '"method":"add","params":[1,2]',
    ' "method": "add", "params": {"a": 1, "b": 2}',
    '"method":"add","params":[1]',
    '"method":"add","params":["1",2]',
    '"method":"add","params":[1,9007199254740993]',
    '"method":"add","params":[1,NaN]',
    '"method":"add","params":null',
    '"method":"add","params":7',
    '"method":"add","params":[1,2],"id":5',
    '"method":"add","params":[1,2],"\\u0069d":5',
    '"method":"greet","params":["},{\\"id\\":1,"]',
    '"method":"greet","params":["},{\\u0022id\\u0022:1,é€😀"]',
    '"method":"greet","params":[[{"a":1},{"id":2,"b":3}]]',
    '"method":"greet","params":[{"id":1,"method":"add","params":[1,2]},{"id":2}]',
    '"method":"list_products","params":[2]',
    '"method":"list_products"',
    '"method":"toString","params":[]',
    '"method":7',
    '"params":[1,2]',
    "",
    `"method":"greet","params":${deep(97)}`,
    `"method":"greet","params":${deep(98)}`,
    `"method":"greet","params":${deep(99)}`,
    `"method":"greet","params":${deep(100)}`,
  );
  const one = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(ids, bodies).map(([id, body]) => `{"id":${id},${body}}`) },
    fc.tuple(ids, bodies).map(([id, body]) => `{${body},"id":${id}}`),
    bodies.map((body) => `{${body}}`),
  );
  const between = fc.constantFrom(",", ",", ",", ", ", " ,", ",\n", ",,", "");
  const batch = fc.tuple(fc.array(one, { maxLength: 6 }), between, fc.constantFrom("[", "[ ", ""))
    .map(([calls, comma, open]) => `${open}${calls.join(comma)}]`);
  const message = fc.oneof(
    one,
    batch,
    fc.tuple(one, fc.constantFrom("\n", " ", "x", "}")).map((all) => all.join("")),
  );
  const damaged = fc.tuple(message, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(2)).map(
    ([text, at, byte, kind]) => {
      const bytes = [...Buffer.from(text)];
      bytes.splice(at % (bytes.length + 1), kind === 0 ? 0 : 1, ...kind === 2 ? [] : [byte]);
      return Buffer.from(bytes);
    },
  );
  return fc.oneof(
    { weight: 3, arbitrary: message.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: damaged },
  );
})();
