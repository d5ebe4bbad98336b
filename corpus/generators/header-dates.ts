import type { Library } from "./topic.ts";

const MINUTE = 60;
const ZONES: readonly (readonly [text: string, minutes: number, isObsolete: boolean])[] = [
  ["+0000", 0, false],
  ["-0000", 0, false],
  ["+0100", 60, false],
  ["+0530", 330, false],
  ["-0330", -210, false],
  ["+1400", 840, false],
  ["-1200", -720, false],
  ["+0059", 59, false],
  ["GMT", 0, true],
  ["UT", 0, true],
  ["EST", -300, true],
  ["EDT", -240, true],
  ["CST", -360, true],
  ["CDT", -300, true],
  ["MST", -420, true],
  ["MDT", -360, true],
  ["PST", -480, true],
  ["PDT", -420, true],
];

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

function epochOf({ year, month, day, hour, minute, second }: Moment, offsetMinutes: number): number {
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - offsetMinutes * MINUTE;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** A date as RFC 5322 3.3 writes it. */
function written(moment: Moment, zone: string): string {
  const { year, month, day, hour, minute, second } = moment;
  const weekday = DAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  return `${weekday}, ${day} ${MONTHS[month - 1]} ${year} ${two(hour)}:${two(minute)}:${two(second)} ${zone}`;
}

const MOMENT: Moment = { year: 2026, month: 11, day: 27, hour: 9, minute: 55, second: 6 };

const MOMENTS: readonly (readonly [key: string, moment: Moment])[] = [
  ["epoch", { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0 }],
  ["before-epoch", { year: 1969, month: 12, day: 31, hour: 23, minute: 59, second: 59 }],
  ["first-year", { year: 1900, month: 1, day: 1, hour: 0, minute: 0, second: 0 }],
  ["leap-day", { year: 2024, month: 2, day: 29, hour: 12, minute: 0, second: 0 }],
  ["leap-century", { year: 2000, month: 2, day: 29, hour: 12, minute: 0, second: 0 }],
  ["last-second", { year: 2026, month: 12, day: 31, hour: 23, minute: 59, second: 59 }],
  ["after-2038", { year: 2038, month: 1, day: 19, hour: 3, minute: 14, second: 8 }],
  ["after-2106", { year: 2106, month: 2, day: 7, hour: 6, minute: 28, second: 16 }],
  ["year-9999", { year: 9999, month: 12, day: 31, hour: 0, minute: 0, second: 0 }],
];

/** Other ways to write 27 Nov 2026 09:55:06 +0100, or near it; the seconds of the last column are taken off. */
const FORMS: readonly (readonly [key: string, text: string, less: number, spec: string, isObsolete?: "obsolete"])[] = [
  ["no-weekday", "27 Nov 2026 09:55:06 +0100", 0, "RFC5322#3.3"],
  ["no-seconds", "Fri, 27 Nov 2026 09:55 +0100", 6, "RFC5322#3.3"],
  ["no-weekday-seconds", "27 Nov 2026 09:55 +0100", 6, "RFC5322#3.3"],
  ["comment-end", "Fri, 27 Nov 2026 09:55:06 +0100 (CET)", 0, "RFC5322#3.3"],
  ["comment-nested", "Fri, 27 Nov 2026 09:55:06 +0100 (a (b) c)", 0, "RFC5322#3.3"],
  ["folded", "Fri, 27 Nov 2026\r\n 09:55:06 +0100", 0, "RFC5322#3.3"],
  ["tab", "Fri,\t27\tNov\t2026\t09:55:06\t+0100", 0, "RFC5322#3.3"],
  ["spaces", "Fri,  27   Nov  2026  09:55:06   +0100", 0, "RFC5322#3.3"],
  ["lower", "fri, 27 nov 2026 09:55:06 +0100", 0, "RFC5322#3.3"],
  ["upper", "FRI, 27 NOV 2026 09:55:06 +0100", 0, "RFC5322#3.3"],
  ["year-two", "Fri, 27 Nov 26 09:55:06 +0100", 0, "RFC5322#4.3", "obsolete"],
  ["year-three", "Fri, 27 Nov 126 09:55:06 +0100", 0, "RFC5322#4.3", "obsolete"],
  ["comments-between", "Fri(a), 27(b) Nov(c) 2026(d) 09(e):55(f):06(g) +0100", 0, "RFC5322#4.3", "obsolete"],
  ["space-colon", "Fri, 27 Nov 2026 09 : 55 : 06 +0100", 0, "RFC5322#4.3", "obsolete"],
  ["space-comma", "Fri , 27 Nov 2026 09:55:06 +0100", 0, "RFC5322#4.3", "obsolete"],
];

const BROKEN: readonly (readonly [key: string, text: string, why: string, isWeekday?: "epoch"])[] = [
  ["empty", "", "nothing"],
  ["word", "yesterday", "no date"],
  ["day-0", "0 Nov 2026 09:55:06 +0100", "no day 0"],
  ["day-32", "32 Nov 2026 09:55:06 +0100", "no day 32"],
  ["day-31-november", "31 Nov 2026 09:55:06 +0100", "November has 30 days"],
  ["day-29-february", "29 Feb 2026 09:55:06 +0100", "no leap year"],
  ["day-29-1900", "29 Feb 1900 09:55:06 +0100", "no leap year"],
  ["day-three-digits", "027 Nov 2026 09:55:06 +0100", "a day has two digits"],
  ["hour-24", "27 Nov 2026 24:00:00 +0100", "no hour 24"],
  ["minute-60", "27 Nov 2026 09:60:06 +0100", "no minute 60"],
  ["second-61", "27 Nov 2026 09:55:61 +0100", "no second 61"],
  ["month-word", "27 Foo 2026 09:55:06 +0100", "no month"],
  ["month-long", "27 November 2026 09:55:06 +0100", "a month has three letters", "epoch"],
  ["month-number", "27 11 2026 09:55:06 +0100", "a month is a word"],
  ["time-none", "27 Nov 2026", "no time"],
  ["zone-none", "27 Nov 2026 09:55:06", "no zone"],
  ["zone-short", "27 Nov 2026 09:55:06 +01", "a zone has four digits", "epoch"],
  ["zone-colon", "27 Nov 2026 09:55:06 +01:00", "a zone has no colon", "epoch"],
  ["zone-minutes", "27 Nov 2026 09:55:06 +0160", "a zone has 59 minutes at most"],
  ["iso", "2026-11-27T09:55:06+01:00", "the form of RFC 3339", "epoch"],
  ["asctime", "Fri Nov 27 09:55:06 2026", "the form of asctime"],
  ["text-behind", "27 Nov 2026 09:55:06 +0100 x", "text behind the zone", "epoch"],
  ["weekday-wrong", "Mon, 27 Nov 2026 09:55:06 +0100", "it was a Friday", "epoch"],
  ["weekday-word", "Day, 27 Nov 2026 09:55:06 +0100", "no weekday", "epoch"],
  ["hour-one-digit", "27 Nov 2026 9:55:06 +0100", "an hour has two digits", "epoch"],
  ["negative", "-27 Nov 2026 09:55:06 +0100", "a sign before the day"],
  ["dashes", "27-Nov-2026 09:55:06 +0100", "dashes for spaces", "epoch"],
  ["year-five", "27 Nov 12026 09:55:06 +0100x", "text behind the zone"],
  ["comma-none", "Fri 27 Nov 2026 09:55:06 +0100", "a comma is missing", "epoch"],
  ["fraction", "27 Nov 2026 09:55:06.5 +0100", "a part of a second"],
  ["comment-open", "27 Nov 2026 09:55:06 +0100 (CET", "the comment is not closed", "epoch"],
];

export function headerDates(library: Library): void {
  const topic = library.topic({
    area: "header",
    topic: "date",
    description: "Date fields: the moment in seconds since 1970, and the zone in minutes",
    op: "header.date",
    spec: ["RFC5322#3.3"],
  });
  for (const [zone, minutes, isObsolete] of ZONES) {
    for (const month of [1, 2, 6, 12]) {
      const moment = { ...MOMENT, month, day: 28 };
      const key = `zone.${zone.replace("+", "east-").replace(/^-/, "west-").toLowerCase()}.${MONTHS[month - 1]!.toLowerCase()}`;
      const more = isObsolete ? { spec: ["RFC5322#4.3"], flags: ["Obsolete"] } : {};
      topic.valid(
        key,
        `28 ${MONTHS[month - 1]} in the zone ${zone}`,
        written(moment, zone),
        { epoch: epochOf(moment, minutes), offset: minutes },
        more,
      );
    }
  }
  for (const [key, moment] of MOMENTS) {
    topic.valid(`moment.${key}`, `The moment ${key}`, written(moment, "+0000"), { epoch: epochOf(moment, 0) });
  }
  for (const [key, text, less, spec, isObsolete] of FORMS) {
    const epoch = epochOf(MOMENT, 60) - less;
    topic.valid(
      `form.${key}`,
      `Written otherwise: ${text}`,
      text,
      { epoch, offset: 60 },
      { spec: [spec], flags: isObsolete ? ["Obsolete"] : [] },
    );
  }
  for (const year of [0, 1, 26, 49, 50, 69, 99]) {
    const full = year < 50 ? 2000 + year : 1900 + year;
    const text = `1 Jan ${two(year)} 00:00:00 +0000`;
    const epoch = Date.UTC(full, 0, 1) / 1000;
    topic.valid(
      `year.${two(year)}`,
      `The year ${two(year)} is ${full}`,
      text,
      { epoch },
      { spec: ["RFC5322#4.3"], flags: ["Obsolete"] },
    );
  }
  for (const letter of "ABCDEFGHIKLMNOPQRSTUVWXYZ") {
    const text = `27 Nov 2026 09:55:06 ${letter}`;
    const more = { spec: ["RFC5322#4.3"], flags: ["Obsolete", "UnknownZone"] };
    topic.acceptable(
      `military.${letter.toLowerCase()}`,
      `The zone ${letter} says nothing: RFC 822 had it the wrong way round`,
      text,
      { epoch: epochOf(MOMENT, 0), offset: 0 },
      more,
    );
  }
  const leap = { epoch: Date.UTC(2016, 11, 31, 23, 59, 59) / 1000 };
  topic.acceptable("leap-second", "A leap second: the one before, or the one behind", "31 Dec 2016 23:59:60 +0000", {
    oneOf: [{ epoch: leap.epoch + 1 }, leap],
  });
  for (const [key, text, why, kept] of BROKEN) {
    const lenient = kept === undefined ? {} : { lenient: { epoch: epochOf(MOMENT, 60) } };
    topic.invalid(`malformed.${key}`, `No date: ${why}`, text, why, { flags: ["Malformed"], ...lenient });
  }
}
