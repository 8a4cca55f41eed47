/**
 * Parses dates, times and durations like Pydantic's Rust crate speedate, with its error messages and its order of
 * checks.
 */

/** The reason why a text is not a date, time or duration, in Pydantic's words; undefined if it is valid. */
export type Problem = string | undefined;

/** A date with a time of day. */
export interface DateTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly time: Time;
}

/** A time of day; `offset` in seconds east of Greenwich, absent for a naive time. */
export interface Time {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  readonly offset?: number;
}

const TOO_SHORT = "input is too short";
const EXTRA = "unexpected extra characters at the end of the input";
const DATE_SEPARATOR = "invalid date separator, expected `-`";
const TOO_LATE = "dates after 9999 are not supported as unix timestamps";
const TOO_EARLY = "dates before 0000 are not supported as unix timestamps";

const FIRST_SECOND = -62_167_219_200;
const LAST_SECOND = 253_402_300_799;
/** Timestamps above this number of seconds are read as milliseconds. */
const MILLISECONDS_FROM = 20_000_000_000;

function digit(text: string, index: number): number {
  const code = text.charCodeAt(index) - 48;
  return code >= 0 && code <= 9 ? code : -1;
}

/** Parses two digits; returns -1 if they are not digits. */
function twoDigits(text: string, index: number): number {
  const high = digit(text, index);
  const low = digit(text, index + 1);
  return high < 0 || low < 0 ? -1 : high * 10 + low;
}

// The crate counts UTF-8 bytes. A text with other characters fails in any case; this only selects the message.
function byteLength(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) length += code >= 0x800 && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return length;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Parses the first ten characters as a date. */
function datePrefix(text: string): { year: number; month: number; day: number } | string {
  if (byteLength(text) < 10) return TOO_SHORT;
  let year = 0;
  for (let index = 0; index < 4; index++) {
    const value = digit(text, index);
    if (value < 0) return "invalid character in year";
    year = year * 10 + value;
  }
  if (text[4] !== "-") return DATE_SEPARATOR;
  const month = twoDigits(text, 5);
  if (month < 0) return "invalid character in month";
  if (text[7] !== "-") return DATE_SEPARATOR;
  const day = twoDigits(text, 8);
  if (day < 0) return "invalid character in day";
  if (month < 1 || month > 12) return "month value is outside expected range of 1-12";
  const days = month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  if (day < 1 || day > days) return "day value is outside expected range";
  return { year, month, day };
}

/** Parses hours, minutes and optional seconds from `start`; returns the position after them. */
function pureTime(text: string, start: number): { time: Time; position: number } | string {
  if (byteLength(text) - start < 5) return TOO_SHORT;
  const hour = twoDigits(text, start);
  if (hour < 0) return "invalid character in hour";
  if (text[start + 2] !== ":") return "invalid time separator, expected `:`";
  const minute = twoDigits(text, start + 3);
  if (minute < 0) return "invalid character in minute";
  if (hour > 23) return "hour value is outside expected range of 0-23";
  if (minute > 59) return "minute value is outside expected range of 0-59";
  let position = start + 5;
  let second = 0;
  let microsecond = 0;
  if (text[position] === ":") {
    second = twoDigits(text, position + 1);
    if (second < 0) return "invalid character in second";
    if (second > 59) return "second value is outside expected range of 0-59";
    position += 3;
    if (text[position] === "." || text[position] === ",") {
      position++;
      let count = 0;
      for (let value = digit(text, position); value >= 0; value = digit(text, position)) {
        // Digits after the sixth are dropped.
        if (count < 6) microsecond = microsecond * 10 + value;
        count++;
        position++;
      }
      if (count === 0) return "second fraction digits missing after `.`";
      for (; count < 6; count++) microsecond *= 10;
    }
  }
  return { time: { hour, minute, second, microsecond }, position };
}

/** Parses a time with its offset from `start` to the end of the text. */
function timeFrom(text: string, start: number): Time | string {
  const pure = pureTime(text, start);
  if (typeof pure === "string") return pure;
  let { position } = pure;
  if (position >= text.length) return pure.time;
  const sign = text[position++];
  if (sign === "Z" || sign === "z") {
    return position < text.length ? EXTRA : { ...pure.time, offset: 0 };
  }
  // U+2212 is the minus sign that ISO 8601 prefers.
  if (sign !== "+" && sign !== "-" && sign !== "\u2212") return "invalid timezone sign";
  const hours = twoDigits(text, position);
  if (hours < 0) return "invalid timezone hour";
  position += text[position + 2] === ":" ? 3 : 2;
  const minutes = twoDigits(text, position);
  if (minutes < 0) return "invalid timezone minute";
  if (minutes > 59) return "timezone minute value is outside expected range of 0-59";
  const offset = hours * 3600 + minutes * 60;
  if (offset >= 86_400) return "timezone offset must be less than 24 hours";
  if (position + 2 < text.length) return EXTRA;
  return { ...pure.time, offset: sign === "+" ? offset : -offset };
}

/** Parses a number of seconds or milliseconds since 1970; undefined if the text is not a number. */
function timestampOf(text: string): number | undefined {
  if (/^[+-]?\d+$/.test(text)) {
    const value = Number(text);
    return Math.abs(value) < 2 ** 63 ? value : undefined;
  }
  return /^[+-]?\d*\.\d*(e[+-]?\d+)?$/i.test(text) && /\d/.test(text) ? Number(text) : undefined;
}

/** Converts a timestamp (seconds, or milliseconds if it is large) to a date and time in UTC. */
export function dateTimeFromTimestamp(timestamp: number): DateTime | string {
  if (Number.isNaN(timestamp)) return "NaN values not permitted";
  const seconds = Math.abs(timestamp) > MILLISECONDS_FROM ? timestamp / 1000 : timestamp;
  if (seconds < FIRST_SECOND) return TOO_EARLY;
  if (seconds > LAST_SECOND) return TOO_LATE;
  const whole = Math.floor(seconds);
  const date = new Date(whole * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    time: {
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      microsecond: Math.round((seconds - whole) * 1e6),
      offset: 0,
    },
  };
}

/** Parses a date and time: RFC 3339 and Pydantic's variants (a space, no seconds, no offset), or a timestamp. */
export function parseDateTime(text: string): DateTime | string {
  const strict = parseRfc3339(text);
  if (typeof strict !== "string") return strict;
  const timestamp = timestampOf(text);
  return timestamp === undefined ? strict : dateTimeFromTimestamp(timestamp);
}

function parseRfc3339(text: string): DateTime | string {
  const date = datePrefix(text);
  if (typeof date === "string") return date;
  if (!/[Tt _]/.test(text[10] ?? "")) {
    return "invalid datetime separator, expected `T`, `t`, `_` or space";
  }
  const time = timeFrom(text, 11);
  return typeof time === "string" ? time : { ...date, time };
}

/** Parses a date: ten characters, or a timestamp at midnight. */
export function parseDate(text: string): { year: number; month: number; day: number } | string {
  const date = datePrefix(text);
  if (typeof date !== "string") {
    return text.length > 10 ? EXTRA : date;
  }
  const timestamp = timestampOf(text);
  if (timestamp === undefined || text.includes(".")) return date;
  const moment = dateTimeFromTimestamp(timestamp);
  if (typeof moment === "string") return moment;
  return isMidnight(moment.time) ? moment : "timestamp is not an exact date";
}

/** Returns true for midnight. */
export function isMidnight(time: Time): boolean {
  return time.hour === 0 && time.minute === 0 && time.second === 0 && time.microsecond === 0;
}

/** Parses a time of day with an optional offset. */
export function parseTime(text: string): Time | string {
  return timeFrom(text, 0);
}

/** Converts seconds since midnight to a time. */
export function timeFromSeconds(seconds: number): Time | string {
  if (Number.isNaN(seconds)) return "NaN values not permitted";
  if (seconds < 0) return "time in seconds should be positive";
  if (seconds >= 86_400) return "numeric times may not exceed 86,399 seconds";
  const whole = Math.floor(seconds);
  return {
    hour: Math.floor(whole / 3600),
    minute: Math.floor(whole / 60) % 60,
    second: whole % 60,
    microsecond: Math.round((seconds - whole) * 1e6),
    offset: 0,
  };
}

const DAYS_LIMIT = 999_999_999;
const TOO_MANY_DAYS = "durations may not exceed 999,999,999 days";
const TOO_MANY_HOURS = "durations may not exceed 999,999,999 hours";
const BAD_DAYS = '"day" identifier in duration not correctly formatted';
const VALUE_TOO_LARGE = "a numeric value in the duration is too large";
const UINT32 = 4_294_967_295;

/** Validates a number of seconds as a duration. */
export function durationProblemOfSeconds(seconds: number): Problem {
  if (Number.isNaN(seconds)) return "NaN values not permitted";
  return Math.abs(seconds) >= (DAYS_LIMIT + 1) * 86_400 ? TOO_MANY_DAYS : undefined;
}

/** Validates a duration: ISO 8601 (`P1DT2H`), days with a time (`1 day, 02:00:00`) or a time (`26:00`). */
export function durationProblem(text: string): Problem {
  const body = text.replace(/^[+-]/, "");
  if (body === "") return TOO_SHORT;
  const parts = body[0] === "P"
    ? isoDuration(body.slice(1))
    : /d/i.test(body) || byteLength(body) < 5
    ? daysAndTime(body)
    : clock(body);
  if (typeof parts === "string") return parts;
  return parts.days + Math.floor(parts.seconds / 86_400) > DAYS_LIMIT ? TOO_MANY_DAYS : undefined;
}

type DurationParts = { days: number; seconds: number } | string;

function isoDuration(text: string): DurationParts {
  const units = {
    date: new Map([["Y", 365], ["M", 30], ["W", 7], ["D", 1]]),
    time: new Map([["H", 3600], ["M", 60], ["S", 1]]),
  };
  let inTime = false;
  let fraction = false;
  let days = 0;
  let seconds = 0;
  let position = 0;
  while (position < text.length) {
    if (text[position] === "T") {
      if (inTime) return "`t` character repeated in duration";
      inTime = true;
      position++;
      continue;
    }
    const number = /^(\d+)([.,]\d*)?/.exec(text.slice(position, position + 400));
    if (number === null) return "invalid digit in duration";
    if (Number(number[1]) > UINT32) return VALUE_TOO_LARGE;
    if (fraction) return "quantity fraction invalid in duration";
    fraction = number[2] !== undefined;
    position += number[0].length;
    const unit = text[position++] ?? "";
    const value = Number(number[1]) + Number(`0.${number[2]?.slice(1) ?? ""}0`);
    const factor = (inTime ? units.time : units.date).get(unit);
    if (factor === undefined) {
      return `quantity invalid in ${inTime ? "time" : "date"} part of duration`;
    }
    if (Math.floor(value) * factor > UINT32) return VALUE_TOO_LARGE;
    if (inTime) seconds += value * factor;
    else days += value * factor;
    if (seconds > UINT32 || days > UINT32) return VALUE_TOO_LARGE;
  }
  return text.length < 2 ? TOO_SHORT : { days: Math.floor(days), seconds };
}

function daysAndTime(text: string): DurationParts {
  const number = /^\d+/.exec(text);
  if (number === null) return "invalid digit in duration";
  const days = Number(number[0]);
  if (days > UINT32) return VALUE_TOO_LARGE;
  const rest = /^ ?[dD](ays|ay|AYS|AY)?/.exec(text.slice(number[0].length));
  if (rest === null) return BAD_DAYS;
  let remaining = text.slice(number[0].length + rest[0].length);
  if (rest[1] === undefined && /^[aA]/.test(remaining)) return BAD_DAYS;
  remaining = remaining.replace(/^(, |,| )/, "");
  if (remaining === "") return { days, seconds: 0 };
  const time = clock(remaining);
  if (typeof time === "string") return time;
  return time.days > 0 ? TOO_MANY_HOURS : { days, seconds: time.seconds };
}

function clock(text: string): DurationParts {
  if (byteLength(text) < 5) return TOO_SHORT;
  const colon = text.indexOf(":");
  if (colon < 0) return "invalid character in hour";
  const hourText = text.slice(0, colon);
  if (byteLength(hourText) > 10) return TOO_MANY_HOURS;
  if (!/^\d*$/.test(hourText)) return "invalid character in hour";
  const hours = Number(hourText);
  if (hours > 2_400_000_000) return TOO_MANY_HOURS;
  // Minutes and seconds are parsed like those of a time of day; the fraction is cut after six digits.
  const rest = `00:${text.slice(colon + 1)}`.slice(0, 15);
  const pure = pureTime(rest, 0);
  if (typeof pure === "string") return pure;
  if (rest.length > pure.position) return EXTRA;
  return {
    days: Math.floor(hours / 24),
    seconds: (hours % 24) * 3600 + pure.time.minute * 60 + pure.time.second,
  };
}
