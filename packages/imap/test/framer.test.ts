import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import {
  acceptLiteral,
  emptyFramer,
  type Framer,
  feed,
  nextFrame,
  type Piece,
  refuseCommand,
  streamLiteral,
} from "../src/index.ts";

const LIMITS = { commandOctets: 100, skippedOctets: 1000 };
const REFUSAL = { code: "refused", offset: 0, length: 0, rule: "RFC 7888 4" };

function show(pieces: readonly Piece[]): string {
  return pieces.map(piece => (piece.kind === "text" ? latin1(piece.bytes) : `<${latin1(piece.bytes)}>`)).join("");
}

type Decide = "accept" | "refuse" | "stream";

/** What the framer says to octets that come in these pieces; chunks are put together, since they follow the cuts. */
function frames(pieces: readonly string[], decide: (octets: number) => Decide, raw = false): readonly string[] {
  let framer: Framer = emptyFramer;
  const said: string[] = [];
  let chunk = "";
  for (const piece of pieces) {
    framer = feed(framer, latin1Bytes(piece));
    for (;;) {
      const next = nextFrame(framer, LIMITS, raw);
      framer = next.framer;
      const { frame } = next;
      if (frame.frame === "bytes") break;
      if (frame.frame === "overflow") return [...said, `overflow ${frame.error.code}`];
      if (frame.frame === "command") said.push(`command ${show(frame.pieces)}`);
      if (frame.frame === "refused") said.push(`refused ${frame.error.code}`);
      if (frame.frame === "chunk") {
        chunk += latin1(frame.bytes);
        if (frame.last) {
          said.push(`message ${chunk}`);
          chunk = "";
        }
      }
      if (frame.frame === "literal") {
        said.push(`literal ${frame.octets} ${frame.synchronising ? "waits" : "comes"}`);
        const decision = decide(frame.octets);
        if (decision === "accept") framer = acceptLiteral(framer);
        else if (decision === "stream") framer = streamLiteral(framer);
        else framer = refuseCommand(framer, REFUSAL);
      }
    }
  }
  return said;
}

const accept = (): Decide => "accept";
const refuse = (): Decide => "refuse";
const stream = (): Decide => "stream";

const table: readonly (readonly [what: string, input: string, decide: () => Decide, said: readonly string[]])[] = [
  ["a line is a command", "a NOOP\r\n", accept, ["command a NOOP"]],
  ["an empty line is a command", "\r\n", accept, ["command "]],
  ["two lines are two commands", "a NOOP\r\nb NOOP\r\n", accept, ["command a NOOP", "command b NOOP"]],
  ["a bare LF ends a refused command", "a NOOP\nb NOOP\r\n", accept, ["refused bare-lf", "command b NOOP"]],
  ["a bare CR is left to the parser", "a NO\rOP\r\n", accept, ["command a NO\rOP"]],
  [
    "a literal is part of its command",
    "a LOGIN {3}\r\nbob {2+}\r\n\r\n\r\n",
    accept,
    ["literal 3 waits", "literal 2 comes", "command a LOGIN <bob> <\r\n>"],
  ],
  ["an empty literal", "a X {0+}\r\n\r\n", accept, ["literal 0 comes", "command a X <>"]],
  ["a brace within a line is text", "a {3}X\r\n", accept, ["command a {3}X"]],
  ["a brace without digits is text", "a {}\r\n", accept, ["command a {}"]],
  [
    "a literal that waits is refused at once",
    "a X {5}\r\nb NOOP\r\n",
    refuse,
    ["literal 5 waits", "refused refused", "command b NOOP"],
  ],
  [
    "a literal that comes is skipped",
    "a X {5+}\r\n\r\nb\r\n Y\r\nc NOOP\r\n",
    refuse,
    ["literal 5 comes", "refused refused", "command c NOOP"],
  ],
  [
    "what follows in a refused command is skipped with its literals",
    "a X {2+}\r\nxx Y {3+}\r\n\r\n! Z\r\nb NOOP\r\n",
    refuse,
    ["literal 2 comes", "refused refused", "command b NOOP"],
  ],
  [
    "a refused command ends before a literal that waits",
    "a X {2+}\r\nxx Y {3}\r\nb NOOP\r\n",
    refuse,
    ["literal 2 comes", "refused refused", "command b NOOP"],
  ],
  [
    "a huge literal that comes ends the connection",
    "a X {4294967295+}\r\n",
    refuse,
    ["literal 4294967295 comes", "overflow refused"],
  ],
  [
    "more digits than a number has",
    `a X {${"9".repeat(60)}+}\r\n`,
    refuse,
    ["literal 1e+60 comes", "overflow refused"],
  ],
  [
    "a message is passed through",
    "a A {4}\r\n\r\n\r\n\r\n",
    stream,
    ["literal 4 waits", "message \r\n\r\n", "command a A <>"],
  ],
  ["an empty message is passed through", "a A {0+}\r\n\r\n", stream, ["literal 0 comes", "message ", "command a A <>"]],
  ["a command at its limit", `${"x".repeat(100)}\r\n`, accept, [`command ${"x".repeat(100)}`]],
  [
    "a command beyond its limit",
    `${"x".repeat(101)}\r\na NOOP\r\n`,
    accept,
    ["refused command-too-long", "command a NOOP"],
  ],
  [
    "a long line that ends with a literal",
    `${"x".repeat(200)} {4+}\r\n\r\n\r\n\r\na NOOP\r\n`,
    accept,
    ["refused command-too-long", "command a NOOP"],
  ],
  ["a line that never ends", "x".repeat(1200), accept, ["overflow command-too-long"]],
  [
    "text after literals counts too",
    `a {1+}\r\n-${"x".repeat(96)}\r\nb NOOP\r\n`,
    accept,
    ["literal 1 comes", "refused command-too-long", "command b NOOP"],
  ],
];

describe("the framer", () => {
  for (const [what, input, decide, said] of table) {
    test(what, () => assert.deepEqual(frames([input], decide), said));
    test(`${what}, octet by octet`, () => assert.deepEqual(frames([...input], decide), said));
  }
  test("raw lines announce no literals", () => {
    assert.deepEqual(frames(["abc{3}\r\n", "DONE\r\n"], accept, true), ["command abc{3}", "command DONE"]);
  });
  test("any cuts give the same frames", () => {
    const part = fc.constantFrom(
      "a X",
      " {3}\r\n",
      " {3+}\r\n",
      "abc",
      "\r\n",
      "\n",
      "\r",
      "x".repeat(60),
      " {40+}\r\n",
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 30 }),
        fc.array(fc.nat(400), { maxLength: 10 }),
        fc.nat(2),
        (parts, cuts, how) => {
          const input = parts.join("");
          const decide = (octets: number): Decide =>
            how === 0 ? "accept" : octets === 40 ? "refuse" : how === 1 ? "stream" : "accept";
          const pieces: string[] = [];
          let at = 0;
          for (const cut of [...cuts.map(place => place % (input.length + 1)).sort((a, b) => a - b), input.length]) {
            pieces.push(input.slice(at, cut));
            at = cut;
          }
          assert.deepEqual(frames(pieces, decide), frames([input], decide));
        },
      ),
    );
  });
});
