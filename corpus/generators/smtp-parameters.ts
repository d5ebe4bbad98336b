import { HELLO, MAIL, octets, paramsOf, QUIT, RCPT } from "./smtp-case.ts";
import type { Library } from "./topic.ts";

const BODY = "Subject: a\r\n\r\nb\r\n.\r\n";
const SERVER = { server: { extensions: ["DSN", "CHUNKING", "BINARYMIME"] } };

/** Parameters of MAIL, and whether a server takes them. */
const OF_MAIL: readonly (readonly [key: string, text: string, isValid: boolean, spec: string])[] = [
  ["size", "SIZE=0", true, "RFC1870#6"],
  ["size-lower", "size=100", true, "RFC1870#6"],
  ["size-word", "SIZE=many", false, "RFC1870#6"],
  ["size-empty", "SIZE=", false, "RFC1870#6"],
  ["size-none", "SIZE", false, "RFC1870#6"],
  ["size-negative", "SIZE=-1", false, "RFC1870#6"],
  ["size-21-digits", `SIZE=${"9".repeat(21)}`, false, "RFC1870#6"],
  ["size-huge", "SIZE=99999999999999", false, "RFC1870#6.1"],
  ["size-twice", "SIZE=1 SIZE=1", false, "RFC5321#4.1.1.11"],
  ["body-7bit", "BODY=7BIT", true, "RFC6152#3"],
  ["body-8bit", "BODY=8BITMIME", true, "RFC6152#3"],
  ["body-lower", "body=8bitmime", true, "RFC6152#3"],
  ["body-odd", "BODY=ODD", false, "RFC6152#3"],
  ["body-empty", "BODY=", false, "RFC6152#3"],
  ["utf8", "SMTPUTF8", true, "RFC6531#3.4"],
  ["utf8-value", "SMTPUTF8=YES", false, "RFC6531#3.4"],
  ["ret-full", "RET=FULL", true, "RFC3461#4.3"],
  ["ret-hdrs", "RET=HDRS", true, "RFC3461#4.3"],
  ["ret-odd", "RET=ODD", false, "RFC3461#4.3"],
  ["ret-twice", "RET=FULL RET=HDRS", false, "RFC3461#4.3"],
  ["envid", "ENVID=QQ314159", true, "RFC3461#4.4"],
  ["envid-xtext", "ENVID=a+2Bb+3Dc", true, "RFC3461#4.4"],
  ["envid-broken", "ENVID=a+ZZ", false, "RFC3461#4.4"],
  ["envid-lower", "ENVID=a+2b", false, "RFC3461#4"],
  ["envid-101", `ENVID=${"a".repeat(101)}`, false, "RFC3461#4.4"],
  ["all", "SIZE=9 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x", true, "RFC5321#4.1.1.11"],
  ["equals", "=1", false, "RFC5321#4.1.2"],
  ["unknown", "ODD=1", false, "RFC5321#4.1.1.11"],
  ["keyword-odd", "O_D=1", false, "RFC5321#4.1.2"],
  ["value-control", "ENVID=a\u0001", false, "RFC5321#4.1.2"],
  ["auth", "AUTH=<>", false, "RFC4954#5"],
];

const OF_RCPT: readonly (readonly [key: string, text: string, isValid: boolean, spec: string])[] = [
  ["notify-never", "NOTIFY=NEVER", true, "RFC3461#4.1"],
  ["notify-all", "NOTIFY=SUCCESS,FAILURE,DELAY", true, "RFC3461#4.1"],
  ["notify-lower", "notify=failure", true, "RFC3461#4.1"],
  ["notify-never-list", "NOTIFY=NEVER,FAILURE", false, "RFC3461#4.1"],
  ["notify-odd", "NOTIFY=ODD", false, "RFC3461#4.1"],
  ["notify-empty", "NOTIFY=", false, "RFC3461#4.1"],
  ["notify-twice", "NOTIFY=NEVER NOTIFY=NEVER", false, "RFC3461#4.1"],
  ["orcpt", "ORCPT=rfc822;ben@example.org", true, "RFC3461#4.2"],
  ["orcpt-xtext", "ORCPT=rfc822;ben+2Bx@example.org", true, "RFC3461#4.2"],
  ["orcpt-no-type", "ORCPT=ben@example.org", false, "RFC3461#4.2"],
  ["orcpt-broken", "ORCPT=rfc822;a+ZZ", false, "RFC3461#4.2"],
  ["orcpt-500", `ORCPT=rfc822;${"a".repeat(501)}`, false, "RFC3461#4.2"],
  ["both", "NOTIFY=DELAY ORCPT=rfc822;a", true, "RFC3461#4"],
  ["size", "SIZE=1", false, "RFC5321#4.1.1.11"],
];

/** Sessions whose commands need no transaction, or make none. */
const OTHERS: readonly (readonly [key: string, text: string, spec: string])[] = [
  ["vrfy", "VRFY ben", "RFC5321#4.1.1.6"],
  ["vrfy-empty", "VRFY", "RFC5321#4.1.1.6"],
  ["expn", "EXPN list", "RFC5321#4.1.1.7"],
  ["help", "HELP", "RFC5321#4.1.1.8"],
  ["help-word", "HELP MAIL", "RFC5321#4.1.1.8"],
  ["noop-text", "NOOP text", "RFC5321#4.1.1.9"],
  ["rset-text", "RSET text", "RFC5321#4.1.1.5"],
  ["quit-text", "QUIT text", "RFC5321#4.1.1.10"],
  ["auth", "AUTH PLAIN AGEAYg==", "RFC4954#4"],
  ["auth-none", "AUTH", "RFC4954#4"],
  ["auth-odd", "AUTH ODD", "RFC4954#4"],
  ["turn", "TURN", "RFC5321#F.1"],
  ["send", "SEND FROM:<a@example.com>", "RFC5321#F.6"],
  ["http", "GET / HTTP/1.1", "RFC5321#4.2.4"],
  ["lhlo", "LHLO client.example", "RFC2033#4.1"],
  ["starttls", "STARTTLS", "RFC3207#4"],
  ["bdat", "BDAT 0 LAST", "RFC3030#2"],
];

export function smtpParameters(library: Library): void {
  const topic = library.topic({
    area: "smtp",
    topic: "parameters",
    description: "Parameters of MAIL and RCPT, and commands beside the transaction",
    op: "smtp.session",
    spec: ["RFC5321#4.1.1.11"],
  });
  for (const [verb, rows] of [
    ["mail", OF_MAIL],
    ["rcpt", OF_RCPT],
  ] as const) {
    for (const [key, parameters, isValid, spec] of rows) {
      const mail = verb === "mail" ? MAIL.replace("\r\n", ` ${parameters}\r\n`) : MAIL;
      const rcpt = verb === "rcpt" ? RCPT.replace("\r\n", ` ${parameters}\r\n`) : RCPT;
      const text = `${HELLO}${mail}${rcpt}DATA\r\n${isValid ? BODY : ""}${QUIT}`;
      const more = { params: paramsOf(text, SERVER), spec: [spec], flags: isValid ? [] : ["SmtpSyntax"] };
      const about = `${verb.toUpperCase()} with ${parameters.slice(0, 40)}${isValid ? "" : ": refused, and no message"}`;
      topic.valid(`${verb}.${key}`, about, octets(text), { transactions: isValid ? 1 : 0 }, more);
    }
  }
  for (const [key, command, spec] of OTHERS) {
    const text = `${HELLO}${command}\r\n${QUIT}`;
    topic.valid(
      `other.${key}`,
      `The command ${command} makes no message`,
      octets(text),
      { transactions: 0 },
      { params: paramsOf(text), spec: [spec] },
    );
    const within = `${HELLO}${MAIL}${RCPT}${command}\r\n`;
    topic.valid(
      `within.${key}`,
      `The command ${command} within a transaction makes no message`,
      octets(within),
      { transactions: 0 },
      { params: paramsOf(within), spec: [spec] },
    );
  }
  const binary = `${HELLO}MAIL FROM:<ann@example.com> BODY=BINARYMIME\r\n${RCPT}`;
  const data = `${binary}DATA\r\n${QUIT}`;
  topic.valid(
    "binary.data",
    "BODY=BINARYMIME and then DATA is refused",
    octets(data),
    { transactions: 0 },
    { params: paramsOf(data, SERVER), spec: ["RFC3030#3"], flags: ["SmtpChunking"] },
  );
  const chunk = `${binary}BDAT 12 LAST\r\nA: b\r\n\r\na\nb\r${QUIT}`;
  topic.valid(
    "binary.bdat",
    "BODY=BINARYMIME with line ends of all kinds by BDAT",
    octets(chunk),
    { transactions: 1, messages: [Buffer.from("A: b\r\n\r\na\nb\r").toString("base64")] },
    { params: paramsOf(chunk, SERVER), spec: ["RFC3030#3"], flags: ["SmtpChunking"] },
  );
}
