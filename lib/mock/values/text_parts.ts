import type { Hint } from "./hints.ts";
import { integerBetween, pick, type Random } from "./random.ts";
import type { Scene } from "./scene.ts";
import * as words from "./words.ts";

const PEOPLE = [
  "user",
  "customer",
  "person",
  "author",
  "employee",
  "member",
  "account",
  "contact",
  "student",
  "patient",
  "profile",
  "owner",
];
const GOODS = ["product", "item", "article", "good", "listing", "line"];
const COMPANIES = [
  "company",
  "organization",
  "organisation",
  "vendor",
  "supplier",
  "team",
  "brand",
];

/** First and last name of the object's person. */
export function fullName({ person }: Scene): string {
  return `${person.first} ${person.last}`;
}

/** The login of the object's person. */
export function userName({ person }: Scene): string {
  return `${person.first}.${person.last}`.toLowerCase();
}

/** The e-mail address of the object's person. */
export function emailOf(scene: Scene): string {
  return `${userName(scene)}@example.com`;
}

/** A name for whatever the words before `name`, or the class, denote. */
export function nameFor(hint: Hint, random: Random, scene: Scene): string {
  const subject = [...hint.words.slice(0, -1), ...hint.owner];
  const isAbout = (terms: readonly string[]) => subject.some((word) => terms.includes(word));
  if (isAbout(PEOPLE)) return fullName(scene);
  if (isAbout(GOODS)) return `${pick(random, words.MATERIALS)} ${pick(random, words.THINGS)}`;
  if (isAbout(["category", "department", "genre"])) return pick(random, words.CATEGORIES);
  if (isAbout(COMPANIES)) return scene.company;
  if (isAbout(["city", "town", "place"])) return scene.city[0];
  if (isAbout(["country"])) return scene.city[2];
  if (isAbout(["file", "document"])) return pick(random, words.FILES);
  if (isAbout(["tag", "label"])) return pick(random, words.NOUNS);
  return hint.owner.length === 0 && hint.words.length === 1
    ? scene.person.first
    : `${capital(pick(random, words.ADJECTIVES))} ${capital(pick(random, words.NOUNS))}`;
}

/** A title of three words. */
export function title(random: Random): string {
  return `The ${capital(pick(random, words.ADJECTIVES))} ${capital(pick(random, words.NOUNS))}`;
}

/** House number and street. */
export function street(random: Random): string {
  return `${integerBetween(random, 1, 120)} ${pick(random, words.STREETS)}`;
}

/** A URL below example.com whose folder is a word of the name. */
export function urlFor(hint: Hint, random: Random): string {
  const word = hint.words.find((word) => !["url", "uri", "link", "href"].includes(word));
  const folder = word === undefined ? "" : `${word}/`;
  return `https://example.com/${folder}${pick(random, words.NOUNS)}`;
}

/** An address of the block that is reserved for documentation. */
export function ipv4(random: Random): string {
  return `192.0.2.${integerBetween(random, 1, 254)}`;
}

/** A version of three numbers. */
export function version(random: Random): string {
  return `${integerBetween(random, 0, 4)}.${integerBetween(random, 0, 20)}.${
    integerBetween(random, 0, 9)
  }`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
