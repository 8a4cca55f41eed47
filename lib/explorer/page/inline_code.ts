import { element } from "./dom.ts";

/** Splits a docstring into texts and `code` elements. All other markup stays text. */
export function withInlineCode(text: string): readonly (string | HTMLElement)[] {
  // At odd indexes of the split text are the contents of single or double backticks.
  return text.split(/``?([^`\n]+)``?/).map((part, index) =>
    index % 2 === 0 ? part : element("code", {}, part)
  );
}
