import { generateTypes } from "../codegen/mod.ts";
import type { Contract, Procedure } from "../contract/mod.ts";
import { type ContractChange, makeChange } from "./change.ts";

/**
 * Lists the procedures and models whose generated text differs although nothing else was found: their comments, which
 * come from descriptions, bounds and defaults, or a type that no rule explains.
 */
export function textChanges(
  before: Contract,
  after: Contract,
  reported: readonly ContractChange[],
): ContractChange[] {
  const [old, next] = [before, after].map((contract) =>
    generateTypes(withoutKinds(contract, contract === before ? after : before)).declarations
  );
  if (old === undefined || next === undefined) return [];
  const names = new Set(
    reported.flatMap(({ procedure, model }) => [procedure, model]).filter((name) =>
      name !== undefined
    ),
  );
  const changes: ContractChange[] = [];
  for (const [name, text] of next.procedures) {
    const was = old.procedures.get(name);
    if (was === undefined || was === text || names.has(name)) continue;
    changes.push(
      withoutComments(was) === withoutComments(text)
        ? makeChange("DOCUMENTATION_CHANGED", "its documentation changed", { procedure: name })
        : makeChange("RESULT_UNDECIDED", "its generated types changed", {
          procedure: name,
          reason: "types",
        }),
    );
  }
  for (const [name, text] of next.types) {
    const was = old.types.get(name);
    if (was === undefined || was === text || names.has(name)) continue;
    if (withoutComments(was) === withoutComments(text)) {
      const message = `the documentation of \`${name}\` changed`;
      changes.push(makeChange("DOCUMENTATION_CHANGED", message, { model: name }));
    } else if (reported.length === 0) {
      const message = `the generated type \`${name}\` changed`;
      changes.push(makeChange("RESULT_UNDECIDED", message, { model: name, reason: "types" }));
    }
  }
  return changes;
}

// A kind that only one side has is not a change.
function withoutKinds(contract: Contract, other: Contract): Contract {
  const procedures = [...contract.procedures].map(([name, procedure]): [string, Procedure] => {
    if (other.procedures.get(name)?.kind !== undefined) return [name, procedure];
    const { kind: _, ...rest } = procedure;
    return [name, rest];
  });
  return { procedures: new Map(procedures), document: contract.document };
}

function withoutComments(text: string): string {
  return text.replace(/\/\*\*[\s\S]*?\*\//g, "").replace(/\s+/g, " ");
}
