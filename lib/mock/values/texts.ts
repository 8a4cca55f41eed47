import type { Hint } from "./hints.ts";
import { pick, type Random } from "./random.ts";
import type { Scene } from "./scene.ts";
import { ruleFor } from "./text_rules.ts";
import { ADJECTIVES, NOUNS } from "./words.ts";

/** Generates texts for one value of a schema. */
export type TextMaker = (random: Random, scene: Scene) => string;

/** Makes a generator of texts that suit a name and description; `undefined` if no rule matches them. */
export function textMaker(hint: Hint): TextMaker | undefined {
  const rule = ruleFor(hint);
  return rule === undefined ? undefined : (random, scene) => rule.make(random, scene, hint);
}

/** A text for a value without a matching rule: two words. */
export function anyText(random: Random): string {
  return `${pick(random, ADJECTIVES)} ${pick(random, NOUNS)}`;
}
