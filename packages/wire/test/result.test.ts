import assert from "node:assert/strict";
import { test } from "node:test";
import * as wire from "@scop/wire";

test("a failure says what, where and by which rule", () => {
  const failure = wire.failed("bare-lf", 412, 1, "RFC 5322 2.3");
  assert.ok(!failure.ok);
  assert.equal(wire.describe(failure.error), "bare-lf at 412 (RFC 5322 2.3)");
});

test("a value may have notes, and the shared empty list of them cannot grow", () => {
  const note: wire.Diagnostic = { code: "bare-lf", offset: 1, length: 1, rule: "RFC 5322 2.3" };
  assert.deepEqual(wire.parsed(1, [note]), { ok: true, value: 1, notes: [note] });
  const clean = wire.parsed(1);
  assert.ok(clean.ok);
  assert.throws(() => (clean.notes as wire.Diagnostic[]).push(note), TypeError);
});

test("a mistake in the program is thrown by name", () => {
  wire.assert(true, "never thrown");
  assert.throws(() => wire.assert(false, "the queue is bounded"), {
    name: "ProgrammerError",
    message: "assertion failed: the queue is bounded",
  });
  assert.throws(() => wire.unreachable({ phase: "lost" } as never), {
    name: "ProgrammerError",
    message: 'unreachable: {"phase":"lost"}',
  });
});
