import assert from "node:assert/strict";
import { test } from "node:test";
import { simulation } from "@scop/sim";
import { reply } from "@scop/smtp";
import { latin1Bytes } from "@scop/wire";
import { converse as asClient, send, words } from "./client-machine.ts";
import { codes, converse } from "./machine.ts";
import { envelope, keeper, listen, open, sink } from "./world.ts";

const LMTP = { protocol: "lmtp" } as const;
const OPENING = "LHLO client.example\r\nMAIL FROM:<a@example.org>\r\n";
const TWO = "RCPT TO:<b@scop.test>\r\nRCPT TO:<c@scop.test>\r\n";
const MESSAGE = "DATA\r\nhi\r\n.\r\n";

const dialogues: readonly (readonly [what: string, sent: string, codes: readonly number[]])[] = [
  ["a reply for each recipient", `${OPENING}${TWO}${MESSAGE}NOOP\r\n`, [250, 250, 250, 250, 354, 250, 250, 250]],
  [
    "the same after BDAT",
    `${OPENING}${TWO}BDAT 1\r\naBDAT 1 LAST\r\nbNOOP\r\n`,
    [250, 250, 250, 250, 250, 250, 250, 250],
  ],
  ["a message that is refused, for each", `${OPENING}${TWO}DATA\r\na\nb\r\n.\r\n`, [250, 250, 250, 250, 354, 550, 550]],
  ["HELO and EHLO are not known", "HELO x\r\nEHLO x\r\n", [500, 500]],
  ["DATA without a recipient", `${OPENING}DATA\r\n`, [250, 250, 503]],
];
for (const [what, sent, wanted] of dialogues) {
  test(`LMTP: ${what}: ${wanted.join(" ")}`, () => {
    assert.deepEqual(codes(converse([sent], LMTP).said), [220, ...wanted]);
  });
}

test("LHLO is not known to SMTP", () => {
  assert.deepEqual(codes(converse(["LHLO x\r\n"]).said), [220, 500]);
});

test("each recipient hears what became of its own copy", () => {
  const record = converse([OPENING + TWO + MESSAGE], LMTP, question =>
    question.ask === "end" ? [reply(250, "2.1.5", "Kept"), reply(452, undefined, "Full")] : undefined,
  );
  assert.match(record.said, /\r\n250 2\.1\.5 Kept\r\n452 4\.0\.0 Full\r\n$/);
});

const SERVER = "220 mx LMTP\r\n250-mx\r\n250 PIPELINING\r\n";

/** What a server says to a message for three recipients, before and after it, and what becomes of them. */
const ends: readonly (readonly [what: string, said: string, outcomes: readonly string[]])[] = [
  [
    "all are delivered",
    "250 a\r\n250 b\r\n250 c\r\n250 d\r\n354 e\r\n|250 1\r\n250 2\r\n250 3\r\n",
    ["delivered 250", "delivered 250", "delivered 250"],
  ],
  [
    "one is over quota",
    "250 a\r\n250 b\r\n250 c\r\n250 d\r\n354 e\r\n|250 1\r\n452 2\r\n550 3\r\n",
    ["delivered 250", "temporary 452", "permanent 550"],
  ],
  [
    "one was refused before",
    "250 a\r\n250 b\r\n550 c\r\n250 d\r\n354 e\r\n|250 1\r\n452 3\r\n",
    ["delivered 250", "permanent 550", "temporary 452"],
  ],
];
for (const [what, said, wanted] of ends) {
  test(`an LMTP client: ${what}`, () => {
    const { outcomes, wrote } = asClient([SERVER, send("b@x.test", "c@x.test", "d@x.test"), ...said.split("|")], LMTP);
    assert.equal(wrote[0], "LHLO client.example\r\n");
    assert.deepEqual(words(outcomes), wanted);
  });
}

test("replies that came before the connection broke count", () => {
  const said = "250 a\r\n250 b\r\n250 c\r\n354 d\r\n|250 1\r\n";
  const { outcomes } = asClient([SERVER, send("b@x.test", "c@x.test"), ...said.split("|"), { on: "ended" }], LMTP);
  assert.deepEqual(words(outcomes), ["delivered 250", "temporary closed after the final dot"]);
});

test("a server that knows no LHLO is not asked by HELO", () => {
  const { outcomes, failure } = asClient(["220 mx\r\n500 what\r\n"], LMTP);
  assert.deepEqual(
    [outcomes.length, failure],
    [0, { blame: "peer", kind: "reply", reply: reply(500, undefined, "what") }],
  );
});

test("an LMTP client and server agree about each recipient", async () => {
  const world = simulation();
  const full = reply(452, "4.2.2", "Mailbox full");
  const { handler } = keeper({
    data: async (_session, { recipients }) =>
      sink({ endEach: async () => recipients.map((_path, index) => (index === 1 ? full : reply(250, "2.0.0", "OK"))) }),
  });
  listen(world, { handler, ...LMTP });
  const opened = await world.until(open(world, LMTP));
  assert(opened.ok);
  const to = envelope("b@scop.test", "c@scop.test", "d@scop.test");
  const outcomes = await world.until(opened.client.send(to, [latin1Bytes("hi\r\n")]));
  assert.deepEqual(words(outcomes), ["delivered 250", "temporary 452", "delivered 250"]);
  await world.until(opened.client.quit());
});
