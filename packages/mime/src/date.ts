import { wordsText } from "@scop/address/words";
import type { Instant } from "@scop/platform";
import { assert, CharClass, type Diagnostic, failed, isClass, type Parsed, parsed } from "@scop/wire";
import { endOfValue } from "./field-text.ts";
import { firstField } from "./header.ts";
import { LINE_OCTETS_MAX } from "./limits.ts";
import type { HeaderField, HeaderView } from "./model.ts";

const TAB = 9;
const SPACE = 32;
const PLUS = 43;
const COMMA = 44;
const HYPHEN = 45;
const DOT = 46;
const COLON = 58;

/** A moment and the clock that showed it. */
export interface MessageDate {
  readonly instant: Instant;
  /** Minutes east of UTC, -5999 to 5999. 0 also where the zone is unknown (`-0000`). */
  readonly offsetMinutes: number;
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** The first three letters of each month as one number. */
const MONTH_NUMBERS: readonly number[] = MONTHS.map(name => lettersNumber(name, 0));

/** RFC 5322 4.3: other names are taken as -0000, as the section says. */
const zones: ReadonlyMap<string, number> = new Map([
  ["ut", 0],
  ["utc", 0],
  ["gmt", 0],
  ["z", 0],
  ["edt", -240],
  ["est", -300],
  ["cdt", -300],
  ["cst", -360],
  ["mdt", -360],
  ["mst", -420],
  ["pdt", -420],
  ["pst", -480],
]);

/** The longest date that is looked at; the words of a date need less than 40. */
const DATE_CHARACTERS_MAX = 200;

interface Reader {
  readonly text: string;
  at: number;
}

/** What may stand between the words of a date, as bits. */
const Between = { space: 1, tab: 2, comma: 4, hyphen: 8, dot: 16, colon: 32 } as const;
const BLANK = Between.space | Between.tab;

function betweenOf(code: number): number {
  switch (code) {
    case SPACE:
      return Between.space;
    case TAB:
      return Between.tab;
    case COMMA:
      return Between.comma;
    case HYPHEN:
      return Between.hyphen;
    case DOT:
      return Between.dot;
    case COLON:
      return Between.colon;
    default:
      return 0;
  }
}

/** Moves over characters of these kinds. */
function skip(reader: Reader, kinds: number): void {
  const { text } = reader;
  while (reader.at < text.length && (betweenOf(text.charCodeAt(reader.at)) & kinds) !== 0) reader.at += 1;
}

/** Moves behind a word of letters. */
function skipLetters(reader: Reader): void {
  const { text } = reader;
  while (reader.at < text.length && isClass(text.charCodeAt(reader.at), CharClass.alpha)) reader.at += 1;
}

/** The three letters at this place as one number, whatever their case. */
function lettersNumber(text: string, at: number): number {
  return ((text.charCodeAt(at) | 32) << 16) | ((text.charCodeAt(at + 1) | 32) << 8) | (text.charCodeAt(at + 2) | 32);
}

/** A number of so many digits at most; -1 if none stands here. */
function digits(reader: Reader, most: number): number {
  const { text, at } = reader;
  let value = -1;
  let behind = at;
  for (; behind < at + most; behind += 1) {
    const digit = text.charCodeAt(behind) - 48;
    // Behind the end there is none either: NaN is not within the bounds.
    if (!(digit >= 0 && digit <= 9)) break;
    value = Math.max(value, 0) * 10 + digit;
  }
  reader.at = behind;
  return value;
}

/** RFC 5322 3.3: no year is before 1900; 4.3: years of two and three digits. */
function readYear(reader: Reader): number {
  const from = reader.at;
  const year = digits(reader, 4);
  const length = reader.at - from;
  if (length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return length === 3 ? 1900 + year : length === 4 && year >= 1900 ? year : -1;
}

/** hour ":" minute [":" second]; milliseconds within the day, -1 where malformed. */
function readTime(reader: Reader): number {
  const hour = digits(reader, 2);
  skip(reader, Between.space);
  if (hour < 0 || hour > 23 || reader.text.charCodeAt(reader.at) !== COLON) return -1;
  skip(reader, Between.colon | Between.space);
  const minute = digits(reader, 2);
  if (minute < 0 || minute > 59) return -1;
  skip(reader, Between.space);
  if (reader.text.charCodeAt(reader.at) !== COLON) return (hour * 60 + minute) * 60_000;
  skip(reader, Between.colon | Between.space);
  const second = digits(reader, 2);
  // RFC 5322 3.3: 60 is a leap second, which falls on the second after it here.
  return second < 0 || second > 60 ? -1 : ((hour * 60 + minute) * 60 + second) * 1000;
}

/** The month, from 0 on, of a word that begins with its three letters; -1 if it is none. */
function readMonth(reader: Reader): number {
  const from = reader.at;
  skipLetters(reader);
  return reader.at - from < 3 ? -1 : MONTH_NUMBERS.indexOf(lettersNumber(reader.text, from));
}

function isSign(code: number): boolean {
  return code === PLUS || code === HYPHEN;
}

/** zone = ("+" / "-") 4DIGIT / obs-zone. Undefined where it is none that says something; of three digits the first is the hour. */
function readZone(reader: Reader): number | undefined {
  const sign = reader.text.charCodeAt(reader.at);
  const start = reader.at;
  if (!isSign(sign)) {
    skipLetters(reader);
    return zones.get(reader.text.slice(start, reader.at).toLowerCase());
  }
  const from = start + 1;
  reader.at = from;
  const value = digits(reader, 4);
  if (reader.at - from < 3 || value % 100 > 59) return undefined;
  const minutes = Math.floor(value / 100) * 60 + (value % 100);
  return sign === HYPHEN && minutes > 0 ? -minutes : minutes;
}

/** Milliseconds of a day's start in UTC, undefined where the month has no such day. */
function dayStart(year: number, month: number, day: number): number | undefined {
  const start = Date.UTC(year, month, day);
  if (day <= 28) return start;
  const date = new Date(start);
  return date.getUTCMonth() === month && date.getUTCDate() === day ? start : undefined;
}

function refused(length: number): Parsed<MessageDate> {
  return failed("date-malformed", 0, length, "RFC 5322 3.3");
}

/**
 * A date from its text, comments left out: RFC 5322 3.3 with the obsolete forms of 4.3. The day of the week is not compared. A zone
 * that is missing or says nothing is noted as `date-zone` and taken as UTC; text behind the date is noted. `date-malformed`
 * where it is none. Offsets count characters.
 *
 * date-time = [ day-of-week "," ] day month year hour ":" minute [ ":" second ] zone
 */
export function parseDate(text: string): Parsed<MessageDate> {
  if (text.length > DATE_CHARACTERS_MAX) return refused(text.length);
  const reader: Reader = { text, at: 0 };
  skip(reader, BLANK);
  skipLetters(reader);
  skip(reader, BLANK | Between.comma | Between.dot);
  const day = digits(reader, 2);
  skip(reader, BLANK | Between.hyphen);
  const month = readMonth(reader);
  skip(reader, BLANK | Between.hyphen | Between.dot | Between.comma);
  const year = readYear(reader);
  skip(reader, BLANK | Between.comma);
  const time = readTime(reader);
  if (day < 1 || month < 0 || year < 0 || time < 0) return refused(text.length);
  const start = dayStart(year, month, day);
  if (start === undefined) return refused(text.length);
  skip(reader, BLANK);
  const zoneAt = reader.at;
  const zone = readZone(reader);
  const notes: Diagnostic[] = [];
  const isShort = zone !== undefined && isSign(text.charCodeAt(zoneAt)) && reader.at - zoneAt < 5;
  if (zone === undefined || isShort) {
    notes.push({ code: "date-zone", offset: zoneAt, length: reader.at - zoneAt, rule: "RFC 5322 4.3" });
  }
  skip(reader, BLANK);
  if (reader.at < text.length) {
    notes.push({ code: "date-text", offset: reader.at, length: text.length - reader.at, rule: "RFC 5322 3.3" });
  }
  const offsetMinutes = zone ?? 0;
  return parsed({ instant: start + time - offsetMinutes * 60_000, offsetMinutes }, notes);
}

/** The date in octets of a field. Comments and all it is at most 998 octets: others are not taken apart. */
export function parseDateOf(bytes: Uint8Array, start: number, end: number): Parsed<MessageDate> {
  if (end - start > LINE_OCTETS_MAX) return refused(end - start);
  return parseDate(wordsText(bytes, start, end, " "));
}

/** The date in a field, undefined where there is none that can be read. */
export function dateOfField(bytes: Uint8Array, field: HeaderField): MessageDate | undefined {
  const date = parseDateOf(bytes, field.valueOffset, endOfValue(bytes, field));
  return date.ok ? date.value : undefined;
}

/** The Date field; undefined where there is none that can be read. The first of several counts. RFC 5322 3.6.1 */
export function dateOf(view: HeaderView): MessageDate | undefined {
  const field = firstField(view.header, "date");
  return field === undefined ? undefined : dateOfField(view.bytes, field);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** A date for a field: `Mon, 23 Nov 2026 10:00:00 +0100`. Whole seconds; years 1900 to 9999; offset -5999 to 5999 minutes. RFC 5322 3.3 */
export function formatDate(instant: Instant, offsetMinutes: number = 0): string {
  const local = new Date(instant + offsetMinutes * 60_000);
  const year = local.getUTCFullYear();
  assert(year >= 1900 && year <= 9999, "a date of a message is within the years 1900 to 9999");
  assert(Number.isInteger(offsetMinutes) && Math.abs(offsetMinutes) < 6000, "a zone is below 100 hours");
  const minutes = Math.abs(offsetMinutes);
  const zone = `${offsetMinutes < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60), 2)}${pad(minutes % 60, 2)}`;
  const time = `${pad(local.getUTCHours(), 2)}:${pad(local.getUTCMinutes(), 2)}:${pad(local.getUTCSeconds(), 2)}`;
  const date = `${pad(local.getUTCDate(), 2)} ${MONTHS[local.getUTCMonth()]!} ${year}`;
  return `${DAYS[local.getUTCDay()]!}, ${date} ${time} ${zone}`;
}
