import { Document, Scalar, visit } from "yaml";
import { WireFloat } from "../json/mod.ts";
import { plainText } from "../plain_text.ts";

const LONE_SURROGATE = /\p{Cs}/u;

/** Formats a JSON value as YAML. Control characters, which stay escapes, are in double quotes only. */
export function formatYaml(value: unknown): string {
  const document = new Document(value, floatScalar, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      const { value } = node;
      if (typeof value !== "string") return;
      if (plainText(value) !== value || LONE_SURROGATE.test(value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return plainText(document.toString({ lineWidth: 0 }));
}

function floatScalar(_key: unknown, value: unknown): unknown {
  if (!(value instanceof WireFloat)) return value;
  const scalar = new Scalar(value.value);
  // Integers below this have no exponent in JavaScript.
  if (Math.abs(value.value) < 1e21) scalar.minFractionDigits = 1;
  return scalar;
}
