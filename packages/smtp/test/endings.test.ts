import assert from "node:assert/strict";
import { test } from "node:test";
import { dataEnd, type ServerState, type StuffingPosition, stepServer, stuff } from "@scop/smtp";
import { concat, latin1, latin1Bytes } from "@scop/wire";
import { converse, HELLO, TRANSACTION } from "./machine.ts";

/** What the endings that were found to be taken for the end (CVE-2023-51764 and its siblings) are made of. */
const ALPHABET = ["\r", "\n", ".", "\0"];
/** All 349,525 texts up to here are tried in one piece. */
const LENGTH_MAX = 9;
/** All 5,461 texts up to here are tried with every way to cut them. */
const CUT_LENGTH_MAX = 6;

/** All texts over the alphabet up to a length, the empty one first. */
function* texts(length: number): Generator<string> {
  let level = [""];
  for (let size = 0; size <= length; size += 1) {
    yield* level;
    if (size < length) level = level.flatMap(text => ALPHABET.map(octet => text + octet));
  }
}

/** Every way to cut a text into pieces: bit n of the number cuts after octet n. */
function* cuts(text: string): Generator<readonly string[]> {
  for (let mask = 0; mask < 1 << Math.max(0, text.length - 1); mask += 1) {
    const pieces: string[] = [];
    let from = 0;
    for (let at = 1; at < text.length; at += 1) {
      if ((mask & (1 << (at - 1))) === 0) continue;
      pieces.push(text.slice(from, at));
      from = at;
    }
    pieces.push(text.slice(from));
    yield pieces;
  }
}

/** What has to become of octets after DATA, said without looking at how the library does it. */
function expected(sent: string): "open" | "refused" | "accepted" {
  // RFC 5321 4.1.1.4: the CRLF of the DATA line is part of the end
  const end = `\r\n${sent}`.indexOf("\r\n.\r\n");
  if (end < 0) return "open";
  const message = `\r\n${sent}`.slice(0, end + 2);
  return /[\r\n\0]/.test(message.replaceAll("\r\n", "")) ? "refused" : "accepted";
}

/** What became of them: whether the handler was asked about the end, or the phase left without it. */
function found(from: ServerState, pieces: readonly string[]): "open" | "refused" | "accepted" {
  let state = from;
  for (const piece of pieces) {
    if (state.question !== undefined || state.phase.phase !== "body") break;
    const step = stepServer(state, { on: "bytes", bytes: latin1Bytes(piece) });
    state = step.state;
  }
  if (state.question?.ask === "end") return "accepted";
  return state.phase.phase === "body" ? "open" : "refused";
}

for (const [what, before] of [
  ["directly after DATA", ""],
  ["within a line", "a"],
  ["after a line", "a\r\n"],
] as const) {
  test(`of all texts over CR, LF, dot and NUL up to length ${LENGTH_MAX} ${what}, CRLF.CRLF alone ends a message`, () => {
    const { state } = converse([HELLO, TRANSACTION + before]);
    const counts = { open: 0, refused: 0, accepted: 0 };
    for (const text of texts(LENGTH_MAX)) {
      const wanted = expected(before + text);
      const got = found(state, [text]);
      if (got !== wanted) assert.equal(got, wanted, JSON.stringify(before + text));
      counts[got] += 1;
    }
    assert.equal(counts.open + counts.refused + counts.accepted, 349_525);
    assert(counts.accepted > 0 && counts.refused > 0);
  });

  test(`the same ${what} however the texts up to length ${CUT_LENGTH_MAX} are cut`, () => {
    const { state } = converse([HELLO, TRANSACTION + before]);
    for (const text of texts(CUT_LENGTH_MAX)) {
      const wanted = expected(before + text);
      for (const pieces of cuts(text)) {
        const got = found(state, pieces);
        if (got !== wanted) assert.equal(got, wanted, JSON.stringify([before, ...pieces]));
      }
    }
  });
}

test("counted octets are taken where DATA would take them, and never end early", () => {
  const chunked = HELLO + TRANSACTION.replace("DATA\r\n", "");
  for (const text of texts(CUT_LENGTH_MAX)) {
    const isClean = !/[\r\n\0]/.test(text.replaceAll("\r\n", ""));
    const command = `BDAT ${text.length} LAST\r\n`;
    for (const pieces of text.length <= 4 ? cuts(text) : [[text]]) {
      const record = converse([chunked, command, ...pieces, "NOOP\r\n"]);
      assert.deepEqual(record.messages, isClean ? [text] : [], JSON.stringify(pieces));
      assert.match(record.said, isClean ? /250 2\.0\.0 Message accepted\r\n250/ : /550 5\.6\.0 .*\r\n250/);
    }
  }
});

/** What goes out for a message in these pieces; undefined where it is refused. */
function sent(pieces: readonly string[]): string | undefined {
  let position: StuffingPosition = "start";
  const parts: Uint8Array[] = [];
  for (const piece of pieces) {
    const stuffed = stuff(position, latin1Bytes(piece));
    if (stuffed.error !== undefined) return undefined;
    parts.push(...stuffed.parts);
    position = stuffed.position;
  }
  const end = dataEnd(position);
  return end && latin1(concat([...parts, end]));
}

function checkSent(text: string, pieces: readonly string[]): void {
  const out = sent(pieces);
  const isClean = !/[\r\n]/.test(text.replaceAll("\r\n", ""));
  const about = JSON.stringify(pieces);
  if ((out !== undefined) !== isClean) assert.equal(out !== undefined, isClean, about);
  if (out === undefined) return;
  const ends = `\r\n${out}`.indexOf("\r\n.\r\n") === out.length - 3;
  const isBare = /[\r\n]/.test(out.replaceAll("\r\n", ""));
  if (!ends || isBare) assert.fail(`${about} went out as ${JSON.stringify(out)}`);
}

test(`of all texts up to length ${LENGTH_MAX} none goes out with a bare CR or LF, or with an end before its end`, () => {
  for (const text of texts(LENGTH_MAX)) checkSent(text, [text]);
});

test(`the same however the texts up to length ${CUT_LENGTH_MAX} are cut`, () => {
  for (const text of texts(CUT_LENGTH_MAX)) for (const pieces of cuts(text)) checkSent(text, pieces);
});
