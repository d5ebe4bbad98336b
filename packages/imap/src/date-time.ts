import type { Instant } from "@scop/platform";
import type { Reader } from "./reader.ts";
import { ImapClass } from "./syntax.ts";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Days since 1970-01-01 of an instant in UTC. */
export function dayOf(instant: Instant): number {
  return Math.floor(instant / DAY_MS);
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** RFC 3501 9 date-time, always in UTC: ` 1-Feb-2026 03:04:05 +0000` without the quotes. */
export function formatDateTime(instant: Instant): string {
  const date = new Date(instant);
  const day = date.getUTCDate();
  const year = String(date.getUTCFullYear()).padStart(4, "0");
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${day < 10 ? ` ${day}` : day}-${MONTH_NAMES[date.getUTCMonth()]}-${year} ${time} +0000`;
}

/** `count` digits exactly. */
function digits(reader: Reader, least: number, most: number): number | undefined {
  const text = reader.text(ImapClass.digit);
  if (text.length < least || text.length > most) return reader.fail("date-expected");
  return Number(text);
}

/** Day, of so many digits, month and year with hyphens, as days since 1970-01-01. */
function dayMonthYear(reader: Reader, least: number, most: number): number | undefined {
  const day = digits(reader, least, most);
  if (day === undefined || !reader.take(45)) return reader.fail("date-expected");
  const month = MONTHS.findIndex(name => reader.word(name));
  if (month < 0 || !reader.take(45)) return reader.fail("month-expected");
  const year = digits(reader, 4, 4);
  if (year === undefined) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  if (day === 0 || date.getUTCDate() !== day) return reader.fail("no-such-day");
  return dayOf(date.getTime());
}

/** RFC 3501 9 date, with or without quotes, as days since 1970-01-01. */
export function readDate(reader: Reader): number | undefined {
  const quoted = reader.take(34);
  const day = dayMonthYear(reader, 1, 2);
  if (day === undefined) return undefined;
  return quoted && !reader.take(34) ? reader.fail("quote-expected") : day;
}

/** RFC 3501 9 date-time in its quotes. */
export function readDateTime(reader: Reader): Instant | undefined {
  if (!reader.take(34)) return reader.fail("quote-expected");
  // date-day-fixed = (SP DIGIT) / 2DIGIT
  const dayDigits = reader.take(32) ? 1 : 2;
  const day = dayMonthYear(reader, dayDigits, dayDigits);
  if (day === undefined || !reader.space()) return undefined;
  const hours = digits(reader, 2, 2);
  const minutes = reader.take(58) ? digits(reader, 2, 2) : undefined;
  const seconds = reader.take(58) ? digits(reader, 2, 2) : undefined;
  if (hours === undefined || minutes === undefined || seconds === undefined) return reader.fail("time-expected");
  // A leap second is the last one of its minute.
  if (hours > 23 || minutes > 59 || seconds > 60) return reader.fail("no-such-time");
  if (!reader.space()) return undefined;
  const east = reader.take(43);
  if (!east && !reader.take(45)) return reader.fail("zone-expected");
  const zone = digits(reader, 4, 4);
  if (zone === undefined || zone % 100 > 59 || zone > 2359) return reader.fail("zone-expected");
  if (!reader.take(34)) return reader.fail("quote-expected");
  const offset = (Math.floor(zone / 100) * 60 + (zone % 100)) * MINUTE_MS * (east ? 1 : -1);
  return day * DAY_MS + (hours * 60 + minutes) * MINUTE_MS + Math.min(seconds, 59) * 1000 - offset;
}
