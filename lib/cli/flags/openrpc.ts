import { integer } from "./builders.ts";

/** A flag with the number of levels to which OpenRPC documents expand recursive types. */
export function depth(brief: string) {
  // Each level of a type that contains itself twice doubles the document.
  return integer(brief, { min: 1, max: 20, placeholder: "levels" });
}
