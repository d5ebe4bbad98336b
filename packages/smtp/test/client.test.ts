import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientConfig, ClientInput, OutgoingEnvelope } from "@scop/smtp";
import { latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { converse, PIPELINING, PLAIN_HELLO, send, to, words } from "./client-machine.ts";

test("without PIPELINING each command waits for its reply", () => {
  const { wrote, outcomes } = converse([
    PLAIN_HELLO,
    send("b@example.net"),
    "250 ok\r\n",
    "250 ok\r\n",
    "354 go\r\n",
    "250 2.0.0 taken\r\n",
  ]);
  assert.deepEqual(wrote, [
    "EHLO client.example\r\n",
    "MAIL FROM:<a@example.org>\r\n",
    "RCPT TO:<b@example.net>\r\n",
    "DATA\r\n",
    "BODY",
  ]);
  assert.deepEqual(words(outcomes), ["delivered 250"]);
});

/** Replies to one pipelined MAIL, two RCPT, DATA and what follows; and the outcomes, with what was written after the batch. */
const pipelined: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  ["all is well", "250 a\r\n250 b\r\n250 c\r\n354 d\r\n250 e\r\n", ["delivered 250", "delivered 250"], ["BODY"]],
  [
    "one recipient is refused",
    "250 a\r\n550 b\r\n250 c\r\n354 d\r\n250 e\r\n",
    ["permanent 550", "delivered 250"],
    ["BODY"],
  ],
  ["one is put off", "250 a\r\n450 b\r\n250 c\r\n354 d\r\n250 e\r\n", ["temporary 450", "delivered 250"], ["BODY"]],
  [
    "552 to RCPT is temporary",
    "250 a\r\n552 b\r\n250 c\r\n354 d\r\n250 e\r\n",
    ["temporary 552", "delivered 250"],
    ["BODY"],
  ],
  [
    "all are refused and DATA is not",
    "250 a\r\n550 b\r\n551 c\r\n354 d\r\n554 e\r\n",
    ["permanent 550", "permanent 551"],
    [".\r\n"],
  ],
  ["all are refused and so is DATA", "250 a\r\n550 b\r\n551 c\r\n503 d\r\n", ["permanent 550", "permanent 551"], []],
  ["MAIL is refused", "451 a\r\n503 b\r\n503 c\r\n503 d\r\n", ["temporary 451", "temporary 451"], []],
  ["DATA is refused", "250 a\r\n550 b\r\n250 c\r\n452 d\r\n", ["permanent 550", "temporary 452"], []],
  [
    "the message is refused",
    "250 a\r\n450 b\r\n250 c\r\n354 d\r\n554 e\r\n",
    ["temporary 450", "permanent 554"],
    ["BODY"],
  ],
  ["421 comes in between", "250 a\r\n550 b\r\n421 c\r\n", ["permanent 550", "temporary 421"], []],
];
for (const [what, replies, wanted, after] of pipelined) {
  test(`a pipelined transaction where ${what}`, () => {
    const { wrote, outcomes } = converse([
      PIPELINING,
      send("b@example.net", "c@example.net"),
      ...replies.match(/.*\r\n/g)!,
    ]);
    assert.deepEqual(words(outcomes), wanted);
    assert.deepEqual(wrote.slice(2), after);
    assert.equal(
      wrote[1],
      "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nRCPT TO:<c@example.net>\r\nDATA\r\n",
    );
  });
}

test("a transaction that was left open is reset before the next one", () => {
  const { wrote, outcomes } = converse([
    PIPELINING,
    send("b@example.net"),
    "250 a\r\n550 b\r\n503 c\r\n",
    send("c@example.net"),
    "250 reset\r\n250 a\r\n250 b\r\n354 c\r\n",
    "250 taken\r\n",
  ]);
  assert.match(wrote[2]!, /^RSET\r\nMAIL /);
  assert.deepEqual(words(outcomes), ["permanent 550", "delivered 250"]);
});

test("many recipients go out in groups, so that nobody waits for full buffers", () => {
  const addresses = Array.from({ length: 150 }, (_, index) => `u${index}@example.net`);
  const { wrote, outcomes } = converse([
    PIPELINING,
    send(...addresses),
    "250 ok\r\n".repeat(100),
    "250 ok\r\n".repeat(51),
    "354 go\r\n",
    "250 taken\r\n",
  ]);
  assert.deepEqual(
    wrote.slice(1, 3).map(text => text.split("\r\n").length - 1),
    [100, 52],
  );
  assert.equal(outcomes.length, 150);
});

/** Where the session breaks off, and what the outcome says. */
const ends: readonly (readonly [what: string, inputs: readonly (string | ClientInput)[], outcome: string])[] = [
  ["after the final dot", ["250 a\r\n250 b\r\n354 c\r\n", { on: "ended" }], "temporary closed after the final dot"],
  [
    "with no answer to the final dot",
    ["250 a\r\n250 b\r\n354 c\r\n", { on: "timeout" }],
    "temporary timeout after the final dot",
  ],
  ["within the envelope", ["250 a\r\n", { on: "ended" }], "temporary closed MAIL, RCPT or DATA"],
  ["with nonsense", ["hello\r\n"], "temporary reply-syntax"],
  ["with a bare LF", ["250 a\n"], "temporary bare-lf"],
  [
    "with a reply that nobody asked for",
    ["250 a\r\n250 b\r\n354 c\r\n250 d\r\n250 e\r\n250 f\r\n"],
    "temporary unexpected-reply",
  ],
];
for (const [what, inputs, wanted] of ends) {
  test(`a session that ends ${what}: ${wanted}`, () => {
    const { outcomes, state } = converse([PIPELINING, send("b@example.net"), ...inputs]);
    assert.deepEqual(words(outcomes), [wanted]);
    assert.equal(state.phase.phase, "closed");
  });
}

test("a message of a dead session fails as the session did", () => {
  const { outcomes } = converse([PIPELINING, "421 bye\r\n", send("b@example.net")]);
  assert.deepEqual(words(outcomes), ["temporary 421"]);
});

test("what the server lacks is the caller's to mend", () => {
  const lacking = (change: Partial<OutgoingEnvelope>): readonly string[] =>
    words(converse([PIPELINING, { on: "send", envelope: { ...to("b@example.net"), ...change } }]).outcomes);
  assert.deepEqual(lacking({ eightBit: true }), ["permanent 8BITMIME"]);
  assert.deepEqual(lacking({ utf8: true }), ["permanent SMTPUTF8"]);
  assert.deepEqual(lacking({ size: 1_001 }), ["permanent SIZE"]);
});

test("MAIL carries what was announced", () => {
  const greeting = "220 mx\r\n250-mx\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE\r\n";
  const envelope = { ...to("b@example.net"), eightBit: true, utf8: true, size: 7 };
  const { wrote } = converse([greeting, { on: "send", envelope }]);
  assert.equal(wrote[1], "MAIL FROM:<a@example.org> SIZE=7 BODY=8BITMIME SMTPUTF8\r\n");
});

test("a server without EHLO is greeted with HELO", () => {
  const { wrote, state } = converse(["220 mx\r\n500 what?\r\n250 mx\r\n"]);
  assert.deepEqual(wrote, ["EHLO client.example\r\n", "HELO client.example\r\n"]);
  assert.equal(state.phase.phase, "idle");
});

/** How the beginning goes with TLS and AUTH wanted. */
const negotiations: readonly (readonly [string, Partial<ClientConfig>, readonly (string | ClientInput)[], string])[] = [
  ["STARTTLS is missing where it is required", { tls: "require" }, [PLAIN_HELLO], "unsupported STARTTLS"],
  [
    "STARTTLS is refused where it is required",
    { tls: "require" },
    ["220 mx\r\n250-mx\r\n250 STARTTLS\r\n454 no\r\n"],
    "reply 454",
  ],
  [
    "octets follow the 220",
    { tls: "opportunistic" },
    ["220 mx\r\n250-mx\r\n250 STARTTLS\r\n", "220 go\r\n250 x"],
    "protocol starttls-injection",
  ],
  [
    "a reply follows the 220",
    { tls: "opportunistic" },
    ["220 mx\r\n250-mx\r\n250 STARTTLS\r\n", "220 go\r\n250 x\r\n"],
    "protocol starttls-injection",
  ],
  [
    "the password would go out in the clear",
    { auth: "yes" },
    ["220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n"],
    "unsupported STARTTLS",
  ],
  [
    "no mechanism is ours",
    { auth: "yes", tls: "active" },
    ["220 mx\r\n250-mx\r\n250 AUTH CRAM-MD5\r\n"],
    "unsupported AUTH",
  ],
  ["the greeting is a refusal", {}, ["554 no\r\n"], "reply 554"],
  [
    "success comes before the server has shown itself",
    { auth: "yes", tls: "active" },
    [
      "220 mx\r\n250-mx\r\n250 AUTH SCRAM-SHA-256\r\n",
      { on: "sasl", bytes: latin1Bytes("n,,"), complete: false },
      "235 fine\r\n",
    ],
    "protocol sasl-incomplete",
  ],
];
for (const [what, given, inputs, wanted] of negotiations) {
  test(`a session fails where ${what}`, () => {
    const { failure, state } = converse(inputs, given);
    assert.equal(state.phase.phase, "closed");
    const found = failure as { kind: string; extension?: string; reply?: { code: number }; detail?: { code: string } };
    assert.equal(`${found.kind} ${found.extension ?? found.reply?.code ?? found.detail?.code}`, wanted);
  });
}

test("after STARTTLS the capabilities are asked for again", () => {
  const { wrote, state } = converse(
    [
      "220 mx\r\n250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n",
      "220 go\r\n",
      { on: "secured" },
      "250-mx\r\n250 8BITMIME\r\n",
    ],
    { tls: "require" },
  );
  assert.deepEqual(wrote, ["EHLO client.example\r\n", "STARTTLS\r\n", "TLS", "EHLO client.example\r\n"]);
  assert.deepEqual([state.capabilities.pipelining, state.capabilities.eightBit], [false, true]);
});

test("replies may be cut anywhere", () => {
  const text = `${PIPELINING.replace("250 P", "250-P")}250 HELP\r\n`;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), size => {
      const cut = text.match(new RegExp(`[^]{1,${size}}`, "g"))!;
      const { state } = converse(cut);
      assert.deepEqual(state, converse([text]).state);
    }),
  );
});

test("no reply makes the client throw, and none is read without bound", () => {
  const words = fc.constantFrom("250", "-", " ", "\r\n", "354", "421", "220", "334", "550 5.1.1", "x", "\n", "\r");
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), parts => {
      converse([PIPELINING, send("b@example.net", "c@example.net"), ...parts], { tls: "none" });
    }),
  );
  assert.equal(converse(["2".repeat(5_000)]).state.phase.phase, "closed");
  assert.equal(converse(["220-x\r\n".repeat(300)]).state.phase.phase, "closed");
});

/** What a server says while two messages are under way, and what becomes of both. */
const pairs: readonly (readonly [what: string, said: readonly string[], outcomes: readonly string[], wrote: string])[] =
  [
    [
      "both are taken, the second's commands behind the first",
      ["250 a\r\n250 b\r\n354 c\r\n", "250 1\r\n250 d\r\n250 e\r\n354 f\r\n", "250 2\r\n"],
      ["delivered 250", "delivered 250"],
      "MRD BODY+MRD BODY",
    ],
    [
      "the first is refused at its end",
      ["250 a\r\n250 b\r\n354 c\r\n", "554 1\r\n", "250 d\r\n250 e\r\n354 f\r\n", "250 2\r\n"],
      ["permanent 554", "delivered 250"],
      "MRD BODY+MRD BODY",
    ],
    [
      "the first has no recipient",
      ["250 a\r\n550 b\r\n503 c\r\n", "250 d\r\n250 e\r\n250 f\r\n354 g\r\n", "250 2\r\n"],
      ["permanent 550", "delivered 250"],
      "MRD RMRD BODY",
    ],
    [
      "the second has none",
      ["250 a\r\n250 b\r\n354 c\r\n", "250 1\r\n250 d\r\n550 e\r\n503 f\r\n"],
      ["delivered 250", "permanent 550"],
      "MRD BODY+MRD",
    ],
    [
      "the server goes away after the first",
      ["250 a\r\n250 b\r\n354 c\r\n", "250 1\r\n421 bye\r\n"],
      ["delivered 250", "temporary 421"],
      "MRD BODY+MRD",
    ],
    [
      "the server says 421 about the first",
      ["250 a\r\n250 b\r\n354 c\r\n", "421 bye\r\n"],
      ["temporary 421", "temporary 421"],
      "MRD BODY+MRD",
    ],
  ];
for (const [what, said, wanted, wrote] of pairs) {
  test(`two messages: ${what}`, () => {
    const given = [PIPELINING, send("b@example.net"), send("c@example.net"), ...said];
    const record = converse(given);
    assert.deepEqual(words(record.outcomes), wanted);
    const short = record.wrote
      .slice(1)
      .map(text => text.replace("BODYM", "BODY+M").replace(/([A-Z])[A-Z]+(?: [^\r]*)?\r\n/g, "$1"));
    assert.equal(short.join(" "), wrote);
  });
}

test("a connection that is lost behind a message was not asked about the next one", () => {
  const given = [
    PIPELINING,
    send("b@example.net"),
    send("c@example.net"),
    "250 a\r\n250 b\r\n354 c\r\n",
    { on: "ended" },
  ] as const;
  const { outcomes } = converse(given);
  assert.deepEqual(words(outcomes), ["temporary closed after the final dot", "temporary closed MAIL"]);
});

test("without PIPELINING the second message waits for the first", () => {
  const { wrote } = converse([
    PLAIN_HELLO,
    send("b@example.net"),
    send("c@example.net"),
    "250 a\r\n",
    "250 b\r\n",
    "354 c\r\n",
  ]);
  assert.deepEqual(wrote.at(-1), "BODY");
});
