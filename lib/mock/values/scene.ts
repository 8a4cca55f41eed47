import { CITIES, COMPANIES, FIRST_NAMES, LAST_NAMES } from "./words.ts";
import { pick, type Random } from "./random.ts";

/** The person, city and company of one object, so that its members agree: an e-mail address contains the name. */
export class Scene {
  readonly #random: Random;
  #person: { readonly first: string; readonly last: string } | undefined;
  #city: (typeof CITIES)[number] | undefined;
  #company: string | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  get person(): { readonly first: string; readonly last: string } {
    return this.#person ??= {
      first: pick(this.#random, FIRST_NAMES),
      last: pick(this.#random, LAST_NAMES),
    };
  }

  /** Name of the city, code of the country, name of the country. */
  get city(): (typeof CITIES)[number] {
    return this.#city ??= pick(this.#random, CITIES);
  }

  get company(): string {
    return this.#company ??= pick(this.#random, COMPANIES);
  }
}
