import { Document, visit } from "yaml";
import { plainText } from "../plain_text.ts";

const LONE_SURROGATE = /\p{Cs}/u;

/** Formats a JSON value as YAML. Control characters, which stay escapes, are in double quotes only. */
export function formatYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      const { value } = node;
      if (typeof value !== "string") return;
      if (plainText(value) !== value || LONE_SURROGATE.test(value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return plainText(document.toString({ lineWidth: 0 }));
}
