import type { Contract, Procedure } from "../contract/mod.ts";
import type { ModuleAnswer } from "../python/mod.ts";

/** A contract in which procedures that cannot be described at the moment keep their last description. */
export interface KeptContract {
  readonly contract: Contract;
  /** Procedures that cannot be described, and were not described before. */
  readonly unknown: readonly string[];
}

/** Adds the last descriptions of procedures that exist and cannot be described: their callers keep their types. */
export function keepDescribed(
  contract: Contract,
  { problems }: Pick<ModuleAnswer, "problems">,
  before: Contract | undefined,
): KeptContract {
  const names = problems.map(({ name }) => name).filter((name) => !contract.procedures.has(name));
  if (names.length === 0) return { contract, unknown: [] };
  const kept: Procedure[] = names.flatMap((name) => before?.procedures.get(name) ?? []);
  return {
    contract: {
      procedures: new Map([
        ...contract.procedures,
        ...kept.map((procedure) => [procedure.name, procedure] as const),
      ]),
      document: {
        ...contract.document,
        ...Object.fromEntries(kept.map(({ name }) => [name, before?.document[name] ?? null])),
      },
    },
    unknown: names.filter((name) => !before?.procedures.has(name)),
  };
}
