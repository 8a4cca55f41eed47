import { integerBetween, pick, type Random } from "./random.ts";

/** A German IBAN with valid check digits. */
export function iban(random: Random): string {
  const account = `37040044${digits(random, 10)}`;
  // ISO 7064: D and E count as 13 and 14, and the check digits as 00.
  const remainder = Number(BigInt(`${account}131400`) % 97n);
  return `DE${String(98 - remainder).padStart(2, "0")}${account}`;
}

/** A number of a payment card in a range for tests, with a valid check digit. */
export function cardNumber(random: Random): string {
  const body = `424242${digits(random, 9)}`;
  const sum = [...body].reduce((sum, char, index) => {
    const doubled = Number(char) * (index % 2 === 0 ? 2 : 1);
    return sum + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${body}${(10 - sum % 10) % 10}`;
}

/** The thirteen digits of a bar code (EAN, ISBN), with a valid check digit. */
export function articleNumber(random: Random, prefix: string): string {
  const body = `${prefix}${digits(random, 12 - prefix.length)}`;
  const sum = [...body].reduce(
    (sum, char, index) => sum + Number(char) * (index % 2 === 0 ? 1 : 3),
    0,
  );
  return `${body}${(10 - sum % 10) % 10}`;
}

/** A locally administered hardware address. */
export function macAddress(random: Random): string {
  return `02:${
    Array.from({ length: 5 }, () => integerBetween(random, 0, 255).toString(16).padStart(2, "0"))
      .join(":")
  }`;
}

/** `#3fa2c0`. */
export function hexColor(random: Random): string {
  return `#${integerBetween(random, 0, 0xffffff).toString(16).padStart(6, "0")}`;
}

/** The 17 characters of a vehicle identification number, without I, O and Q. */
export function vehicleNumber(random: Random): string {
  return `WVW${Array.from({ length: 14 }, () => pick(random, VEHICLE_SIGNS)).join("")}`;
}

/** A UUID. */
export function uuid(random: Random, version = 4): string {
  const variant = "89ab"[Math.floor(random() * 4)];
  return `${hex(random, 8)}-${hex(random, 4)}-${version}${hex(random, 3)}-${variant}${
    hex(random, 3)
  }-${hex(random, 12)}`;
}

/** Hexadecimal digits. */
export function hex(random: Random, length: number): string {
  let text = "";
  while (text.length < length) {
    text += Math.floor(random() * 0x10000000).toString(16).padStart(7, "0");
  }
  return text.slice(0, length);
}

/** Capital letters. */
export function letters(random: Random, length: number): string {
  let text = "";
  while (text.length < length) text += String.fromCharCode(65 + Math.floor(random() * 26));
  return text;
}

function digits(random: Random, length: number): string {
  let text = "";
  while (text.length < length) text += String(integerBetween(random, 0, 9));
  return text;
}

const VEHICLE_SIGNS = [..."ABCDEFGHJKLMNPRSTUVWXYZ0123456789"];
