import { hex, uuid } from "./codes.ts";
import { dateText, dateTimeText, timeText } from "./dates.ts";
import type { Hint } from "./hints.ts";
import { integerBetween, pick, type Random } from "./random.ts";
import type { Scene } from "./scene.ts";
import { emailOf, ipv4, urlFor } from "./text_parts.ts";
import { textMaker } from "./texts.ts";
import { NOUNS } from "./words.ts";

/** A text of a format of Pydantic or JSON Schema; `undefined` if the format is unknown. */
export function textForFormat(
  format: string,
  hint: Hint,
  random: Random,
  scene: Scene,
): string | undefined {
  switch (format) {
    case "date-time":
      return dateTimeText(random, hint);
    case "date":
      return dateText(random, hint);
    case "time":
      // JSON Schema's format requires an offset.
      return `${timeText(random)}Z`;
    case "duration":
      return pick(random, ["PT15M", "PT1H30M", "P1D", "P2DT4H", "PT45S", "P7D"]);
    case "uuid":
    case "uuid4":
      return uuid(random, 4);
    case "uuid1":
    case "uuid3":
    case "uuid5":
    case "uuid6":
    case "uuid7":
    case "uuid8":
      return uuid(random, Number(format.slice(4)));
    case "email":
    case "idn-email":
      return emailOf(scene);
    case "name-email":
      return `${scene.person.first} ${scene.person.last} <${emailOf(scene)}>`;
    case "ipv4":
    case "ipvanyaddress":
      return ipv4(random);
    case "ipv6":
      return `2001:db8::${hex(random, 4).replace(/^0+(?=.)/, "")}`;
    case "ipv4network":
    case "ipvanynetwork":
      return `10.${integerBetween(random, 0, 255)}.0.0/16`;
    case "ipv6network":
      return `2001:db8:${integerBetween(random, 1, 9)}::/48`;
    case "ipv4interface":
    case "ipvanyinterface":
      return `${ipv4(random)}/24`;
    case "ipv6interface":
      return `2001:db8::${integerBetween(random, 1, 99)}/64`;
    case "uri":
    case "iri":
    case "url":
      return urlFor(hint, random);
    case "uri-reference":
      return `/${pick(random, NOUNS)}`;
    case "multi-host-uri":
      return `postgres://app:secret@db.example.com:5432/${pick(random, NOUNS)}`;
    case "hostname":
    case "idn-hostname":
      return `${pick(random, NOUNS)}.example.com`;
    case "path":
    case "file-path":
    case "directory-path":
      return textMaker({ ...hint, words: ["path"] })?.(random, scene);
    case "regex":
      return "^[a-z]+$";
    case "base64":
    case "base64url":
      return pick(random, ["aGVsbG8=", "d29ybGQ=", "c2FtcGxl", "cHlycGM="]);
    case "binary":
      return pick(random, NOUNS);
    case "password":
      return textMaker({ ...hint, words: ["password"] })?.(random, scene);
    case "fraction":
      return `${integerBetween(random, 1, 9)}/${integerBetween(random, 2, 12)}`;
    case "json-pointer":
      return `/${pick(random, NOUNS)}`;
    default:
      return undefined;
  }
}
