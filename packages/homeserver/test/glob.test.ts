import assert from "node:assert/strict";
import { test } from "node:test";
import { Glob } from "../src/push/glob.ts";

const WHOLE: readonly (readonly [pattern: string, text: string, fits: boolean])[] = [
  ["m.room.message", "m.room.message", true],
  ["M.ROOM.*", "m.room.message", true],
  ["m.room", "m.room.message", false],
  ["*", "", true],
  ["**", "anything", true],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["a*b*c", "a-b-b-c", true],
  ["a*b*c", "a-c-b", false],
  ["ab*ba", "aba", false],
  ["*.test", "a.test", true],
  ["", "", true],
  ["", "x", false],
];

for (const [pattern, text, fits] of WHOLE)
  test(`"${pattern}" ${fits ? "fits" : "does not fit"} the whole of "${text}"`, () => {
    assert.equal(new Glob(pattern).fits(text), fits);
  });

const WORDS: readonly (readonly [pattern: string, text: string, fits: boolean])[] = [
  ["lunch", "The Lunch is ready", true],
  ["lunch", "unlunched", false],
  ["lunch", "lunch_time", false],
  ["lunch", "lunch!", true],
  ["lunch", "no. (lunch)", true],
  ["lun?h", "lunch", true],
  ["lun*", "we lunched today", true],
  ["l*y", "lunch today", true],
  ["l*z", "lunch today", false],
  ["aa", "aaa aa", true],
  ["", "x", true],
  ["*", "", true],
];

for (const [pattern, text, fits] of WORDS)
  test(`"${pattern}" ${fits ? "is" : "is no"} word of "${text}"`, () => {
    assert.equal(new Glob(pattern).fitsWord(text), fits);
  });

test("attack: a pattern and a text that take an expression for ever are answered by looking at each place once", () => {
  const text = "a".repeat(60_000);
  assert.equal(new Glob(`${"*a".repeat(200)}*b`).fits(text), false);
  assert.equal(new Glob(`${"a*".repeat(200)}b`).fitsWord(text), false);
  assert.equal(new Glob(`${"?".repeat(200)}b`).fitsWord(text), false);
  assert.equal(new Glob("a".repeat(500)).fitsWord(`${"a".repeat(499)} ${text}`), false);
});
