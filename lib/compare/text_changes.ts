import { generateTypes } from "../codegen/mod.ts";
import type { Contract, Procedure } from "../contract/mod.ts";
import { type ContractChange, makeChange } from "./change.ts";

/**
 * Lists the procedures and models whose generated text differs although nothing else was found: their comments, which
 * come from descriptions, bounds and defaults, or types that allow the same values as before.
 * If only the hashes differ, each such procedure has a change: without changes the generated files are the same.
 */
export function textChanges(
  before: Contract,
  after: Contract,
  reported: readonly ContractChange[],
): ContractChange[] {
  const [first, second] = [before, after].map((contract) =>
    generateTypes(withoutKinds(contract, contract === before ? after : before))
  );
  if (first === undefined || second === undefined) return [];
  const [old, next] = [first.declarations, second.declarations];
  const explained = new Set(
    reported.flatMap(({ procedure, model, procedures = [] }) => [procedure, model, ...procedures]),
  );
  const changes: ContractChange[] = [];
  const report = (
    before: ReadonlyMap<string, string>,
    after: ReadonlyMap<string, string>,
    detailsOf: (name: string) => { readonly procedure?: string; readonly model?: string },
  ) => {
    for (const [name, text] of after) {
      const was = before.get(name);
      if (was === undefined || was === text || explained.has(name)) continue;
      const rule = withoutComments(was) === withoutComments(text)
        ? "DOCUMENTATION_CHANGED"
        : "TYPES_REWRITTEN";
      changes.push(makeChange(rule, MESSAGES[rule], detailsOf(name)));
    }
  };
  report(old.procedures, next.procedures, (procedure) => ({ procedure }));
  report(old.types, next.types, (model) => ({ model }));
  if (reported.length + changes.length > 0) return changes;
  // The hashes of the file also depend on how a schema is written.
  const hashes = new Map(Object.entries(first.contractHashes.procedures));
  for (const [procedure, hash] of Object.entries(second.contractHashes.procedures)) {
    if (!hashes.has(procedure) || hashes.get(procedure) === hash) continue;
    changes.push(makeChange("TYPES_REWRITTEN", "its schema is written differently", { procedure }));
  }
  return changes;
}

const MESSAGES = {
  DOCUMENTATION_CHANGED: "its documentation changed",
  TYPES_REWRITTEN: "its type is written differently",
};

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
  return text.replace(/\/\*\*[\s\S]*?\*\//g, "").replace(/[\s;]+/g, "");
}
