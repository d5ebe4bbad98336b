import type { Expectation } from "@scop/corpus";
import { HELLO, MAIL, messages, octets, paramsOf, QUIT, RCPT, START } from "./smtp-case.ts";
import type { More, Topic } from "./topic.ts";

const SMUGGLED =
  "MAIL FROM:<eve@example.net>\r\nRCPT TO:<ben@example.org>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n";

/** Ends of data that are none, and one that is. */
const ENDINGS: readonly (readonly [key: string, ending: string])[] = [
  ["lf-dot-lf", "\n.\n"],
  ["lf-dot-crlf", "\n.\r\n"],
  ["crlf-dot-lf", "\r\n.\n"],
  ["cr-dot-cr", "\r.\r"],
  ["cr-dot-crlf", "\r.\r\n"],
  ["crlf-dot-cr", "\r\n.\r"],
  ["lf-dot-cr", "\n.\r"],
  ["cr-dot-lf", "\r.\n"],
  ["lf-cr-dot-cr-lf", "\n\r.\r\n"],
  ["crlf-dot-nul", "\r\n.\0\r\n"],
  ["nul-dot", "\r\n\0.\r\n"],
  ["crlf-dot-space", "\r\n. \r\n"],
  ["space-dot", "\r\n .\r\n"],
  ["crlf-dot-crcrlf", "\r\n.\r\r\n"],
  ["crcrlf-dot", "\r\r\n.\r\n"],
  ["lf-lf-dot", "\n\n.\n"],
  ["crlf-dot-dot", "\r\n..\r\n"],
  ["dot-dot-lf", "\r\n..\n"],
  ["vertical-tab", "\v.\v"],
  ["form-feed", "\f.\f"],
  ["next-line", "\x85.\x85"],
  ["full-stop", "\r\n\x2e\x2e\x2e\r\n"],
];

const BODIES: readonly (readonly [key: string, body: string])[] = [
  ["short", "Subject: a\r\n\r\nhello"],
  ["header", "Subject: a"],
  ["empty", ""],
];

function unstuffed(wire: string): string {
  return wire.replace(/(^|\r\n)\./g, "$1");
}

/** Behind a CR that is alone there is a true end of data here: what follows it are commands. */
function twoOf(key: string): readonly Expectation[] {
  return key === "crcrlf-dot" ? [{ transactions: 2 }] : [];
}

export function endings(topic: Topic): void {
  const more = (text: string): More => ({
    params: paramsOf(text),
    flags: ["SmtpEnding"],
    spec: ["RFC5321#4.1.1.4", "RFC5321#2.3.8"],
    importance: "high",
    origin: "cve",
    ref: "CVE-2023-51764",
  });
  for (const [key, ending] of ENDINGS) {
    for (const [name, body] of BODIES) {
      const wire = `${body}${ending}${SMUGGLED.slice(0, -5)}`;
      const text = `${START}${wire}\r\n.\r\n${QUIT}`;
      const whole = messages(`${unstuffed(wire)}\r\n`);
      const isClean = !/\r(?!\n)|(?<!\r)\n|\0/.test(ending);
      const about = `The end ${JSON.stringify(ending)} behind a body that is ${name}: one message at most`;
      if (isClean) topic.valid(`ending.${key}.${name}`, about, octets(text), whole, more(text));
      else
        topic.acceptable(
          `ending.${key}.${name}`,
          about,
          octets(text),
          { oneOf: [whole, { transactions: 0, messages: [] }, { transactions: 1 }, ...twoOf(key)] },
          more(text),
        );
    }
    const start = ending.replace(/^\r\n/, "");
    const first = `${START}${start}${SMUGGLED}${QUIT}`;
    topic.acceptable(
      `ending-first.${key}`,
      `The end ${JSON.stringify(ending)} directly behind DATA`,
      octets(first),
      { oneOf: [{ transactions: 1 }, { transactions: 0 }, ...twoOf(key)] },
      more(first),
    );
  }
  for (const [key, end] of [
    ["first", ".\r\n"],
    ["behind", "a\r\n.\r\n"],
  ] as const) {
    const text = `${START}${end}${QUIT}`;
    topic.valid(
      `end.${key}`,
      `The end of data ${JSON.stringify(end)}`,
      octets(text),
      { ...messages(end === ".\r\n" ? "" : "a\r\n"), replies: "2223" + "22" },
      { params: paramsOf(text), spec: ["RFC5321#4.1.1.4"] },
    );
  }
}

/** Bodies on the wire, and what they are. RFC 5321 4.5.2 */
const STUFFED: readonly (readonly [key: string, wire: string])[] = [
  ["dot-word", "..word\r\n"],
  ["dots", "...\r\n....\r\n"],
  ["dot-within", "a.b\r\n"],
  ["dot-end", "a.\r\n"],
  ["dot-unstuffed", ".word\r\n"],
  ["blank", "\r\n\r\n"],
  ["dot-blank", "..\r\n\r\n..\r\n"],
  ["spaces", "  \r\n . \r\n"],
  ["tab-dot", "\t.\r\n"],
  ["high", "caf\xe9\r\n"],
  ["long", `${"x".repeat(998)}\r\n`],
  ["commands", "RSET\r\nQUIT\r\nMAIL FROM:<a@example.com>\r\n"],
  ["lines", "a\r\n".repeat(100)],
  ["long-dot", `..${"x".repeat(900)}\r\n`],
];

export function bodies(topic: Topic): void {
  for (const [key, wire] of STUFFED) {
    for (const [name, hello] of [
      ["ehlo", HELLO],
      ["helo", "HELO client.example\r\n"],
    ] as const) {
      const text = `${START.replace(HELLO, hello)}${wire}.\r\n${QUIT}`;
      topic.valid(
        `stuffing.${key}.${name}`,
        `A body of ${JSON.stringify(wire.slice(0, 30))}`,
        octets(text),
        messages(unstuffed(wire)),
        { params: paramsOf(text), spec: ["RFC5321#4.5.2"] },
      );
    }
    const twice = `${START}${wire}.\r\n${MAIL}${RCPT}DATA\r\n${wire}.\r\n${QUIT}`;
    topic.valid(
      `stuffing.${key}.twice`,
      `The same body in two transactions`,
      octets(twice),
      messages(unstuffed(wire), unstuffed(wire)),
      { params: paramsOf(twice), spec: ["RFC5321#4.5.2"] },
    );
    const chunk = `${HELLO}${MAIL}${RCPT}BDAT ${wire.length} LAST\r\n${wire}${QUIT}`;
    const server = { server: { extensions: ["CHUNKING", "BINARYMIME"] } };
    topic.valid(`bdat.${key}`, "The same octets by BDAT: dots stay", octets(chunk), messages(wire), {
      params: paramsOf(chunk, server),
      spec: ["RFC3030#2"],
      flags: ["SmtpChunking"],
    });
    const half = Math.floor(wire.length / 2);
    const split = `${HELLO}${MAIL}${RCPT}BDAT ${half}\r\n${wire.slice(0, half)}BDAT ${wire.length - half}\r\n${wire.slice(half)}BDAT 0 LAST\r\n${QUIT}`;
    topic.valid(`bdat-split.${key}`, "The same octets in three chunks", octets(split), messages(wire), {
      params: paramsOf(split, server),
      spec: ["RFC3030#2"],
      flags: ["SmtpChunking"],
    });
  }
}
