import type { Expectation } from "@scop/corpus";
import type { Library, More, Topic } from "./topic.ts";

const DATE = "Date: Fri, 27 Nov 2026 09:55:06 +0100\r\n";
const HEAD = `From: Ann <ann@example.com>\r\n${DATE}`;

/** Fields beside a whole header, and whether they keep the rules. */
const FIELDS: readonly (readonly [key: string, field: string, isRight: boolean, spec: string])[] = [
  ["id", "Message-ID: <a.b@example.com>", true, "RFC5322#3.6.4"],
  ["id-comment", "Message-ID: (x) <a@example.com> (y)", true, "RFC5322#3.6.4"],
  ["id-comment-bracket", "Message-ID: (<) <a@example.com>", true, "RFC5322#3.6.4"],
  ["id-folded", "Message-ID:\r\n <a@example.com>", true, "RFC5322#3.6.4"],
  ["id-literal", "Message-ID: <a@[192.0.2.1]>", true, "RFC5322#3.6.4"],
  ["id-bare", "Message-ID: a@example.com", false, "RFC5322#3.6.4"],
  ["id-no-at", "Message-ID: <a.example.com>", false, "RFC5322#3.6.4"],
  ["id-open", "Message-ID: <a@example.com", false, "RFC5322#3.6.4"],
  ["id-close", "Message-ID: a@example.com>", false, "RFC5322#3.6.4"],
  ["id-empty", "Message-ID: ", false, "RFC5322#3.6.4"],
  ["id-brackets", "Message-ID: <>", false, "RFC5322#3.6.4"],
  ["id-two", "Message-ID: <a@example.com> <b@example.com>", false, "RFC5322#3.6.4"],
  ["id-text", "Message-ID: <a@example.com> x", false, "RFC5322#3.6.4"],
  ["id-text-first", "Message-ID: x <a@example.com>", false, "RFC5322#3.6.4"],
  ["reply", "In-Reply-To: <a@example.com>", true, "RFC5322#3.6.4"],
  ["reply-two", "In-Reply-To: <a@example.com> <b@example.com>", true, "RFC5322#3.6.4"],
  ["reply-text", "In-Reply-To: your message <a@example.com>", false, "RFC5322#3.6.4"],
  ["reply-empty", "In-Reply-To: ", false, "RFC5322#3.6.4"],
  ["references", "References: <a@example.com>\r\n <b@example.com>\r\n\t<c@example.com>", true, "RFC5322#3.6.4"],
  ["references-tight", "References: <a@example.com><b@example.com>", true, "RFC5322#3.6.4"],
  ["references-comma", "References: <a@example.com>, <b@example.com>", false, "RFC5322#3.6.4"],
  ["references-open", "References: <a@example.com> <b@example.com", false, "RFC5322#3.6.4"],
  ["content-id", "Content-ID: <a@example.com>", true, "RFC2045#7"],
  ["content-id-bare", "Content-ID: a@example.com", false, "RFC2045#7"],
  ["content-id-two", "Content-ID: <a@example.com> <b@example.com>", false, "RFC2045#7"],
  [
    "resent",
    `Resent-From: ben@example.org\r\nResent-${DATE}Resent-Message-ID: <a@example.com>`.trimEnd(),
    true,
    "RFC5322#3.6.6",
  ],
  ["resent-id", `Resent-From: ben@example.org\r\nResent-${DATE}Resent-Message-ID: a`, false, "RFC5322#3.6.6"],
  ["resent-date", "Resent-From: ben@example.org\r\nResent-Date: yesterday", false, "RFC5322#3.6.6"],
  ["resent-to", `Resent-From: ben@example.org\r\nResent-${DATE}Resent-To: <ben`, false, "RFC5322#3.6.6"],
  ["to", "To: ben@example.org, Ann <ann@example.com>", true, "RFC5322#3.6.3"],
  ["to-open", "To: <ben@example.org", false, "RFC5322#3.6.3"],
  ["cc-no-at", "Cc: ben", false, "RFC5322#3.6.3"],
  ["bcc-comma", "Bcc: ben@example.org ann@example.com", false, "RFC5322#3.6.3"],
  ["reply-to", "Reply-To: Friends: ben@example.org;", true, "RFC5322#3.6.2"],
  ["sender", "Sender: ben@example.org", true, "RFC5322#3.6.2"],
  ["to-twice", "To: ben@example.org\r\nTo: ann@example.com", false, "RFC5322#3.6"],
  ["subject-twice", "Subject: a\r\nSubject: b", false, "RFC5322#3.6"],
  ["comments-twice", "Comments: a\r\nComments: b", true, "RFC5322#3.6.5"],
  ["type", "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8", true, "RFC2045#4"],
  ["type-alone", "Content-Type: text/plain; charset=utf-8", false, "RFC2045#4"],
  ["type-parameter", "MIME-Version: 1.0\r\nContent-Type: text/plain; charset", false, "RFC2045#5.1"],
  ["type-no-subtype", "MIME-Version: 1.0\r\nContent-Type: text", false, "RFC2045#5.1"],
  ["no-colon", "Subject a", false, "RFC5322#2.2"],
  ["name-space", "Sub ject: a", false, "RFC5322#2.2"],
  ["name-high", "Subj\u00e9ct: a", false, "RFC5322#2.2"],
  ["name-empty", ": a", false, "RFC5322#2.2"],
  ["line-998", `Subject: ${"x".repeat(989)}`, true, "RFC5322#2.1.1"],
  ["line-999", `Subject: ${"x".repeat(990)}`, false, "RFC5322#2.1.1"],
  ["line-folded", `Subject: ${"x".repeat(900)}\r\n ${"y".repeat(997)}`, true, "RFC5322#2.1.1"],
  ["line-folded-999", `Subject: a\r\n ${"y".repeat(998)}`, false, "RFC5322#2.1.1"],
  ["nul", "Subject: a\0b", false, "RFC5322#4"],
  ["bare-cr", "Subject: a\rb", false, "RFC5322#2.2"],
  ["bare-lf", "Subject: a\nX-B: c", false, "RFC5322#2.3"],
];

/** Dates in odd forms, and in the one of RFC 5322 3.3. */
const DATES: readonly (readonly [text: string, written: string])[] = [
  ["Fri, 27 Nov 2026 09:55:06 +0100", "Fri, 27 Nov 2026 09:55:06 +0100"],
  ["27 nov 2026 9:55 +0100", "Fri, 27 Nov 2026 09:55:00 +0100"],
  ["1 Jan 1900 00:00:00 +0000", "Mon, 01 Jan 1900 00:00:00 +0000"],
  ["31 Dec 9999 23:59:59 -0000", "Fri, 31 Dec 9999 23:59:59 +0000"],
  ["29 Feb 2024 12:00:00 -0330", "Thu, 29 Feb 2024 12:00:00 -0330"],
  ["28 Feb 2023 00:00:00 +1245", "Tue, 28 Feb 2023 00:00:00 +1245"],
  ["9 Sep 99 09:09:09 GMT", "Thu, 09 Sep 1999 09:09:09 +0000"],
  ["1 Jan 49 00:00 EST", "Fri, 01 Jan 2049 00:00:00 -0500"],
  ["1 Jan 50 00:00 PDT", "Sun, 01 Jan 1950 00:00:00 -0700"],
  ["1 Jan 100 00:00 UT", "Sat, 01 Jan 2000 00:00:00 +0000"],
  ["30 Jun 2015 23:59:60 +0000", "Wed, 01 Jul 2015 00:00:00 +0000"],
  ["31 Oct 2026 00:00:00 +0001", "Sat, 31 Oct 2026 00:00:00 +0001"],
  ["1 Dec 2026 00:00:00 -0001", "Tue, 01 Dec 2026 00:00:00 -0001"],
  ["1 May 2026 00:00:00 +9959", "Fri, 01 May 2026 00:00:00 +9959"],
];

/** Bodies in each encoding, and whether they may stand so. RFC 2045 2.7 to 2.9, 6.2 */
const BODIES: readonly (readonly [key: string, encoding: string, body: string, isRight: boolean])[] = [
  ["7bit", "7bit", "a\r\nb\r\n", true],
  ["7bit-no-end", "7bit", "a\r\nb", true],
  ["7bit-empty", "7bit", "", true],
  ["7bit-high", "7bit", "caf\u00e9\r\n", false],
  ["7bit-nul", "7bit", "a\0\r\n", false],
  ["7bit-bare-lf", "7bit", "a\nb\r\n", false],
  ["7bit-bare-cr", "7bit", "a\rb\r\n", false],
  ["7bit-998", "7bit", `a\r\n${"x".repeat(998)}\r\n`, true],
  ["7bit-999", "7bit", `a\r\n${"x".repeat(999)}\r\n`, false],
  ["7bit-999-last", "7bit", "x".repeat(999), false],
  ["8bit", "8bit", "caf\u00e9\r\n", true],
  ["8bit-nul", "8bit", "a\0\r\n", false],
  ["8bit-bare-lf", "8bit", "\u00e9\nb\r\n", false],
  ["8bit-998", "8bit", `${"\u00e9".repeat(499)}\r\n`, true],
  ["8bit-1000", "8bit", `${"\u00e9".repeat(500)}\r\n`, false],
  ["upper", "8BIT", "caf\u00e9\r\n", true],
  ["quoted", "quoted-printable", "caf=C3=A9\r\n", true],
  ["quoted-high", "quoted-printable", "caf\u00e9\r\n", false],
  ["quoted-long", "quoted-printable", `${"x".repeat(76)}\r\n`, true],
  ["base64", "base64", "Y2Fmw6k=\r\n", true],
  ["base64-sign", "base64", "Y2F!mw6k=\r\n", false],
  ["unknown", "odd", "a\r\n", false],
];

/** Names of files in which a character turns or hides others. */
const NAMES = [
  "%E2%80%AA",
  "%E2%80%AB",
  "%E2%80%AC",
  "%E2%80%AD",
  "%E2%80%AE",
  "%E2%81%A6",
  "%E2%81%A7",
  "%E2%81%A8",
  "%E2%81%A9",
  "%00",
  "%1F",
  "%7F",
  "%C2%80",
  "%C2%9F",
  "%2F",
  "%5C",
];

function dates(topic: Topic): void {
  for (const [at, [text, written]] of DATES.entries())
    topic.valid(
      `date.${String(at + 1).padStart(2, "0")}`,
      `The date ${text}`,
      text,
      { written },
      { op: "header.date", spec: ["RFC5322#3.3"] },
    );
}

/** What is right and wrong in a whole message. */
export function headerChecks(library: Library): void {
  const topic = library.topic({
    area: "header",
    topic: "checks",
    description: "What is right and wrong in the fields of a message and in its body",
    op: "header.check",
    spec: ["RFC5322#3.6"],
  });
  for (const [key, field, isRight, spec] of FIELDS) {
    const input = `${HEAD}${field}\r\n\r\nbody\r\n`;
    const about = `A message with ${JSON.stringify(field.slice(0, 70))}`;
    if (isRight) topic.valid(`field.${key}`, about, input, { clean: true }, { spec: [spec] });
    else
      topic.invalid(`field.${key}`, about, input, "a field that is malformed", { spec: [spec], flags: ["Malformed"] });
  }
  dates(topic);
  for (const [key, encoding, body, isRight] of BODIES) {
    const input = `${HEAD}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`;
    const more: More = { op: "mime.parse", spec: ["RFC2045#6.2"] };
    if (isRight) topic.valid(`body.${key}`, `A body in ${encoding}: ${key}`, input, { clean: true }, more);
    else
      topic.invalid(`body.${key}`, `A body in ${encoding}: ${key}`, input, "octets that may not stand there", {
        ...more,
        flags: ["Malformed"],
      });
  }
  for (const name of NAMES) {
    const key = name.replaceAll("%", "").toLowerCase();
    const safe: Expectation = { safe: true };
    for (const [place, text] of [
      ["first", `${name}a.txt`],
      ["middle", `a${name}b.txt`],
      ["last", `a.txt${name}`],
    ] as const)
      topic.acceptable(
        `name.${key}.${place}`,
        `A name of a file with ${name}`,
        `attachment; filename*=utf-8''${text}`,
        safe,
        { op: "header.filename", spec: ["RFC2183#5"], flags: ["PathInName"] },
      );
  }
}
