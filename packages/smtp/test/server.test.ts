import assert from "node:assert/strict";
import { test } from "node:test";
import { type ServerOptions, serverLimits } from "@scop/smtp";
import { codes, converse, HELLO, last, type Policy, TLS, TRANSACTION } from "./machine.ts";

const HELLO_CODES = [220, 250];

/** What is sent after EHLO, and the codes that answer it. */
const dialogues: readonly (readonly [what: string, sent: string, codes: readonly number[]])[] = [
  ["a message is accepted", `${TRANSACTION}hi\r\n.\r\n`, [250, 250, 354, 250]],
  [
    "two messages in a row",
    `${TRANSACTION}hi\r\n.\r\n${TRANSACTION}ho\r\n.\r\n`,
    [250, 250, 354, 250, 250, 250, 354, 250],
  ],
  ["a bounce has the null path", "MAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\n", [250, 250]],
  ["RCPT before MAIL", "RCPT TO:<b@scop.test>\r\n", [503]],
  ["DATA before RCPT", "MAIL FROM:<>\r\nDATA\r\n", [250, 503]],
  ["MAIL within a transaction", "MAIL FROM:<>\r\nMAIL FROM:<>\r\n", [250, 503]],
  ["RSET ends a transaction", "MAIL FROM:<>\r\nRSET\r\nRCPT TO:<b@scop.test>\r\n", [250, 250, 503]],
  ["EHLO ends a transaction", "MAIL FROM:<>\r\nEHLO again\r\nRCPT TO:<b@scop.test>\r\n", [250, 250, 503]],
  ["lower case is as good", "mail from:<a@example.org>\r\nrcpt to:<b@scop.test>\r\n", [250, 250]],
  ["NOOP, VRFY, HELP and EXPN", "NOOP x\r\nVRFY bob\r\nHELP\r\nEXPN list\r\n", [250, 252, 214, 502]],
  ["QUIT closes", "QUIT\r\nNOOP\r\n", [221]],
  ["an unknown command", "XYZZY\r\n", [500]],
  ["an empty line", "\r\n", [500]],
  ["DATA with an argument", "DATA now\r\n", [503]],
  ["QUIT with an argument", "QUIT now\r\n", [501]],
  ["a path without brackets", "MAIL FROM:a@example.org\r\n", [501]],
  ["a path without its keyword", "MAIL <a@example.org>\r\n", [501]],
  ["something stuck to the path", "MAIL FROM:<a@example.org>SIZE=1\r\n", [501]],
  ["SIZE within the limit", "MAIL FROM:<> SIZE=1000\r\n", [250]],
  ["SIZE above the limit", "MAIL FROM:<> SIZE=52428801\r\n", [552]],
  ["SIZE that is no number", "MAIL FROM:<> SIZE=1e3\r\n", [501]],
  ["SIZE twice", "MAIL FROM:<> SIZE=1 SIZE=1\r\n", [501]],
  ["both kinds of BODY", "MAIL FROM:<> BODY=8BITMIME\r\nRSET\r\nMAIL FROM:<> body=7bit\r\n", [250, 250, 250]],
  ["the third kind of BODY", "MAIL FROM:<> BODY=BINARYMIME\r\n", [250]],
  ["a fourth kind of BODY", "MAIL FROM:<> BODY=9BIT\r\n", [501]],
  ["an unknown parameter", "MAIL FROM:<> MT-PRIORITY=3\r\n", [555]],
  ["an unknown parameter of RCPT", "MAIL FROM:<>\r\nRCPT TO:<b@scop.test> RRVS=x\r\n", [250, 555]],
  ["AUTH= of MAIL is read and let be", "MAIL FROM:<> AUTH=e+3Dmc2@example.org\r\n", [250]],
  ["AUTH= of MAIL that is no xtext", "MAIL FROM:<> AUTH=e+3\r\n", [501]],
  ["UTF-8 without SMTPUTF8", "MAIL FROM:<\xc3\xa4@example.org>\r\n", [553]],
  ["UTF-8 with SMTPUTF8", "MAIL FROM:<\xc3\xa4@example.org> SMTPUTF8\r\nRCPT TO:<\xc3\xb6@scop.test>\r\n", [250, 250]],
  ["a UTF-8 recipient of an ASCII transaction", "MAIL FROM:<>\r\nRCPT TO:<\xc3\xb6@scop.test>\r\n", [250, 553]],
  ["broken UTF-8", "MAIL FROM:<\xc3@example.org> SMTPUTF8\r\n", [500]],
  ["a bare LF in a command", "NOOP\nNOOP\r\nNOOP\r\n", [500, 500, 250]],
  ["a bare CR in a command", "NOOP\rNOOP\r\nNOOP\r\n", [500, 250]],
  ["a NUL in a command", "NOOP \0\r\n", [500]],
  ["a line that is too long", `NOOP ${"x".repeat(3_000)}\r\nNOOP\r\n`, [500, 250]],
  ["AUTH before TLS", "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n", [538]],
  ["a browser that was tricked", "POST / HTTP/1.1\r\nNOOP\r\n", [421]],
  ["STARTTLS with an argument", "STARTTLS now\r\n", [501]],
  ["STARTTLS within a transaction", "MAIL FROM:<>\r\nSTARTTLS\r\n", [250, 503]],
  ["EHLO without a name", "EHLO\r\n", [501]],
  ["EHLO with two names", "EHLO a b\r\n", [501]],
];
for (const [what, sent, wanted] of dialogues) {
  test(`${what}: ${wanted.join(" ")}`, () => {
    const { said } = converse([HELLO, sent]);
    assert.deepEqual(codes(said), [...HELLO_CODES, ...wanted]);
  });
}

test("before EHLO nothing but greetings and small talk is possible", () => {
  const sent = "MAIL FROM:<>\r\nRCPT TO:<b@scop.test>\r\nDATA\r\nSTARTTLS\r\nAUTH PLAIN\r\nRSET\r\nNOOP\r\n";
  assert.deepEqual(codes(converse([sent]).said), [220, 503, 503, 503, 503, 503, 250, 250]);
});

test("EHLO announces what is possible now", () => {
  const capabilities = (given: Partial<ServerOptions>, secured: "tls" | "clear"): readonly string[] =>
    converse([HELLO], given, undefined, secured)
      .said.split("\r\n")
      .filter(line => line.startsWith("250"))
      .map(line => line.slice(4));
  const first = ["mx.scop.test", "PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"];
  const offered = ["CHUNKING", "BINARYMIME", "DSN", "LIMITS RCPTMAX=1000", "HELP"];
  const always = [...first, ...offered, "FUTURERELEASE 86400 2026-01-02T00:00:00Z"];
  assert.deepEqual(capabilities({}, "clear"), [...always, "STARTTLS"]);
  assert.deepEqual(capabilities({}, "tls"), [...always, "AUTH SCRAM-SHA-256 PLAIN LOGIN"]);
  const least = { tls: "none", mechanisms: [], extensions: [], futureRelease: undefined } as const;
  assert.deepEqual(capabilities(least, "clear"), [...first, "LIMITS RCPTMAX=1000", "HELP"]);
});

test("after HELO there are no parameters and no AUTH", () => {
  const { said } = converse(["HELO client.example\r\n", "MAIL FROM:<> SIZE=1\r\nAUTH PLAIN\r\n"], {}, undefined, "tls");
  assert.deepEqual(codes(said), [220, 250, 555, 502]);
});

test("a batch of commands is answered in one write", () => {
  const before = converse([HELLO]).writes;
  const after = converse([HELLO, "RSET\r\nMAIL FROM:<>\r\nRCPT TO:<a@scop.test>\r\nRCPT TO:<b@scop.test>\r\nDATA\r\n"]);
  assert.equal(after.writes - before, 1);
  assert.deepEqual(codes(after.said).slice(2), [250, 250, 250, 250, 354]);
});

test("what the stage decides is what the client hears", () => {
  const policy: Policy = question => {
    if (question.ask === "recipient" && question.envelope.recipients.length > 0) {
      return { code: 550, enhanced: "5.1.1", lines: ["No such user", "Ask\r\n250 again"] };
    }
    return question.ask === "end" ? { code: 451, enhanced: undefined, lines: ["Later"] } : undefined;
  };
  const sent = "MAIL FROM:<>\r\nRCPT TO:<a@scop.test>\r\nRCPT TO:<b@scop.test>\r\nDATA\r\nhi\r\n.\r\n";
  const { said, questions } = converse([HELLO, sent], {}, policy);
  assert.match(said, /550-5\.1\.1 No such user\r\n550 5\.1\.1 Ask\?\?250 again\r\n354 /);
  assert.match(last(said), /^451 4\.0\.0 Later$/);
  assert.deepEqual(questions, ["mail null", "recipient a@scop.test", "recipient b@scop.test", "data", "end"]);
});

test("421 from the stage closes the connection", () => {
  const { said, closed } = converse([HELLO, "MAIL FROM:<>\r\nNOOP\r\n"], {}, () => ({
    code: 421,
    enhanced: "4.7.0",
    lines: ["Go away"],
  }));
  assert.deepEqual([last(said), closed], ["421 4.7.0 Go away", 1]);
});

test("a submission listener wants AUTH before MAIL", () => {
  const given = { authRequired: "yes" } as const;
  const sent = [HELLO, "MAIL FROM:<>\r\n", "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n", "MAIL FROM:<>\r\nAUTH PLAIN\r\n"];
  const { said, questions } = converse(sent, given, undefined, "tls");
  assert.deepEqual(codes(said), [220, 250, 530, 235, 250, 503]);
  assert.deepEqual(questions, ["sasl PLAIN \0alice\0secret", "mail null"]);
});

const auths: readonly (readonly [what: string, sent: string, code: number])[] = [
  ["an empty initial response", "AUTH PLAIN =\r\n", 235],
  ["no initial response", "AUTH LOGIN\r\n", 235],
  ["an unknown mechanism", "AUTH CRAM-MD5\r\n", 504],
  ["what is not base64", "AUTH PLAIN !!!\r\n", 501],
  ["three words", "AUTH PLAIN a b\r\n", 501],
  ["a long initial response", `AUTH PLAIN ${"A".repeat(12_000)}\r\n`, 235],
  ["one that is too long", `AUTH PLAIN ${"A".repeat(12_300)}\r\n`, 500],
];
for (const [what, sent, code] of auths) {
  test(`AUTH with ${what}: ${code}`, () => {
    assert.deepEqual(codes(converse([HELLO, sent], {}, undefined, "tls").said), [...HELLO_CODES, code]);
  });
}

test("STARTTLS forgets what was said before", () => {
  const { said, tlsStarts, state } = converse([
    HELLO,
    "STARTTLS\r\n",
    { on: "secured", tls: TLS },
    "MAIL FROM:<>\r\nSTARTTLS\r\n",
    HELLO,
  ]);
  assert.deepEqual(codes(said), [220, 250, 220, 503, 503, 250]);
  assert.equal(tlsStarts, 1);
  assert.deepEqual([state.session.tls, state.session.helo], [TLS, "client.example"]);
});

test("after too many errors, commands or failures of AUTH the connection is closed", () => {
  const limits = { ...serverLimits, errors: 3, commands: 5, authFailures: 2 };
  assert.deepEqual(codes(converse([HELLO, "X\r\n".repeat(9)], { limits }).said), [220, 250, 500, 500, 500, 421]);
  assert.deepEqual(
    codes(converse([HELLO, "NOOP\r\n".repeat(9)], { limits }).said),
    [220, 250, 250, 250, 250, 250, 421],
  );
  assert.equal(converse([HELLO, "\n".repeat(30)]).closed, 1);
});

test("recipients above the limit are put off", () => {
  const limits = { ...serverLimits, recipients: 2 };
  const { said } = converse([HELLO, `MAIL FROM:<>\r\n${"RCPT TO:<b@scop.test>\r\n".repeat(3)}`], { limits });
  assert.match(last(said), /^452 4\.5\.3 /);
});

test("a line without end is not kept, and ends the connection", () => {
  const { state, closed } = converse([HELLO, ...Array.from({ length: 20 }, () => "x".repeat(65_536))]);
  assert.deepEqual([state.pending.length, closed], [0, 1]);
});

test("the timer starts again with each command, not with each octet", () => {
  const { timers, said, closed } = converse([HELLO, "NO", "O", "P\r\n", { on: "timeout" }]);
  assert.deepEqual(timers, [300_000, 300_000, 300_000]);
  assert.match(last(said), /^421 4\.4\.2 /);
  assert.equal(closed, 1);
});

test("the timer of a message starts again with each 16 KiB, not with each piece", () => {
  const pieces = Array.from({ length: 40 }, () => "x".repeat(1_000));
  const { timers } = converse([HELLO, TRANSACTION, ...pieces]);
  assert.deepEqual(timers.slice(-3), [600_000, 600_000, 600_000]);
  assert.equal(timers.filter(afterMs => afterMs === 600_000).length, 3);
});

test("at shutdown a message under way is finished, then 421", () => {
  const record = converse([HELLO, `${TRANSACTION}hal`, { on: "closing" }, "f\r\n.\r\nNOOP\r\n"]);
  assert.deepEqual(codes(record.said).slice(-3), [354, 250, 421]);
  assert.deepEqual(record.messages, ["half\r\n"]);
  assert.deepEqual(codes(converse([HELLO, { on: "closing" }]).said), [220, 250, 421]);
});

test("a client that goes away within a message aborts it", () => {
  const { aborted, messages } = converse([HELLO, `${TRANSACTION}half`, { on: "ended" }]);
  assert.deepEqual([aborted, messages], [1, []]);
});
