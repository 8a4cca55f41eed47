import process from "node:process";

/** True under `deno task verify`: long tests run all their cases. */
export const RUNS_ALL_CASES: boolean = process.env["PYRPC_VERIFY"] !== undefined;

/**
 * The cases of a long table that this run tests: all of them under `deno task verify`, otherwise those that the gate
 * keeps.
 */
export function casesToRun<Case>(
  cases: readonly Case[],
  isInGate: (one: Case) => boolean,
): readonly Case[] {
  return RUNS_ALL_CASES ? cases : cases.filter(isInGate);
}
