import {
  articleNumber,
  cardNumber,
  hex,
  hexColor,
  iban,
  letters,
  macAddress,
  uuid,
  vehicleNumber,
} from "./codes.ts";
import { endsWith, type Hint, says } from "./hints.ts";
import { integerBetween, pick, type Random } from "./random.ts";
import type { Scene } from "./scene.ts";
import * as words from "./words.ts";

/** Makes texts for one place. */
export type TextMaker = (random: Random, scene: Scene) => string;

/** What makes texts that fit a place's name; nothing where the name says nothing. Asked once for each place. */
export function textMaker(hint: Hint): TextMaker | undefined {
  const { description } = hint;
  const describes = (...phrases: readonly string[]) =>
    phrases.some((phrase) => description.includes(phrase));

  if (says(hint, "email", "mail", "e mail") || describes("e-mail address", "email address")) {
    return (_, scene) => emailOf(scene);
  }
  if (says(hint, "first name", "firstname", "given name", "forename")) {
    return (_, scene) => scene.person.first;
  }
  if (says(hint, "last name", "lastname", "surname", "family name")) {
    return (_, scene) => scene.person.last;
  }
  if (says(hint, "username", "user name", "login", "nickname", "handle")) {
    return (_, scene) => userName(scene);
  }
  if (
    says(
      hint,
      "full name",
      "fullname",
      "author",
      "assignee",
      "customer",
      "owner",
      "contact",
      "recipient",
    ) &&
    !endsWith(hint, "id", "email", "type", "status")
  ) {
    return (_, scene) => `${scene.person.first} ${scene.person.last}`;
  }
  if (says(hint, "phone", "mobile", "fax", "tel", "telephone")) {
    return (random) => `+49 30 ${integerBetween(random, 1_000_000, 9_999_999)}`;
  }
  if (says(hint, "birth", "birthday", "birthdate", "dob")) {
    return (random) => dateText(random, hint);
  }
  if (says(hint, "mac address") || endsWith(hint, "mac")) return macAddress;
  if (endsWith(hint, "ip", "ipv4") || says(hint, "ip address", "ip addr")) return ipv4;
  if (says(hint, "user agent")) return (random) => pick(random, words.USER_AGENTS);
  if (says(hint, "url", "uri", "link", "website", "homepage", "href", "webhook")) {
    return (random) => urlFor(hint, random);
  }
  if (says(hint, "avatar", "image", "picture", "photo", "thumbnail", "logo", "icon")) {
    return (random) => `https://example.com/images/${pick(random, words.NOUNS)}.png`;
  }
  if (says(hint, "currency") || describes("iso 4217", "currency code")) {
    return (random) => pick(random, words.CURRENCIES);
  }
  if (says(hint, "country code") || endsWith(hint, "country") && describes("iso 3166", "code")) {
    return (_, scene) => scene.city[1];
  }
  if (
    endsWith(hint, "region", "province", "county") ||
    endsWith(hint, "state") && hint.owner.some((word) => ADDRESSES.includes(word))
  ) return (random) => pick(random, words.REGIONS);
  if (says(hint, "house number", "street number", "building number")) {
    return (random) => String(integerBetween(random, 1, 120));
  }
  if (endsWith(hint, "country", "nation", "nationality")) return (_, scene) => scene.city[2];
  if (endsWith(hint, "city", "town", "place", "location")) return (_, scene) => scene.city[0];
  if (says(hint, "street", "address line", "line1")) return (random) => street(random);
  if (endsWith(hint, "address", "addr")) {
    return (random, scene) => `${street(random)}, ${scene.city[0]}`;
  }
  if (says(hint, "zip", "postcode", "postal code", "zip code", "plz")) {
    return (random) => String(integerBetween(random, 10_000, 99_999));
  }
  if (
    says(
      hint,
      "company",
      "organization",
      "organisation",
      "vendor",
      "supplier",
      "employer",
      "brand",
      "manufacturer",
    )
  ) {
    return (_, scene) => scene.company;
  }
  if (says(hint, "iban")) return iban;
  if (says(hint, "bic", "swift")) return () => "COBADEFFXXX";
  if (endsWith(hint, "vat") || says(hint, "vat id", "vat number", "tax id", "tax number")) {
    return (random) => `DE${integerBetween(random, 100_000_000, 999_999_999)}`;
  }
  if (
    says(hint, "card number", "credit card", "pan") ||
    endsWith(hint, "number") && hint.owner.includes("card")
  ) return cardNumber;
  if (endsWith(hint, "number", "no")) {
    return (random) => String(integerBetween(random, 100_000, 999_999));
  }
  if (endsWith(hint, "isbn", "isbn13")) return (random) => articleNumber(random, "978");
  if (endsWith(hint, "ean", "ean13", "gtin", "barcode", "upc")) {
    return (random) => articleNumber(random, "400");
  }
  if (endsWith(hint, "plate", "registration")) {
    return (random) => `B ${letters(random, 2)} ${integerBetween(random, 100, 9999)}`;
  }
  if (endsWith(hint, "vin")) return vehicleNumber;
  if (endsWith(hint, "sku")) {
    return (random) => `${letters(random, 3)}-${integerBetween(random, 1000, 9999)}`;
  }
  if (endsWith(hint, "slug")) {
    return (random) => `${pick(random, words.ADJECTIVES)}-${pick(random, words.NOUNS)}`;
  }
  if (endsWith(hint, "language", "lang")) return (random) => pick(random, words.LANGUAGES);
  if (endsWith(hint, "locale")) return (random) => pick(random, words.LOCALES);
  if (says(hint, "timezone", "time zone", "tz")) return (random) => pick(random, words.TIMEZONES);
  if (says(hint, "hex color", "hex colour", "color hex") || describes("hex colo", "#rrggbb")) {
    return hexColor;
  }
  if (endsWith(hint, "color", "colour")) return (random) => pick(random, words.COLORS);
  if (endsWith(hint, "status", "state", "phase")) return (random) => pick(random, words.STATES);
  if (endsWith(hint, "role")) return (random) => pick(random, words.ROLES);
  if (endsWith(hint, "level", "severity")) return (random) => pick(random, words.LEVELS);
  if (endsWith(hint, "priority", "urgency", "importance", "difficulty")) {
    return (random) => pick(random, words.PRIORITIES);
  }
  if (
    endsWith(hint, "job", "profession", "occupation", "position") || says(hint, "job title")
  ) {
    return (random) => pick(random, words.JOBS);
  }
  if (endsWith(hint, "gender", "sex")) return (random) => pick(random, ["female", "male", "other"]);
  if (endsWith(hint, "unit")) return (random) => pick(random, words.UNITS);
  if (says(hint, "mime", "media type", "content type")) {
    return (random) => pick(random, words.MEDIA);
  }
  if (endsWith(hint, "file", "filename") || says(hint, "file name")) {
    return (random) => pick(random, words.FILES);
  }
  if (endsWith(hint, "path")) {
    return (random) => `/srv/${pick(random, words.NOUNS)}/${pick(random, words.FILES)}`;
  }
  if (endsWith(hint, "host", "hostname", "domain")) {
    return (random) => `${pick(random, words.NOUNS)}.example.com`;
  }
  if (endsWith(hint, "version")) {
    return (random) =>
      `${integerBetween(random, 0, 4)}.${integerBetween(random, 0, 20)}.${
        integerBetween(random, 0, 9)
      }`;
  }
  if (says(hint, "sha256", "sha 256")) return (random) => hex(random, 64);
  if (says(hint, "sha1", "sha 1", "commit")) return (random) => hex(random, 40);
  if (
    endsWith(
      hint,
      "md5",
      "etag",
      "token",
      "secret",
      "hash",
      "checksum",
      "digest",
      "key",
      "signature",
      "fingerprint",
    )
  ) {
    return (random) => hex(random, 32);
  }
  if (endsWith(hint, "cursor", "page")) return (random) => `c${integerBetween(random, 10, 999)}`;
  if (says(hint, "password", "passphrase")) {
    return (random) => `${pick(random, words.NOUNS)}-${integerBetween(random, 10, 99)}-Xy`;
  }
  if (endsWith(hint, "category", "department", "genre", "topic", "section")) {
    return (random) => pick(random, words.CATEGORIES);
  }
  if (endsWith(hint, "tag", "label", "keyword", "word")) {
    return (random) => pick(random, words.NOUNS);
  }
  if (endsWith(hint, "warehouse")) {
    return (random) => pick(random, ["north", "south", "east", "west"]);
  }
  if (endsWith(hint, "title", "subject", "headline", "caption")) return (random) => title(random);
  if (
    endsWith(
      hint,
      "description",
      "summary",
      "text",
      "body",
      "content",
      "comment",
      "note",
      "notes",
      "message",
      "bio",
      "reason",
      "details",
    )
  ) {
    return (random) => pick(random, words.SENTENCES);
  }
  if (endsWith(hint, "date", "day")) return (random) => dateText(random, hint);
  if (endsWith(hint, "at", "timestamp", "datetime") && hint.words.length > 1) {
    return (random) => dateTimeText(random, hint);
  }
  if (endsWith(hint, "time")) return (random) => timeText(random);
  if (endsWith(hint, "price", "amount", "total", "cost")) {
    return (random) => (integerBetween(random, 500, 50_000) / 100).toFixed(2);
  }
  if (endsWith(hint, "uuid", "guid")) return (random) => uuid(random);
  if (endsWith(hint, "emoji")) return (random) => pick(random, words.EMOJI);
  if (endsWith(hint, "error")) return (random) => pick(random, words.FAILURES);
  if (endsWith(hint, "id", "uid", "ref", "reference", "code", "number", "no")) {
    return (random) =>
      `${(hint.words.at(-2) ?? hint.owner[0] ?? "id").slice(0, 3)}_${hex(random, 8)}`;
  }
  if (endsWith(hint, "name")) return (random, scene) => nameFor(hint, random, scene);
  if (endsWith(hint, "greeting")) return () => "Hello";
  return undefined;
}

/** Whatever text: two words. */
export function anyText(random: Random): string {
  return `${pick(random, words.ADJECTIVES)} ${pick(random, words.NOUNS)}`;
}

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
const ADDRESSES = ["address", "location", "place", "billing", "shipping", "delivery"];
const GOODS = ["product", "item", "article", "good", "listing", "line"];

function nameFor(hint: Hint, random: Random, scene: Scene): string {
  const about = [...hint.words.slice(0, -1), ...hint.owner];
  const isAbout = (terms: readonly string[]) => about.some((word) => terms.includes(word));
  if (isAbout(PEOPLE)) return `${scene.person.first} ${scene.person.last}`;
  if (isAbout(GOODS)) return `${pick(random, words.MATERIALS)} ${pick(random, words.THINGS)}`;
  if (isAbout(["category", "department", "genre"])) return pick(random, words.CATEGORIES);
  if (isAbout(["company", "organization", "organisation", "vendor", "supplier", "team", "brand"])) {
    return scene.company;
  }
  if (isAbout(["city", "town", "place"])) return scene.city[0];
  if (isAbout(["country"])) return scene.city[2];
  if (isAbout(["file", "document"])) return pick(random, words.FILES);
  if (isAbout(["tag", "label"])) return pick(random, words.NOUNS);
  return hint.owner.length === 0 && hint.words.length === 1
    ? scene.person.first
    : `${capital(pick(random, words.ADJECTIVES))} ${capital(pick(random, words.NOUNS))}`;
}

function capital(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1);
}

function title(random: Random): string {
  return `The ${capital(pick(random, words.ADJECTIVES))} ${capital(pick(random, words.NOUNS))}`;
}

function street(random: Random): string {
  return `${integerBetween(random, 1, 120)} ${pick(random, words.STREETS)}`;
}

export function emailOf(scene: Scene): string {
  return `${userName(scene)}@example.com`;
}

function userName({ person }: Scene): string {
  return `${person.first}.${person.last}`.toLowerCase();
}

export function urlFor(hint: Hint, random: Random): string {
  const folder = hint.words.find((word) => !["url", "uri", "link", "href"].includes(word));
  return `https://example.com/${folder === undefined ? "" : `${folder}/`}${
    pick(random, words.NOUNS)
  }`;
}

export function ipv4(random: Random): string {
  return `192.0.2.${integerBetween(random, 1, 254)}`;
}

/** Days since 1970 for a place: births long ago, deadlines ahead, everything else in the last two years. */
function dayFor(random: Random, hint: Hint): number {
  if (says(hint, "birth", "birthday", "birthdate", "born", "dob")) {
    return integerBetween(random, -6_000, 13_000);
  }
  if (
    says(
      hint,
      "expires",
      "expiry",
      "expiration",
      "due",
      "deadline",
      "valid",
      "until",
      "end",
      "ends",
      "next",
      "renewal",
      "delivery",
    )
  ) {
    return integerBetween(random, 20_820, 21_550);
  }
  if (
    says(hint, "updated", "modified", "last", "seen", "changed", "closed", "finished", "shipped")
  ) {
    return integerBetween(random, 20_650, 20_778);
  }
  return integerBetween(random, 20_090, 20_640);
}

export function dateText(random: Random, hint: Hint): string {
  return new Date(dayFor(random, hint) * 86_400_000).toISOString().slice(0, 10);
}

export function dateTimeText(random: Random, hint: Hint): string {
  const seconds = dayFor(random, hint) * 86_400 + integerBetween(random, 6 * 3600, 22 * 3600);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

export function timeText(random: Random): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(integerBetween(random, 6, 21))}:${two(integerBetween(random, 0, 59))}:00`;
}
