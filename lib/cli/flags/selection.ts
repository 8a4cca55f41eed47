import type { Selection } from "../../contract/mod.ts";
import { type FlagValues, grouped, repeatable, value } from "./builders.ts";

/** The flags that choose procedures by name. */
export const SELECTION_FLAGS = grouped("Procedure", {
  include: repeatable(
    value(
      "Include only procedures that match this pattern, such as 'shop.*'; repeatable",
      parsePattern,
      {
        placeholder: "pattern",
      },
    ),
  ),
  exclude: repeatable(
    value(
      "Exclude procedures that match this pattern, such as 'admin.*'; repeatable",
      parsePattern,
      {
        placeholder: "pattern",
      },
    ),
  ),
});

/** The values of {@link SELECTION_FLAGS}. */
export type SelectionFlags = FlagValues<typeof SELECTION_FLAGS>;

/** The selection that the flags ask for. */
export function selectionOf({ include = [], exclude = [] }: Partial<SelectionFlags>): Selection {
  return { include, exclude };
}

function parsePattern(text: string): string {
  if (text.trim() === "") throw new SyntaxError("Use a name or a pattern such as 'shop.*'");
  return text;
}
