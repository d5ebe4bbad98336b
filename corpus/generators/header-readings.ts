import type { Expectation } from "@scop/corpus";
import type { Library, More, Topic } from "./topic.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
/** Zones with a name, and their minutes. RFC 5322 4.3 */
const ZONES: readonly (readonly [name: string, minutes: number])[] = [
  ["UT", 0],
  ["GMT", 0],
  ["EST", -300],
  ["EDT", -240],
  ["CST", -360],
  ["CDT", -300],
  ["MST", -420],
  ["MDT", -360],
  ["PST", -480],
  ["PDT", -420],
];

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

function dates(topic: Topic): void {
  const more: More = { op: "header.date", spec: ["RFC5322#3.3"] };
  for (const [month, name] of MONTHS.entries())
    for (const day of [1, new Date(Date.UTC(2027, month + 1, 0)).getUTCDate()]) {
      const instant = Date.UTC(2027, month, day, 1, 2, 3);
      const weekday = DAYS[new Date(instant).getUTCDay()];
      const text = `${weekday}, ${pad(day)} ${name} 2027 01:02:03 +0000`;
      topic.valid(
        `month.${name.toLowerCase()}.${day}`,
        `The date ${text}`,
        text,
        { epoch: instant / 1000, written: text, clean: true },
        more,
      );
    }
  for (const [month, name] of MONTHS.entries()) {
    const day = new Date(Date.UTC(2027, month + 1, 0)).getUTCDate() + 1;
    topic.invalid(
      `month.${name.toLowerCase()}.no-day`,
      `A day that ${name} has not`,
      `${day} ${name} 2027 01:02:03 +0000`,
      "no such day",
      { ...more, flags: ["Malformed"] },
    );
  }
  const instant = Date.UTC(2026, 10, 27, 9, 55, 6) / 1000;
  for (const [zone, minutes] of ZONES)
    for (const name of [zone, zone.toLowerCase()])
      topic.valid(
        `zone.${zone.toLowerCase()}${name === zone ? "" : ".lower"}`,
        `The zone ${name}`,
        `27 Nov 2026 09:55:06 ${name}`,
        { epoch: instant - minutes * 60, offset: minutes, clean: true },
        { ...more, spec: ["RFC5322#4.3"] },
      );
}

/** Results of authentication, and what they are. RFC 8601 2.2 */
const RESULTS: readonly (readonly [key: string, text: string, value: Expectation | undefined])[] = [
  ["version", "mx.example.org 1; spf=pass", { server: "mx.example.org", results: [["spf", "pass"]] }],
  ["version-space", "mx.example.org  1 ; spf=pass", { server: "mx.example.org", results: [["spf", "pass"]] }],
  ["version-comment", "mx.example.org (x) 1 (y); spf=pass", { server: "mx.example.org", results: [["spf", "pass"]] }],
  ["version-fraction", "mx.example.org 1.5; spf=pass", undefined],
  ["method-version", "mx.example.org; spf/1=pass", { results: [["spf", "pass"]] }],
  ["method-none", "mx.example.org; =pass", undefined],
  ["result-none", "mx.example.org; spf=", undefined],
  ["equals-none", "mx.example.org; spf pass", undefined],
  [
    "spaces",
    "mx.example.org ; spf = pass ; dkim = fail",
    {
      results: [
        ["spf", "pass"],
        ["dkim", "fail"],
      ],
    },
  ],
  ["reason", 'mx.example.org; spf=fail reason="a; b=c"', { results: [["spf", "fail"]] }],
  ["reason-pair", 'mx.example.org; spf=fail reason="a\\"; dkim=pass"', { results: [["spf", "fail"]] }],
  [
    "comment-semicolon",
    "mx.example.org; spf=pass (a; dkim=fail) smtp.mailfrom=a.example",
    { results: [["spf", "pass"]] },
  ],
  [
    "comment-nested",
    "mx.example.org; spf=pass (a (b; c) d); dkim=none",
    {
      results: [
        ["spf", "pass"],
        ["dkim", "none"],
      ],
    },
  ],
  [
    "property",
    "mx.example.org; spf=pass smtp.mailfrom=ann@example.com; dkim=pass header.d=example.com header.s=a",
    {
      results: [
        ["spf", "pass"],
        ["dkim", "pass"],
      ],
    },
  ],
  ["property-no-dot", "mx.example.org; spf=pass mailfrom=a.example", undefined],
  ["none", "mx.example.org; none", { server: "mx.example.org", results: [] }],
  ["none-upper", "mx.example.org; NONE", { results: [] }],
  ["server-none", "; spf=pass", undefined],
  ["server-quoted", '"mx.example.org"; spf=pass', { server: "mx.example.org", results: [["spf", "pass"]] }],
];

/** All that results say: versions, reasons, comments and properties. */
const DETAILS: readonly (readonly [key: string, text: string, version: number, details: readonly object[]])[] = [
  ["plain", "mx.example.org; spf=pass", 1, [{ version: 1, reason: null, comment: "", properties: [] }]],
  ["version", "mx.example.org 2; spf/3=pass", 2, [{ version: 3 }]],
  ["version-spaces", "mx.example.org 2; spf / 3 = pass", 2, [{ version: 3 }]],
  ["reason", 'mx.example.org; spf=fail reason="a; b"', 1, [{ reason: "a; b" }]],
  ["reason-word", "mx.example.org; spf=fail reason=bad", 1, [{ reason: "bad" }]],
  [
    "comment",
    "mx.example.org; spf=pass (a (b) c) smtp.mailfrom=a.example",
    1,
    [{ comment: "a (b) c", properties: [["smtp", "mailfrom", "a.example"]] }],
  ],
  ["comment-none", "mx.example.org; spf=pass smtp.mailfrom=a.example", 1, [{ comment: "" }]],
  ["comments", "mx.example.org; spf=pass (a); dkim=pass (b)", 1, [{ comment: "a" }, { comment: "b" }]],
  [
    "properties",
    "mx.example.org; dkim=pass header.d=example.com header.s=a header.b=AbCd",
    1,
    [
      {
        properties: [
          ["header", "d", "example.com"],
          ["header", "s", "a"],
          ["header", "b", "AbCd"],
        ],
      },
    ],
  ],
  [
    "property-quoted",
    'mx.example.org; auth=pass smtp.auth="ann lee"',
    1,
    [{ properties: [["smtp", "auth", "ann lee"]] }],
  ],
  [
    "property-address",
    "mx.example.org; spf=pass smtp.mailfrom=ann@example.com",
    1,
    [{ properties: [["smtp", "mailfrom", "ann@example.com"]] }],
  ],
  [
    "property-case",
    "mx.example.org; SPF=PASS SMTP.MailFrom=A.example",
    1,
    [{ properties: [["smtp", "mailfrom", "A.example"]] }],
  ],
  [
    "property-spaces",
    "mx.example.org; spf=pass smtp . mailfrom = a.example",
    1,
    [{ properties: [["smtp", "mailfrom", "a.example"]] }],
  ],
  [
    "reason-properties",
    'mx.example.org; dkim=fail reason="x" header.d=a.example',
    1,
    [{ reason: "x", properties: [["header", "d", "a.example"]] }],
  ],
  [
    "folded",
    "mx.example.org;\r\n dkim=pass\r\n\theader.d=a.example;\r\n spf=none",
    1,
    [{ properties: [["header", "d", "a.example"]] }, { properties: [] }],
  ],
];

/** Octets in quoted-printable that the encoding has not, and what stands there. RFC 2045 6.7 */
const QUOTED: readonly (readonly [key: string, text: string, value: string])[] = [
  ["word", "a=zzb", "a=zzb"],
  ["half", "a=4zb", "a=4zb"],
  ["second-half", "a=z4b", "a=z4b"],
  ["space", "a=4 b", "a=4 b"],
  ["equals", "a==41b", "a=Ab"],
  ["one-last", "ab=4", "ab=4"],
  ["first", "=zz", "=zz"],
  ["behind-good", "=41=zz=42", "A=zzB"],
];

/** Soft line breaks and white space at the end of lines, which is added on the way and goes. */
const BREAKS: readonly (readonly [key: string, text: string, value: string])[] = [
  ["soft", "a=\r\nb", "ab"],
  ["soft-space", "a= \r\nb", "ab"],
  ["soft-tabs", "a=\t \t\r\nb", "ab"],
  ["soft-two", "a=\r\n=\r\nb", "ab"],
  ["soft-encoded", "=41=\r\n=42", "AB"],
  ["soft-blank", "a =\r\nb", "a b"],
  ["space-end", "a \r\nb", "a\r\nb"],
  ["tabs-end", "a\t \t\r\nb", "a\r\nb"],
  ["space-encoded-end", "a=20\r\nb", "a \r\nb"],
  ["space-last", "a ", "a"],
  ["blank-line", " \r\n\t\r\n", "\r\n\r\n"],
  ["lower", "=c3=a9", "\u00e9"],
  ["mixed", "=c3=A9=20=3d", "\u00e9 ="],
  ["line-ends", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"],
];

/** Identifiers in a field. RFC 5322 3.6.4 */
const IDS: readonly (readonly [key: string, text: string, ids: readonly string[]])[] = [
  ["two", "<a@b.example> <c@d.example>", ["a@b.example", "c@d.example"]],
  ["tight", "<a@b.example><c@d.example>", ["a@b.example", "c@d.example"]],
  ["fold", "<a@b.example>\r\n\t<c@d.example>", ["a@b.example", "c@d.example"]],
  ["comment", "(x <no@no.example>) <a@b.example> (y)", ["a@b.example"]],
  ["comment-pair", "(a\\) <no@no.example>) <a@b.example>", ["a@b.example"]],
  ["literal", "<a@[192.0.2.1]>", ["a@[192.0.2.1]"]],
  ["quoted", '<"a b"@b.example>', ['"ab"@b.example']],
  ["space-within", "<a@b.example\r\n >", ["a@b.example"]],
];

/** Headers of messages whose parameters can't be read. */
const UNREADABLE: readonly (readonly [key: string, field: string, spec: string])[] = [
  ["charset", "Content-Disposition: attachment; filename*=utf-8''%FF", "RFC2231#4"],
  ["charset-unknown", "Content-Disposition: attachment; filename*=odd-1''a", "RFC2231#4"],
  ["piece", "Content-Disposition: attachment; filename*0=a; filename*2=b", "RFC2231#3"],
  ["name-charset", "MIME-Version: 1.0\r\nContent-Type: application/pdf; name*=utf-8''%FF", "RFC2231#4"],
  ["word", 'Content-Disposition: attachment; filename="=?utf-8?q?a?="', "RFC2047#5"],
  ["name-word", 'MIME-Version: 1.0\r\nContent-Type: application/pdf; name="=?utf-8?q?a?="', "RFC2047#5"],
  ["quote", 'Content-Disposition: attachment; filename="a', "RFC2045#5.1"],
];

/** Dates, results, names and encodings as they are read. */
export function headerReadings(library: Library): void {
  const topic = library.topic({
    area: "header",
    topic: "readings",
    description:
      "Months and zones, results of authentication, quoted-printable, identifiers and parameters that can't be read",
    op: "header.authentication-results",
    spec: ["RFC8601#2.2"],
  });
  dates(topic);
  for (const [key, text, value] of RESULTS) {
    const about = `Authentication-Results: ${text}`;
    if (value === undefined) topic.invalid(`results.${key}`, about, text, "no results", { flags: ["Malformed"] });
    else topic.valid(`results.${key}`, about, text, value);
  }
  for (const [key, text, version, details] of DETAILS)
    topic.valid(`details.${key}`, `Authentication-Results: ${JSON.stringify(text)}`, text, { version, details });
  const quoted: More = { op: "encoding.quoted-printable", spec: ["RFC2045#6.7"] };
  const octets = (text: string): Expectation => ({ base64: Buffer.from(text).toString("base64") });
  for (const [key, text, value] of QUOTED)
    topic.invalid(`quoted.${key}`, `Quoted-printable: ${text}`, text, "no digits behind a sign of equality", {
      ...quoted,
      lenient: octets(value),
      flags: ["Malformed"],
    });
  for (const [key, text, value] of BREAKS)
    topic.valid(`quoted.${key}`, `Quoted-printable: ${JSON.stringify(text)}`, text, octets(value), quoted);
  for (const [key, text, ids] of IDS)
    topic.valid(
      `ids.${key}`,
      `References: ${JSON.stringify(text)}`,
      text,
      { ids },
      { op: "header.message-ids", spec: ["RFC5322#3.6.4"] },
    );
  for (const [key, field, spec] of UNREADABLE) {
    const input = `From: ann@example.com\r\nDate: Fri, 27 Nov 2026 09:55:06 +0100\r\n${field}\r\n\r\n`;
    topic.invalid(`unreadable.${key}`, `A message with ${field}`, input, "a parameter that can't be read", {
      op: "header.check",
      spec: [spec],
      flags: ["Malformed"],
    });
  }
}
