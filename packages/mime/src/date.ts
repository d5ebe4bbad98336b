import { wordsText } from "@scop/address/words";
import type { Instant } from "@scop/platform";
import { assert, CharClass, type Diagnostic, failed, isClass, type Parsed, parsed } from "@scop/wire";
import { endOfValue } from "./field-text.ts";
import { firstField } from "./header.ts";
import { LINE_OCTETS_MAX } from "./limits.ts";
import type { HeaderField, HeaderView } from "./model.ts";

/** A moment and the clock that showed it. */
export interface MessageDate {
  readonly instant: Instant;
  /** Minutes east of UTC, -5999 to 5999. 0 also where the zone is unknown (`-0000`). */
  readonly offsetMinutes: number;
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

const MONTH_LETTERS = "janfebmaraprmayjunjulaugsepoctnovdec";

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

function skip(reader: Reader, characters: string): void {
  while (reader.at < reader.text.length && characters.includes(reader.text.charAt(reader.at))) reader.at += 1;
}

function letters(reader: Reader): string {
  const from = reader.at;
  while (isClass(reader.text.charCodeAt(reader.at), CharClass.alpha)) reader.at += 1;
  return reader.text.slice(from, reader.at).toLowerCase();
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

/** RFC 5322 4.3: years of two and three digits. */
function readYear(reader: Reader): number {
  const from = reader.at;
  const year = digits(reader, 4);
  const length = reader.at - from;
  if (length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return length === 3 ? 1900 + year : length === 4 ? year : -1;
}

/** hour ":" minute [":" second]; milliseconds within the day, -1 where malformed. */
function readTime(reader: Reader): number {
  const hour = digits(reader, 2);
  skip(reader, " ");
  if (hour < 0 || hour > 23 || reader.text.charAt(reader.at) !== ":") return -1;
  skip(reader, ": ");
  const minute = digits(reader, 2);
  if (minute < 0 || minute > 59) return -1;
  skip(reader, " ");
  if (reader.text.charAt(reader.at) !== ":") return (hour * 60 + minute) * 60_000;
  skip(reader, ": ");
  const second = digits(reader, 2);
  // RFC 5322 3.3: 60 is a leap second, which falls on the second after it here.
  return second < 0 || second > 60 ? -1 : ((hour * 60 + minute) * 60 + second) * 1000;
}

/** The month, from 0 on, of a word that begins with its three letters; -1 if it is none. */
function monthOf(word: string): number {
  const at = word.length < 3 ? -1 : MONTH_LETTERS.indexOf(word.slice(0, 3));
  return at % 3 === 0 ? at / 3 : -1;
}

/** zone = ("+" / "-") 4DIGIT / obs-zone. Undefined where it is none that says something; of three digits the first is the hour. */
function readZone(reader: Reader): number | undefined {
  const sign = reader.text.charAt(reader.at);
  if (sign !== "+" && sign !== "-") return zones.get(letters(reader));
  reader.at += 1;
  const from = reader.at;
  const value = digits(reader, 4);
  if (reader.at - from < 3 || value % 100 > 59) return undefined;
  const minutes = Math.floor(value / 100) * 60 + (value % 100);
  return sign === "-" && minutes > 0 ? -minutes : minutes;
}

/** Milliseconds of a day's start in UTC, undefined where the month has no such day. */
function dayStart(year: number, month: number, day: number): number | undefined {
  // Every month has 28 days, and years below 100 are not those of our century here.
  if (day <= 28 && year >= 100) return Date.UTC(year, month, day);
  const start = new Date(0);
  start.setUTCFullYear(year, month, day);
  return start.getUTCMonth() === month && start.getUTCDate() === day ? start.getTime() : undefined;
}

/**
 * A date from its text, comments left out: RFC 5322 3.3 with the obsolete forms of 4.3. The day of the week is not compared. A zone
 * that is missing or says nothing is noted as `date-zone` and taken as UTC; text behind the date is noted. `date-malformed`
 * where it is none. Offsets count characters.
 *
 * date-time = [ day-of-week "," ] day month year hour ":" minute [ ":" second ] zone
 */
export function parseDate(text: string): Parsed<MessageDate> {
  const refused = failed("date-malformed", 0, text.length, "RFC 5322 3.3");
  if (text.length > DATE_CHARACTERS_MAX) return refused;
  const reader: Reader = { text, at: 0 };
  skip(reader, " \t");
  letters(reader);
  skip(reader, " \t,.");
  const day = digits(reader, 2);
  skip(reader, " \t-");
  const month = monthOf(letters(reader));
  skip(reader, " \t-.,");
  const year = readYear(reader);
  skip(reader, " \t,");
  const time = readTime(reader);
  if (day < 1 || month < 0 || year < 0 || time < 0) return refused;
  const start = dayStart(year, month, day);
  if (start === undefined) return refused;
  skip(reader, " \t");
  const zoneAt = reader.at;
  const zone = readZone(reader);
  const notes: Diagnostic[] = [];
  const isShort = zone !== undefined && "+-".includes(text.charAt(zoneAt)) && reader.at - zoneAt < 5;
  if (zone === undefined || isShort) {
    notes.push({ code: "date-zone", offset: zoneAt, length: reader.at - zoneAt, rule: "RFC 5322 4.3" });
  }
  skip(reader, " \t");
  if (reader.at < text.length) {
    notes.push({ code: "date-text", offset: reader.at, length: text.length - reader.at, rule: "RFC 5322 3.3" });
  }
  const offsetMinutes = zone ?? 0;
  return parsed({ instant: start + time - offsetMinutes * 60_000, offsetMinutes }, notes);
}

/** The date in octets of a field. Comments and all it is at most 998 octets: others are not taken apart. */
export function parseDateOf(bytes: Uint8Array, start: number, end: number): Parsed<MessageDate> {
  if (end - start > LINE_OCTETS_MAX) return failed("date-malformed", 0, end - start, "RFC 5322 3.3");
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
