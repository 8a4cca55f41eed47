/** Points of a wait that was short, and of one that was not: of five waits four have to be short. */
export const PAID = 1;
export const WASTED = -4;
const MOST = 32;

/** Whether it pays to be awake when the next message comes, by what came of the waits before. */
export class Payoff {
  #points = 0;

  get pays(): boolean {
    return this.#points > 0;
  }

  count(points: number): void {
    this.#points = Math.max(-MOST, Math.min(MOST, this.#points + points));
  }
}
