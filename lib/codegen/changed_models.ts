import { compareDeclarations, type NameChanges } from "./compare_generated.ts";
import { type Declarations, memberForm, membersOfDeclaration } from "./generated_file.ts";
import { compare } from "./names.ts";

/** The members of a model that differ; all empty for a type without members. */
export interface ModelChanges extends NameChanges {
  readonly name: string;
}

/** The models of both contracts that differ, with the members that make the difference. */
export function changedModels(before: Declarations, after: Declarations): readonly ModelChanges[] {
  return compareDeclarations(before, after).types.changed.map((name) => {
    const old = membersOfDeclaration(before.types.get(name) ?? "");
    const now = membersOfDeclaration(after.types.get(name) ?? "");
    const isChanged = (member: string) => {
      const [a, b] = [old.get(member), now.get(member)];
      return a !== undefined && b !== undefined && memberForm(a) !== memberForm(b);
    };
    return {
      name,
      added: [...now.keys()].filter((member) => !old.has(member)).sort(compare),
      changed: [...now.keys()].filter(isChanged).sort(compare),
      removed: [...old.keys()].filter((member) => !now.has(member)).sort(compare),
    };
  });
}
