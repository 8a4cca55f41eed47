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
import { dateText, dateTimeText, timeText } from "./dates.ts";
import { describes, endsWith, type Hint, mentions } from "./hints.ts";
import { integerBetween, pick, type Random } from "./random.ts";
import type { Scene } from "./scene.ts";
import {
  emailOf,
  fullName,
  ipv4,
  nameFor,
  street,
  title,
  urlFor,
  userName,
  version,
} from "./text_parts.ts";
import * as words from "./words.ts";

/** Generates a text. */
type Make = (random: Random, scene: Scene, hint: Hint) => string;

/** A rule for texts. It matches if one of the lists does, and `when` returns true. */
export interface TextRule {
  /** Words of the name, or phrases at its end. See {@link mentions}. */
  readonly name?: readonly string[];
  /** Last words of the name. */
  readonly end?: readonly string[];
  /** Phrases of the description. */
  readonly description?: readonly string[];
  readonly when?: (hint: Hint) => boolean;
  readonly make: Make;
}

/** The first rule that matches; `undefined` if none does. */
export function ruleFor(hint: Hint): TextRule | undefined {
  return RULES.find(({ name = [], end = [], description = [], when }) =>
    (mentions(hint, ...name) || endsWith(hint, ...end) || describes(hint, ...description)) &&
    (when === undefined || when(hint))
  );
}

const ADDRESSES = ["address", "location", "place", "billing", "shipping", "delivery"];

/** A generator that picks one of the words. */
function oneOf(list: readonly string[]): Make {
  return (random) => pick(random, list);
}

/** A generator of integers as text, both ends included. */
function digits(min: number, max: number): Make {
  return (random) => String(integerBetween(random, min, max));
}

// The order matters: the first match is used.
const RULES: readonly TextRule[] = [
  {
    name: ["email", "mail", "e mail"],
    description: ["e-mail address", "email address"],
    make: (_, scene) => emailOf(scene),
  },
  {
    name: ["first name", "firstname", "given name", "forename"],
    make: (_, { person }) => person.first,
  },
  {
    name: ["last name", "lastname", "surname", "family name"],
    make: (_, { person }) => person.last,
  },
  {
    name: ["username", "user name", "login", "nickname", "handle"],
    make: (_, scene) => userName(scene),
  },
  {
    name: [
      "full name",
      "fullname",
      "author",
      "assignee",
      "customer",
      "owner",
      "contact",
      "recipient",
    ],
    when: (hint) => !endsWith(hint, "id", "email", "type", "status"),
    make: (_, scene) => fullName(scene),
  },
  {
    name: ["phone", "mobile", "fax", "tel", "telephone"],
    make: (random) => `+49 30 ${integerBetween(random, 1_000_000, 9_999_999)}`,
  },
  {
    name: ["birth", "birthday", "birthdate", "dob"],
    make: (random, _, hint) => dateText(random, hint),
  },
  { name: ["mac address"], end: ["mac"], make: macAddress },
  { name: ["ip address", "ip addr"], end: ["ip", "ipv4"], make: ipv4 },
  { name: ["user agent"], make: oneOf(words.USER_AGENTS) },
  {
    name: ["url", "uri", "link", "website", "homepage", "href", "webhook"],
    make: (random, _, hint) => urlFor(hint, random),
  },
  {
    name: ["avatar", "image", "picture", "photo", "thumbnail", "logo", "icon"],
    make: (random) => `https://example.com/images/${pick(random, words.NOUNS)}.png`,
  },
  {
    name: ["currency"],
    description: ["iso 4217", "currency code"],
    make: oneOf(words.CURRENCIES),
  },
  { name: ["country code"], make: (_, { city }) => city[1] },
  {
    end: ["country"],
    when: (hint) => describes(hint, "iso 3166", "code"),
    make: (_, { city }) => city[1],
  },
  { end: ["region", "province", "county"], make: oneOf(words.REGIONS) },
  {
    end: ["state"],
    when: ({ owner }) => owner.some((word) => ADDRESSES.includes(word)),
    make: oneOf(words.REGIONS),
  },
  { name: ["house number", "street number", "building number"], make: digits(1, 120) },
  { end: ["country", "nation", "nationality"], make: (_, { city }) => city[2] },
  { end: ["city", "town", "place", "location"], make: (_, { city }) => city[0] },
  { name: ["street", "address line", "line1"], make: street },
  // The street is drawn before the city, which a scene draws when it is first read.
  { end: ["address", "addr"], make: (random, scene) => `${street(random)}, ${scene.city[0]}` },
  { name: ["zip", "postcode", "postal code", "zip code", "plz"], make: digits(10_000, 99_999) },
  {
    name: [
      "company",
      "organization",
      "organisation",
      "vendor",
      "supplier",
      "employer",
      "brand",
      "manufacturer",
    ],
    make: (_, { company }) => company,
  },
  { name: ["iban"], make: iban },
  { name: ["bic", "swift"], make: () => "COBADEFFXXX" },
  {
    name: ["vat id", "vat number", "tax id", "tax number"],
    end: ["vat"],
    make: (random) => `DE${integerBetween(random, 100_000_000, 999_999_999)}`,
  },
  { name: ["card number", "credit card", "pan"], make: cardNumber },
  { end: ["number"], when: ({ owner }) => owner.includes("card"), make: cardNumber },
  { end: ["number", "no"], make: digits(100_000, 999_999) },
  { end: ["isbn", "isbn13"], make: (random) => articleNumber(random, "978") },
  {
    end: ["ean", "ean13", "gtin", "barcode", "upc"],
    make: (random) => articleNumber(random, "400"),
  },
  {
    end: ["plate", "registration"],
    make: (random) => `B ${letters(random, 2)} ${integerBetween(random, 100, 9999)}`,
  },
  { end: ["vin"], make: vehicleNumber },
  {
    end: ["sku"],
    make: (random) => `${letters(random, 3)}-${integerBetween(random, 1000, 9999)}`,
  },
  {
    end: ["slug"],
    make: (random) => `${pick(random, words.ADJECTIVES)}-${pick(random, words.NOUNS)}`,
  },
  { end: ["language", "lang"], make: oneOf(words.LANGUAGES) },
  { end: ["locale"], make: oneOf(words.LOCALES) },
  { name: ["timezone", "time zone", "tz"], make: oneOf(words.TIMEZONES) },
  {
    name: ["hex color", "hex colour", "color hex"],
    description: ["hex colo", "#rrggbb"],
    make: hexColor,
  },
  { end: ["color", "colour"], make: oneOf(words.COLORS) },
  { end: ["status", "state", "phase"], make: oneOf(words.STATES) },
  { end: ["role"], make: oneOf(words.ROLES) },
  { end: ["level", "severity"], make: oneOf(words.LEVELS) },
  { end: ["priority", "urgency", "importance", "difficulty"], make: oneOf(words.PRIORITIES) },
  {
    name: ["job title"],
    end: ["job", "profession", "occupation", "position"],
    make: oneOf(words.JOBS),
  },
  { end: ["gender", "sex"], make: oneOf(["female", "male", "other"]) },
  { end: ["unit"], make: oneOf(words.UNITS) },
  { name: ["mime", "media type", "content type"], make: oneOf(words.MEDIA) },
  { name: ["file name"], end: ["file", "filename"], make: oneOf(words.FILES) },
  {
    end: ["path"],
    make: (random) => `/srv/${pick(random, words.NOUNS)}/${pick(random, words.FILES)}`,
  },
  {
    end: ["host", "hostname", "domain"],
    make: (random) => `${pick(random, words.NOUNS)}.example.com`,
  },
  { end: ["version"], make: version },
  { name: ["sha256", "sha 256"], make: (random) => hex(random, 64) },
  { name: ["sha1", "sha 1", "commit"], make: (random) => hex(random, 40) },
  {
    end: [
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
    ],
    make: (random) => hex(random, 32),
  },
  { end: ["cursor", "page"], make: (random) => `c${integerBetween(random, 10, 999)}` },
  {
    name: ["password", "passphrase"],
    make: (random) => `${pick(random, words.NOUNS)}-${integerBetween(random, 10, 99)}-Xy`,
  },
  { end: ["category", "department", "genre", "topic", "section"], make: oneOf(words.CATEGORIES) },
  { end: ["tag", "label", "keyword", "word"], make: oneOf(words.NOUNS) },
  { end: ["warehouse"], make: oneOf(["north", "south", "east", "west"]) },
  { end: ["title", "subject", "headline", "caption"], make: title },
  {
    end: [
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
    ],
    make: oneOf(words.SENTENCES),
  },
  { end: ["date", "day"], make: (random, _, hint) => dateText(random, hint) },
  {
    end: ["at", "timestamp", "datetime"],
    when: (hint) => hint.words.length > 1,
    make: (random, _, hint) => dateTimeText(random, hint),
  },
  { end: ["time"], make: timeText },
  {
    end: ["price", "amount", "total", "cost"],
    make: (random) => (integerBetween(random, 500, 50_000) / 100).toFixed(2),
  },
  { end: ["uuid", "guid"], make: (random) => uuid(random) },
  { end: ["emoji"], make: oneOf(words.EMOJI) },
  { end: ["error"], make: oneOf(words.FAILURES) },
  {
    end: ["id", "uid", "ref", "reference", "code"],
    make: (random, _, { words, owner }) =>
      `${(words.at(-2) ?? owner[0] ?? "id").slice(0, 3)}_${hex(random, 8)}`,
  },
  { end: ["name"], make: (random, scene, hint) => nameFor(hint, random, scene) },
  { end: ["greeting"], make: () => "Hello" },
];
