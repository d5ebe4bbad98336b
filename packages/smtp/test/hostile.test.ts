import assert from "node:assert/strict";
import { test } from "node:test";
import { serverLimits } from "@scop/smtp";
import fc from "fast-check";
import { codes, converse, HELLO } from "./machine.ts";

const fragments = fc.constantFrom(
  "MAIL",
  "RCPT",
  "DATA",
  "AUTH",
  "NOOP",
  "QUIT",
  "RSET",
  "VRFY",
  "HELO",
  " ",
  "FROM:",
  "TO:",
  "<a@b>",
  "<>",
  "PLAIN",
  "=",
  "SIZE=",
  "\xc3\xa4",
  "\xff",
  "\t",
  "x",
  "\0",
);
const line = fc.array(fragments, { maxLength: 6 }).map(parts => parts.join(""));

test("every line gets one reply, and 4xx and 5xx carry an enhanced code of their class", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), lines => {
      const limits = { ...serverLimits, errors: 1_000 };
      // DATA and AUTH change what a line is; they are tried elsewhere.
      const sent = lines.filter(text => !/^(?:DATA|AUTH|QUIT)\s*$/.test(text));
      const { said, questions } = converse([HELLO, ...sent.map(text => `${text}\r\n`)], { limits });
      assert.equal(codes(said).length, sent.length + 2, JSON.stringify(sent));
      for (const reply of said.split("\r\n").filter(text => /^[45]/.test(text))) {
        assert.match(reply, /^([45])[0-9][0-9][ -]\1\.[0-9]+\.[0-9]+ /);
      }
      assert(questions.length <= sent.length);
    }),
  );
});

test("a batch is answered alike however it is cut", () => {
  const ends = fc.constantFrom("\r\n", "\r\n", "\r\n", "\n", "\r");
  const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(fc.tuple(line, ends), { maxLength: 12 }), sizes, (lines, steps) => {
      const sent = HELLO + lines.map(([text, end]) => text + end).join("");
      const cut: string[] = [];
      for (let at = 0, index = 0; at < sent.length; index += 1) {
        const size = steps[index % steps.length]!;
        cut.push(sent.slice(at, at + size));
        at += size;
      }
      const [whole, pieces] = [converse([sent]), converse(cut)];
      assert.deepEqual([pieces.said, pieces.questions, pieces.messages], [whole.said, whole.questions, whole.messages]);
    }),
  );
});
