import type { Contract } from "../contract/mod.ts";
import { findingsOf, isError, reportDiff, sentenceOf } from "../report/mod.ts";

/** A contract and its origin. */
export interface ContractVersion {
  readonly contract: Contract;
  readonly where: string;
}

/**
 * Compares each contract with the one before it.
 *
 * After a breaking change, the contract before that change counts as well, so that taking the change back ends the report.
 */
export class BreakingChanges {
  #last: ContractVersion | undefined;
  /** The contract before the change that is reported. */
  #before: ContractVersion | undefined;

  /** Returns the sentences of `pyrpc diff` about a breaking change; none for a compatible one. */
  async add(next: ContractVersion): Promise<readonly string[]> {
    const last = this.#last;
    this.#last = next;
    if (last === undefined) return [];
    const sentences = await breakingSentences(last, next);
    const before = this.#before;
    const isBack = sentences.length > 0 && before !== undefined &&
      (await breakingSentences(before, next)).length === 0;
    if (sentences.length === 0 || isBack) {
      this.#before = undefined;
      return [];
    }
    this.#before ??= last;
    return sentences;
  }
}

async function breakingSentences(
  before: ContractVersion,
  after: ContractVersion,
): Promise<readonly string[]> {
  return findingsOf(await reportDiff(before, after)).filter(isError).map(sentenceOf);
}
