import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addressesOf,
  bodyDiagnostics,
  checkMessage,
  composeChunks,
  composeMessage,
  dateOf,
  displayNameOf,
  embeddedPartsOf,
  fieldText,
  fileNameOf,
  firstField,
  type MessageDraft,
  mailboxesOf,
  messageIdsOf,
  parseMessage,
  parseMessageStrictly,
  partBytes,
  partsOf,
  partText,
  readingRules,
  subjectOf,
} from "@scop/mime";
import { brokenMessages, composedMessages, draftOf, inBody, inField, mutatedMessages } from "@scop/mime/arbitrary";
import { composeStream } from "@scop/mime/run";
import { concat, equalBytes, isAscii, latin1, utf8Lossy } from "@scop/wire";
import fc from "fast-check";
import { assertAsIndexed, eventsOf } from "./events.ts";
import { cut } from "./pieces.ts";

const drafts = fc.uint8Array({ maxLength: 400 }).map(draftOf);

/** The names of all fields that a draft asks for, in order. */
function fieldNames(draft: MessageDraft): readonly string[] {
  const has = (list: readonly unknown[] | undefined, name: string): readonly string[] =>
    list === undefined || list.length === 0 ? [] : [name];
  return [
    ...["Date", "From", "Sender", ...has(draft.replyTo, "Reply-To"), ...has(draft.to, "To"), ...has(draft.cc, "Cc")],
    ...(draft.subject === undefined ? [] : ["Subject"]),
    ...["Message-ID", ...has(draft.inReplyTo, "In-Reply-To"), ...has(draft.references, "References")],
    ...(draft.fields ?? []).map(field => field.name),
    ...["MIME-Version", "Content-Type"],
  ];
}

const ENCODING = "Content-Transfer-Encoding";

test("no value makes a field, a line or a part of its own", () => {
  fc.assert(
    fc.property(drafts, draft => {
      const message = parseMessage(composeMessage(draft));
      const names = message.header.map(field => field.name);
      assert.deepEqual(names.at(-1) === ENCODING ? names.slice(0, -1) : names, fieldNames(draft));
      const leaves = partsOf(message.root).filter(part => part.children.length === 0);
      const shown = (draft.attachments ?? []).length;
      const texts = [draft.text, draft.html].filter(each => each !== undefined).length;
      assert.equal(leaves.length, Math.max(1, texts) + (draft.calendar === undefined ? 0 : 1) + shown);
    }),
    { numRuns: 500 },
  );
});

test("strict reading of what was composed finds nothing; lines are short, and ASCII unless UTF-8 was asked for", () => {
  const kept = new Set(readingRules.filter(rule => !rule.isForbidden).map(rule => rule.code));
  fc.assert(
    fc.property(drafts, draft => {
      const bytes = composeMessage(draft);
      const read = parseMessageStrictly(bytes);
      assert.ok(read.ok, JSON.stringify(read.ok || read.error));
      const isAsciiDraft = draft.form !== "utf8" && isAscii(bytes);
      const codes = read.notes.map(found => found.code);
      // RFC 6532 allows UTF-8, which is noted all the same.
      assert.deepEqual(
        codes.filter(code => code !== "raw-utf8" || isAsciiDraft),
        [],
      );
      assert.ok(codes.every(code => kept.has(code)));
      for (const line of utf8Lossy(bytes).split("\r\n")) assert.ok(line.length <= 998);
      for (const line of latin1(bytes, 0, read.value.root.bodyOffset).split("\r\n")) assert.ok(line.length <= 998);
    }),
    { numRuns: 1000 },
  );
});

test("what was composed reads back as what it was made from", () => {
  fc.assert(
    fc.property(drafts, draft => {
      const message = parseMessage(composeMessage(draft));
      assert.equal(subjectOf(message), draft.subject === undefined ? undefined : inField(draft.subject));
      assert.deepEqual(dateOf(message), draft.date);
      assert.deepEqual(messageIdsOf(message, "references"), draft.references);
      const from = mailboxesOf(addressesOf(message, "from").addresses);
      assert.deepEqual(
        from.map(each => [displayNameOf(each), each.localPart, each.domain]),
        draft.from.map(({ name, mailbox }) => [inField(name), mailbox.localPart, mailbox.domain]),
      );
      for (const { name, value } of draft.fields?.slice(0, 1) ?? []) {
        assert.equal(fieldText(message.bytes, firstField(message.header, name)!), inField(value));
      }
      const leaves = partsOf(message.root).filter(part => part.children.length === 0);
      const texts = leaves.map(part => partText(message, part));
      for (const text of [draft.text, draft.html, draft.calendar?.text]) {
        assert.ok(text === undefined || texts.includes(inBody(text)));
      }
      const octets = leaves.map(part => latin1(partBytes(message, part)));
      for (const { bytes, mediaType } of draft.attachments ?? []) {
        assert.ok(mediaType.startsWith("message/") || octets.includes(latin1(bytes)));
      }
    }),
    { numRuns: 500 },
  );
});

/** Octets in pieces of these lengths, over and over. */
function* pieces(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const length = lengths[index % lengths.length]!;
    yield bytes.slice(at, at + length);
    at += length;
  }
}

const lengths = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });

test("a message in chunks is the message; content that comes in pieces makes no difference", async () => {
  await fc.assert(
    fc.asyncProperty(drafts, lengths, async (draft, cuts) => {
      const whole = composeMessage(draft);
      assert.ok(equalBytes(concat([...composeChunks(draft)]), whole));
      const attachments = (draft.attachments ?? []).filter(each => !each.mediaType.startsWith("message/"));
      const streamed = {
        ...draft,
        attachments: attachments.map(each => ({ ...each, content: pieces(each.bytes, cuts) })),
      };
      const chunks = concat([...composeChunks(streamed)]);
      const waited: Uint8Array[] = [];
      const wait = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
        yield* pieces(bytes, cuts);
      };
      const waiting = { ...draft, attachments: attachments.map(each => ({ ...each, content: wait(each.bytes) })) };
      for await (const chunk of composeStream(waiting)) waited.push(chunk);
      assert.ok(equalBytes(concat(waited), chunks));
      const message = parseMessage(chunks);
      const octets = partsOf(message.root).map(part =>
        part.children.length === 0 ? latin1(partBytes(message, part)) : "",
      );
      for (const each of attachments) assert.ok(octets.includes(latin1(each.bytes)));
    }),
    { numRuns: 200 },
  );
});

test("a large attachment goes out in chunks of at most 64 KB, and is asked for piece by piece", () => {
  let asked = 0;
  const content = (function* () {
    for (; asked < 40; asked += 1) yield new Uint8Array(100_000).fill(asked);
  })();
  const head = { mediaType: "application/x-a", fileName: "a", disposition: "attachment" } as const;
  let before = 0;
  let octets = 0;
  for (const chunk of composeChunks({ ...draftOf(new Uint8Array(0)), attachments: [{ ...head, content }] })) {
    assert.ok(chunk.length <= 66_500);
    assert.ok(asked - before <= 1);
    before = asked;
    octets += chunk.length;
  }
  assert.equal(asked, 40);
  assert.ok(octets > 4_000_000 * 1.36);
});

/** Everything that can be asked of a message. */
function readAll(bytes: Uint8Array): void {
  const message = parseMessage(bytes);
  for (const found of [...checkMessage(message), ...bodyDiagnostics(message)]) {
    assert.ok(found.offset >= 0 && found.offset + found.length <= bytes.length);
  }
  for (const part of partsOf(message.root)) {
    fileNameOf(message, part);
    embeddedPartsOf(message, part);
    for (const field of part.header) assert.ok(!/[\r\n\0]/.test(fieldText(bytes, field)));
  }
  parseMessageStrictly(bytes);
}

const anyMessage = fc.oneof(composedMessages(fc), brokenMessages(fc), mutatedMessages(fc));

test("no message throws: random octets, broken lines, mutated messages", () => {
  fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 500 }), anyMessage), readAll), { numRuns: 1000 });
});

test("any split of any message gives the events of its index", () => {
  fc.assert(
    fc.property(anyMessage, fc.array(fc.nat(4000), { maxLength: 8 }), (bytes, cuts) => {
      const options = { content: "raw" } as const;
      assertAsIndexed(bytes, eventsOf(cut(bytes, cuts), options), options);
    }),
    { numRuns: 300 },
  );
});
