import assert from "node:assert/strict";
import { test } from "node:test";
import { simulation } from "@scop/sim";
import { type RecipientOutcome, serverLimits } from "@scop/smtp";
import { latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { converse as asClient, send, to, words } from "./client-machine.ts";
import { codes, converse, HELLO, last } from "./machine.ts";
import { envelope, keeper, listen, open } from "./world.ts";

const ENVELOPE = "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@scop.test>\r\n";
const BINARY = ENVELOPE.replace(">\r\n", "> BODY=BINARYMIME\r\n");

/** What is sent after EHLO, the codes that answer it, and the messages that were taken. */
const rows: readonly (readonly [what: string, sent: string, codes: readonly number[], messages: readonly string[]])[] =
  [
    ["one chunk", `${ENVELOPE}BDAT 4 LAST\r\nhi\r\n`, [250, 250, 250], ["hi\r\n"]],
    ["three chunks", `${ENVELOPE}BDAT 3\r\nhi\rBDAT 1\r\n\nBDAT 0 LAST\r\n`, [250, 250, 250, 250, 250], ["hi\r\n"]],
    ["an empty message", `${ENVELOPE}BDAT 0 LAST\r\nNOOP\r\n`, [250, 250, 250, 250], [""]],
    ["dots that stay", `${ENVELOPE}BDAT 10 LAST\r\n..a\r\n.\r\n\r\n`, [250, 250, 250], ["..a\r\n.\r\n\r\n"]],
    ["a line without its end", `${ENVELOPE}BDAT 2 LAST\r\nhi`, [250, 250, 250], ["hi"]],
    ["a bare LF", `${ENVELOPE}BDAT 4 LAST\r\na\nbcNOOP\r\n`, [250, 250, 550, 250], []],
    ["a CR at the very end", `${ENVELOPE}BDAT 2 LAST\r\na\r`, [250, 250, 550], []],
    ["a NUL", `${ENVELOPE}BDAT 2 LAST\r\na\0`, [250, 250, 550], []],
    [
      "chunks after one that was refused",
      `${ENVELOPE}BDAT 1\r\n\nBDAT 4 LAST\r\nQUITNOOP\r\n`,
      [250, 250, 550, 503, 250],
      [],
    ],
    ["a chunk before MAIL", "BDAT 6\r\nQUIT\r\nNOOP\r\n", [503, 250], []],
    ["a chunk before RCPT", "MAIL FROM:<>\r\nBDAT 6\r\nQUIT\r\nRSET\r\n", [250, 503, 250], []],
    ["a chunk without a size", `${ENVELOPE}BDAT\r\nNOOP\r\n`, [250, 250, 421], []],
    ["a chunk with a size that is none", `${ENVELOPE}BDAT 1e3 LAST\r\n`, [250, 250, 421], []],
    ["RSET between chunks", `${ENVELOPE}BDAT 1\r\naRSET\r\nBDAT 0 LAST\r\n`, [250, 250, 250, 250, 503], []],
    ["EHLO between chunks", `${ENVELOPE}BDAT 1\r\naEHLO x\r\nBDAT 0 LAST\r\n`, [250, 250, 250, 250, 503], []],
    [
      "MAIL, RCPT and DATA between chunks",
      `${ENVELOPE}BDAT 1\r\naMAIL FROM:<>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n`,
      [250, 250, 250, 503, 503, 503],
      [],
    ],
    ["NOOP between chunks", `${ENVELOPE}BDAT 1\r\naNOOP\r\nBDAT 1 LAST\r\nb`, [250, 250, 250, 250, 250], ["ab"]],
    ["binary octets", `${BINARY}BDAT 12 LAST\r\nA: b\r\n\r\n\0\n\r.`, [250, 250, 250], ["A: b\r\n\r\n\0\n\r."]],
    ["binary octets in the header", `${BINARY}BDAT 12 LAST\r\nA: b\n\r\n\r\n\0\n\r`, [250, 250, 550], []],
    ["DATA for a binary message", `${BINARY}DATA\r\n`, [250, 250, 503], []],
  ];
for (const [what, sent, wanted, messages] of rows) {
  test(`BDAT with ${what}: ${wanted.join(" ")}`, () => {
    for (const pieces of [[sent], [...sent]]) {
      const record = converse([HELLO, ...pieces]);
      assert.deepEqual(codes(record.said), [220, 250, ...wanted]);
      assert.deepEqual(record.messages, messages);
    }
  });
}

test("where BDAT is not offered its octets are no commands either", () => {
  const record = converse([HELLO, `${ENVELOPE}BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n`], { extensions: [] });
  assert.deepEqual(codes(record.said), [220, 250, 250, 250, 502, 250]);
  assert.equal(last(converse([HELLO, BINARY], { extensions: ["CHUNKING"] }).said).slice(0, 3), "503");
});

test("a message in chunks is given up when it grows too large, and the rest is read", () => {
  const limits = { ...serverLimits, messageOctets: 10 };
  const chunk = `BDAT 8\r\n${"x".repeat(8)}`;
  const record = converse([HELLO, `${ENVELOPE}${chunk}${chunk}${chunk}NOOP\r\n`], { limits });
  assert.deepEqual([codes(record.said).slice(4), record.aborted, record.messages], [[250, 552, 503, 250], 1, []]);
  assert.equal(converse([HELLO, `${ENVELOPE}BDAT 21 LAST\r\n`], { limits }).closed, 1);
});

test("what the stage says about the message is said after the octets", () => {
  const record = converse([HELLO, `${ENVELOPE}BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n`], {}, question =>
    question.ask === "data" ? { code: 452, enhanced: "4.3.1", lines: ["Full"] } : undefined,
  );
  assert.deepEqual([codes(record.said).slice(4), record.aborted], [[452, 250], 0]);
});

test("a client that goes away between chunks aborts the message, and so does a shutdown", () => {
  for (const end of [{ on: "ended" }, { on: "closing" }] as const) {
    assert.deepEqual(converse([HELLO, `${ENVELOPE}BDAT 1\r\na`, end]).aborted, 1);
    const within = converse([HELLO, `${ENVELOPE}BDAT 9\r\na`, end]);
    assert.equal(within.aborted, end.on === "ended" ? 1 : 0);
  }
});

const CHUNKING = "220 mx ESMTP\r\n250-mx\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 BINARYMIME\r\n";
const binary = { on: "send", envelope: { ...to("b@example.net", "c@example.net"), content: "binary" } } as const;

/** What a server says to a binary message in three chunks, and what becomes of it. */
const replies: readonly (readonly [what: string, said: readonly string[], outcomes: readonly string[]])[] = [
  ["all is well", ["250 a\r\n250 b\r\n250 c\r\n", "250 1\r\n250 2\r\n250 3\r\n"], ["delivered 250", "delivered 250"]],
  [
    "one recipient is refused",
    ["250 a\r\n550 b\r\n250 c\r\n", "250 1\r\n250 2\r\n250 3\r\n"],
    ["permanent 550", "delivered 250"],
  ],
  ["both are", ["250 a\r\n550 b\r\n450 c\r\n"], ["permanent 550", "temporary 450"]],
  [
    "a chunk is refused",
    ["250 a\r\n250 b\r\n250 c\r\n", "452 1\r\n503 2\r\n503 3\r\n"],
    ["temporary 452", "temporary 452"],
  ],
  ["MAIL is refused", ["550 a\r\n503 b\r\n503 c\r\n"], ["permanent 550", "permanent 550"]],
];
for (const [what, said, wanted] of replies) {
  test(`a client sends chunks: ${what}`, () => {
    const { outcomes, wrote } = asClient([CHUNKING, binary, ...said], {}, 3);
    assert.deepEqual(words(outcomes), wanted);
    assert.match(wrote[1]!, /^MAIL FROM:<a@example\.org> BODY=BINARYMIME\r\n/);
  });
}

test("a binary message is not sent to a server that lacks either extension", () => {
  for (const lacking of [CHUNKING.replace("CHUNKING", "X"), CHUNKING.replace("BINARYMIME", "X")]) {
    const { outcomes } = asClient([lacking, binary]);
    assert.deepEqual(words(outcomes), ["permanent BINARYMIME", "permanent BINARYMIME"]);
  }
  assert.equal(asClient([CHUNKING, send("b@example.net")]).wrote.length, 2);
});

test("binary messages arrive as they are, from an array and from a source, in any weather", async () => {
  const octets = fc.array(fc.constantFrom("\0", "\r", "\n", ".", "\r\n.\r\n", "QUIT\r\n", "x".repeat(500)), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(
      octets,
      fc.nat({ max: 20 }),
      fc.boolean(),
      fc.integer(),
      async (parts, pieceOctetsMax, whole, seed) => {
        const world = simulation(seed, { latencyMs: 1, pieceOctetsMax });
        const { kept, handler } = keeper();
        listen(world, { handler, extensions: ["CHUNKING", "BINARYMIME"] });
        const pieces = ["A: b\r\n\r\n", ...parts].map(part => latin1Bytes(part));
        async function* source() {
          yield* pieces;
        }
        const opened = await world.until(open(world));
        assert(opened.ok);
        const message = { ...envelope("b@scop.test"), content: "binary" } as const;
        for (let count = 0; count < 2; count += 1) {
          const [outcome]: readonly RecipientOutcome[] = await world.until(
            opened.client.send(message, whole ? pieces : source()),
          );
          assert.equal(outcome?.outcome, "delivered");
        }
        const text = `A: b\r\n\r\n${parts.join("")}`;
        assert.deepEqual(
          kept.messages.map(each => each.text),
          [text, text],
        );
      },
    ),
    { numRuns: 30 },
  );
});
