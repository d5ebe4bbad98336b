import assert from "node:assert/strict";
import { test } from "node:test";
import { CharClass, equalIgnoringCase, isClass, lowerAscii } from "@scop/wire";

/** Each class as its grammar has it. */
const classes: readonly [name: keyof typeof CharClass, members: RegExp][] = [
  ["alpha", /[A-Za-z]/],
  ["digit", /[0-9]/],
  ["atext", /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]/],
  ["token", /[^\x00-\x20\x7f-\uffff()<>@,;:\\"/[\]?=]/],
  ["fieldName", /[!-9;-~]/],
  ["whitespace", /[ \t]/],
  ["hexDigit", /[0-9A-Fa-f]/],
  ["control", /[\x00-\x1f\x7f]/],
];

test("each class has exactly the octets of its grammar", () => {
  assert.deepEqual(classes.map(([name]) => name).sort(), Object.keys(CharClass).sort());
  for (const [name, members] of classes) {
    for (let code = 0; code < 0x300; code += 1) {
      assert.equal(isClass(code, CharClass[name]), members.test(String.fromCharCode(code)), `${name} ${code}`);
    }
  }
});

test("the end of the input is in no class", () => {
  for (const mask of Object.values(CharClass)) assert.equal(isClass(-1, mask), false);
});

test("classes are joined by or", () => {
  assert.ok(isClass(0x31, CharClass.alpha | CharClass.digit));
  assert.ok(!isClass(0x2d, CharClass.alpha | CharClass.digit));
});

test("only ASCII letters have a lower case", () => {
  for (let code = 0; code < 0x300; code += 1) {
    const upper = code >= 0x41 && code <= 0x5a;
    assert.equal(lowerAscii(code), upper ? code + 32 : code);
  }
});

test("texts are compared without the case of ASCII letters", () => {
  const rows: readonly [a: string, b: string, equal: boolean][] = [
    ["Example.ORG", "example.org", true],
    ["a", "ab", false],
    ["[", "{", false],
    ["É", "é", false],
    ["\u212a", "k", false],
    ["", "", true],
  ];
  for (const [a, b, equal] of rows) assert.equal(equalIgnoringCase(a, b), equal, `${a} ${b}`);
});
