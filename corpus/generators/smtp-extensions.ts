import { SESSION_ROWS } from "./smtp-auth.ts";
import { HELLO, MAIL, messages, octets, paramsOf, RCPT } from "./smtp-case.ts";
import { LIMIT_ROWS } from "./smtp-limits.ts";
import { PARAMETER_ROWS } from "./smtp-offers.ts";
import { SEND, TEXT } from "./smtp-rows.ts";
import type { Library, Topic } from "./topic.ts";

const PHASES: readonly (readonly [name: string, text: string, replies: string])[] = [
  ["start", "", ""],
  ["ready", HELLO, "2"],
  ["mail", `${HELLO}${MAIL}`, "22"],
  ["rcpt", `${HELLO}${MAIL}${RCPT}`, "222"],
  ["chunked", `${HELLO}${MAIL}${RCPT}BDAT 6\r\nA: b\r\n`, "2222"],
];

/** The class of the reply to each command in each of the phases. RFC 5321 4.1.4, RFC 3030 2 */
const ORDER: readonly (readonly [command: string, replies: string, spec: string])[] = [
  ["HELO client.example", "22222", "RFC5321#4.1.4"],
  ["EHLO client.example", "22222", "RFC5321#4.1.4"],
  ["MAIL FROM:<ann@example.com>", "52555", "RFC5321#4.1.4"],
  ["RCPT TO:<ben@example.org>", "55225", "RFC5321#4.1.4"],
  ["DATA", "55535", "RFC3030#2"],
  ["BDAT 0 LAST", "55522", "RFC3030#2"],
  ["RSET", "22222", "RFC5321#4.1.4"],
  ["NOOP", "22222", "RFC5321#4.1.4"],
  ["VRFY ben", "22222", "RFC5321#4.1.4"],
  ["QUIT", "22222", "RFC5321#4.1.1.10"],
];

function order(topic: Topic): void {
  for (const [command, replies, spec] of ORDER) {
    for (const [at, [phase, before, said]] of PHASES.entries()) {
      const text = `${before}${command}\r\n`;
      const transactions =
        phase === "chunked" && command.startsWith("BDAT") ? 1 : phase === "rcpt" && command.startsWith("BDAT") ? 1 : 0;
      topic.valid(
        `order.${command.slice(0, 4).toLowerCase()}.${phase}`,
        `${command.slice(0, 4)} in the phase ${phase}`,
        octets(text),
        { transactions, replies: said + replies[at]! },
        { params: paramsOf(text, { server: { extensions: ["CHUNKING"] } }), spec: [spec], flags: ["SmtpOrder"] },
      );
    }
  }
}

export function smtpExtensions(library: Library): void {
  const topic = library.topic({
    area: "smtp",
    topic: "extensions",
    description: "AUTH, limits, LMTP and what extensions add, and the order of commands: with the class of each reply",
    op: "smtp.session",
    spec: ["RFC5321#4.2"],
  });
  for (const [key, about, text, server, replies, transactions, spec] of [
    ...SESSION_ROWS,
    ...PARAMETER_ROWS,
    ...LIMIT_ROWS,
  ]) {
    const isWhole = text.includes(SEND);
    const value = isWhole
      ? { ...messages(...Array.from({ length: transactions }, () => TEXT)), replies }
      : { transactions, replies };
    topic.valid(key, about, octets(text), value, { params: paramsOf(text, { server }), spec: [spec] });
  }
  order(topic);
}
