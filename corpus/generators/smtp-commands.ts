import { HELLO, MAIL, octets, paramsOf, QUIT, RCPT, START } from "./smtp-case.ts";
import type { More, Topic } from "./topic.ts";

type Dialogue = readonly [
  key: string,
  about: string,
  text: string,
  transactions: number,
  replies: string,
  spec: string,
  flags?: readonly string[],
];

const BODY = "Subject: a\r\n\r\nb\r\n.\r\n";

/** Sessions, the transactions that they have, and the classes of the replies behind the greeting. */
const DIALOGUES: readonly Dialogue[] = [
  ["simple", "one message", `${START}${BODY}${QUIT}`, 1, "222322", "RFC5321#3.3"],
  ["helo", "HELO", `HELO client.example\r\n${MAIL}${RCPT}DATA\r\n${BODY}${QUIT}`, 1, "222322", "RFC5321#4.1.1.1"],
  [
    "null-sender",
    "the null reverse-path",
    `${HELLO}MAIL FROM:<>\r\n${RCPT}DATA\r\n${BODY}${QUIT}`,
    1,
    "222322",
    "RFC5321#4.5.5",
  ],
  [
    "recipients",
    "three recipients",
    `${HELLO}${MAIL}${RCPT}${RCPT.replace("ben", "cat")}${RCPT.replace("ben", "dan")}DATA\r\n${BODY}${QUIT}`,
    1,
    "22222322",
    "RFC5321#3.3",
  ],
  ["two", "two messages", `${START}${BODY}${MAIL}${RCPT}DATA\r\n${BODY}${QUIT}`, 2, "2223222322", "RFC5321#3.3"],
  [
    "rset",
    "RSET before the message",
    `${HELLO}${MAIL}${RCPT}RSET\r\n${MAIL}${RCPT}DATA\r\n${BODY}${QUIT}`,
    1,
    "222222322",
    "RFC5321#4.1.1.5",
  ],
  [
    "rset-data",
    "DATA behind RSET",
    `${HELLO}${MAIL}${RCPT}RSET\r\nDATA\r\n${QUIT}`,
    0,
    "222252",
    "RFC5321#4.1.4",
    ["SmtpOrder"],
  ],
  [
    "noop",
    "NOOP within a transaction",
    `${HELLO}${MAIL}NOOP\r\n${RCPT}NOOP text\r\nDATA\r\n${BODY}${QUIT}`,
    1,
    "22222322",
    "RFC5321#4.1.1.9",
  ],
  ["lower", "commands in lower case", `${START.toLowerCase()}${BODY}quit\r\n`, 1, "222322", "RFC5321#2.4"],
  [
    "mixed",
    "commands in mixed case",
    `EhLo client.example\r\nmAiL fRoM:<ann@example.com>\r\nrcpt To:<ben@example.org>\r\ndAtA\r\n${BODY}${QUIT}`,
    1,
    "222322",
    "RFC5321#2.4",
  ],
  [
    "space-end",
    "white space behind commands",
    `EHLO client.example \r\nMAIL FROM:<ann@example.com> \r\nRCPT TO:<ben@example.org> \r\nDATA\r\n${BODY}${QUIT}`,
    1,
    "222322",
    "RFC5321#4.1.1",
  ],
  [
    "ehlo-twice",
    "EHLO resets the transaction",
    `${HELLO}${MAIL}${HELLO}${MAIL}${RCPT}DATA\r\n${BODY}${QUIT}`,
    1,
    "22222322",
    "RFC5321#4.1.4",
  ],
  [
    "ehlo-literal",
    "EHLO with an address literal",
    `EHLO [192.0.2.1]\r\n${MAIL}${RCPT}DATA\r\n${BODY}${QUIT}`,
    1,
    "222322",
    "RFC5321#4.1.1.1",
  ],
  [
    "quit-behind",
    "what comes behind QUIT is not heard",
    `${START}${BODY}${QUIT}${MAIL}${RCPT}DATA\r\n${BODY}`,
    1,
    "222322",
    "RFC5321#4.1.1.10",
  ],
  [
    "size",
    "SIZE",
    `${HELLO}MAIL FROM:<ann@example.com> SIZE=100\r\n${RCPT}DATA\r\n${BODY}${QUIT}`,
    1,
    "222322",
    "RFC1870#6",
  ],
  [
    "8bitmime",
    "BODY=8BITMIME",
    `${HELLO}MAIL FROM:<ann@example.com> BODY=8BITMIME\r\n${RCPT}DATA\r\n${BODY}${QUIT}`,
    1,
    "222322",
    "RFC6152#3",
  ],
  [
    "7bit",
    "BODY=7BIT",
    `${HELLO}MAIL FROM:<ann@example.com> BODY=7BIT\r\n${RCPT}DATA\r\n${BODY}${QUIT}`,
    1,
    "222322",
    "RFC6152#3",
  ],
  [
    "postmaster",
    "Postmaster without a domain",
    `${HELLO}${MAIL}RCPT TO:<Postmaster>\r\nDATA\r\n${BODY}${QUIT}`,
    1,
    "222322",
    "RFC5321#4.1.1.3",
  ],
  [
    "route",
    "a source route",
    `${HELLO}${MAIL}RCPT TO:<@a.example:ben@example.org>\r\nDATA\r\n${BODY}${QUIT}`,
    1,
    "222322",
    "RFC5321#4.1.1.3",
  ],
  [
    "quoted",
    "a quoted local part",
    `${HELLO}${MAIL}RCPT TO:<"ben b"@example.org>\r\nDATA\r\n${BODY}${QUIT}`,
    1,
    "222322",
    "RFC5321#4.1.2",
  ],
  ["no-hello", "MAIL without EHLO", `${MAIL}${QUIT}`, 0, "52", "RFC5321#4.1.4", ["SmtpOrder"]],
  ["rcpt-first", "RCPT before MAIL", `${HELLO}${RCPT}${QUIT}`, 0, "252", "RFC5321#4.1.4", ["SmtpOrder"]],
  ["data-first", "DATA before MAIL", `${HELLO}DATA\r\n${QUIT}`, 0, "252", "RFC5321#4.1.4", ["SmtpOrder"]],
  [
    "data-no-rcpt",
    "DATA without a recipient",
    `${HELLO}${MAIL}DATA\r\n${QUIT}`,
    0,
    "2252",
    "RFC5321#4.1.4",
    ["SmtpOrder"],
  ],
  [
    "mail-twice",
    "MAIL twice",
    `${HELLO}${MAIL}${MAIL}${RCPT}DATA\r\n${BODY}${QUIT}`,
    1,
    "2252322",
    "RFC5321#4.1.4",
    ["SmtpOrder"],
  ],
  ["unknown", "an unknown command", `${HELLO}ODD\r\n${QUIT}`, 0, "252", "RFC5321#4.2.4", ["SmtpSyntax"]],
  ["empty-line", "an empty line", `${HELLO}\r\n${QUIT}`, 0, "252", "RFC5321#4.2.4", ["SmtpSyntax"]],
  [
    "data-text",
    "DATA with text behind it",
    `${HELLO}${MAIL}${RCPT}DATA now\r\n${QUIT}`,
    0,
    "22252",
    "RFC5321#4.1.1.4",
    ["SmtpSyntax"],
  ],
  ["ehlo-empty", "EHLO without a name", `EHLO\r\n${QUIT}`, 0, "52", "RFC5321#4.1.1.1", ["SmtpSyntax"]],
  [
    "bdat-without",
    "BDAT before a recipient",
    `${HELLO}${MAIL}BDAT 2 LAST\r\nab${QUIT}`,
    0,
    "2252",
    "RFC3030#2",
    ["SmtpOrder", "SmtpChunking"],
  ],
];

export function dialogues(topic: Topic): void {
  for (const [key, about, text, transactions, replies, spec, flags = []] of DIALOGUES) {
    const server = key.startsWith("bdat") ? { server: { extensions: ["CHUNKING"] } } : {};
    topic.valid(
      `dialogue.${key}`,
      `A session: ${about}`,
      octets(text),
      { transactions, replies },
      { params: paramsOf(text, server), spec: [spec], flags },
    );
  }
}

/** Arguments of MAIL and RCPT, and whether they are any. */
const ARGUMENTS: readonly (readonly [key: string, argument: string, isValid: boolean, flags?: readonly string[]])[] = [
  ["plain", "<x@example.com>", true],
  ["tag", "<x+y@example.com>", true],
  ["quoted", '<"x y"@example.com>', true],
  ["literal", "<x@[192.0.2.1]>", true],
  ["literal-6", "<x@[IPv6:2001:db8::1]>", true],
  ["a-label", "<x@xn--bcher-kva.example>", true],
  ["digits", "<0@1.example>", true],
  ["no-brackets", "x@example.com", false],
  ["open", "<x@example.com", false],
  ["close", "x@example.com>", false],
  ["double", "<<x@example.com>>", false],
  ["no-domain", "<x>", false],
  ["no-local", "<@example.com>", false],
  ["no-at", "<x.example.com>", false],
  ["two", "<x@example.com> <y@example.com>", false],
  ["comma", "<x@example.com,y@example.com>", false],
  ["space-within", "<x y@example.com>", false],
  ["dots", "<x..y@example.com>", false],
  ["dot-end", "<x.@example.com>", false],
  ["domain-dots", "<x@example..com>", false],
  ["hyphen", "<x@-a.example>", false],
  ["comment", "<x(c)@example.com>", false],
  ["name", "X <x@example.com>", false],
  ["nul", "<x\0@example.com>", false, ["CommandInjection"]],
  ["cr", "<x\r@example.com>", false, ["CommandInjection"]],
  ["lf", "<x@example.com>\nRCPT TO:<y@example.com>", false, ["CommandInjection"]],
  ["control", "<x\x01@example.com>", false, ["CommandInjection"]],
  ["parameter", "<x@example.com> ODD=1", false],
  ["parameter-glued", "<x@example.com>SIZE=1", false],
  ["parameter-broken", "<x@example.com> =1", false],
  ["long-local", `<${"x".repeat(65)}@example.com>`, false],
  ["literal-broken", "<x@[192.0.2.256]>", false],
  ["empty", "", false],
];

export function commands(topic: Topic): void {
  for (const [key, argument, isValid, flags = []] of ARGUMENTS) {
    for (const [verb, before, behind] of [
      ["mail", `${HELLO}MAIL FROM:`, RCPT],
      ["rcpt", `${HELLO}${MAIL}RCPT TO:`, ""],
    ] as const) {
      const text = `${before}${argument}\r\n${behind}DATA\r\n${isValid ? BODY : ""}${QUIT}`;
      const name = `command.${verb}.${key}`;
      const more: More = {
        params: paramsOf(text),
        spec: [verb === "mail" ? "RFC5321#4.1.1.2" : "RFC5321#4.1.1.3"],
        flags: [...flags, ...(isValid ? [] : ["SmtpSyntax"])],
      };
      if (isValid) topic.valid(name, `${verb.toUpperCase()} of ${argument}`, octets(text), { transactions: 1 }, more);
      else
        topic.valid(
          name,
          `${verb.toUpperCase()} of ${JSON.stringify(argument.slice(0, 40))}: refused, and no message`,
          octets(text),
          { transactions: 0, messages: [] },
          more,
        );
    }
  }
}

/** What came with STARTTLS before TLS is there is never obeyed. RFC 3207 5 */
export function startTls(topic: Topic): void {
  const server = { server: { starttls: true } };
  for (const [key, behind] of [
    ["mail", `${MAIL}${RCPT}DATA\r\n${BODY}`],
    ["ehlo", `${HELLO}${MAIL}${RCPT}DATA\r\n${BODY}`],
    ["noop", "NOOP\r\n"],
    ["rset", "RSET\r\n"],
    ["quit", QUIT],
    ["part", "MAIL FR"],
    ["lf", "\n"],
    ["starttls", "STARTTLS\r\n"],
  ] as const) {
    for (const [name, before] of [
      ["first", HELLO],
      ["transaction", `${HELLO}${MAIL}${RCPT}`],
    ] as const) {
      const text = `${before}STARTTLS\r\n${behind}`;
      topic.valid(
        `starttls.${key}.${name}`,
        `${JSON.stringify(behind.slice(0, 20))} in clear behind STARTTLS`,
        octets(text),
        name === "first" ? { transactions: 0, obeyed: false } : { obeyed: false },
        {
          params: { ...server, chunks: [text.length] },
          spec: ["RFC3207#5"],
          flags: ["StartTlsInjection"],
          importance: "high",
          origin: "paper",
        },
      );
    }
  }
  const text = `${HELLO}STARTTLS now\r\n${QUIT}`;
  topic.valid(
    "starttls.argument",
    "STARTTLS with an argument",
    octets(text),
    { transactions: 0, replies: "252" },
    { params: paramsOf(text, server), spec: ["RFC3207#4"], flags: ["SmtpSyntax"] },
  );
}

export function limits(topic: Topic): void {
  for (const size of [100, 400, 510]) {
    const text = `${HELLO}NOOP ${"x".repeat(size - 7)}\r\n${QUIT}`;
    topic.valid(
      `line.${size}`,
      `A command line of ${size} octets`,
      octets(text),
      { replies: "222" },
      { params: paramsOf(text), spec: ["RFC5321#4.5.3.1.4"] },
    );
  }
  for (const size of [20_000, 100_000]) {
    const text = `${HELLO}NOOP ${"x".repeat(size)}\r\n${MAIL}${RCPT}DATA\r\n${BODY}${QUIT}`;
    topic.valid(
      `line.${size}`,
      `A command line of ${size} octets is refused, and nothing in it is obeyed`,
      octets(text),
      { oneOf: [{ transactions: 1 }, { transactions: 0 }] },
      { params: { chunks: [text.length] }, spec: ["RFC5321#4.5.3.1.4"], flags: ["SmtpFlood"], ms: 20_000 },
    );
  }
  for (const [key, size] of [
    ["huge", "99999999999999999999"],
    ["word", "many"],
    ["negative", "-1"],
    ["empty", ""],
    ["hex", "0x10"],
    ["space", "1 0"],
    ["plus", "+5"],
  ] as const) {
    const text = `${HELLO}${MAIL}${RCPT}BDAT ${size} LAST\r\n${QUIT}`;
    topic.acceptable(
      `bdat-size.${key}`,
      `BDAT of ${JSON.stringify(size)} octets makes no message`,
      octets(text),
      { transactions: 0 },
      {
        params: paramsOf(text, { server: { extensions: ["CHUNKING"] } }),
        spec: ["RFC3030#2"],
        flags: ["SmtpChunking", "SmtpSyntax"],
      },
    );
  }
  for (const count of [10, 90]) {
    const text = `${HELLO}${MAIL}${Array.from({ length: count }, (_, at) => RCPT.replace("ben", `u${at}`)).join("")}DATA\r\n${BODY}${QUIT}`;
    topic.valid(
      `recipients.${count}`,
      `${count} recipients: a server takes 100 at least`,
      octets(text),
      { transactions: 1 },
      { params: paramsOf(text), spec: ["RFC5321#4.5.3.1.8"] },
    );
  }
}
