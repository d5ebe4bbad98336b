import assert from "node:assert/strict";
import { ALICE, BOB } from "./server.ts";

/** A message from alice to bob with what goes wrong easily: folded fields, lines of dots, an empty line at the end. */
export function sampleMessage(marker: string): Buffer {
  const lines = [
    `From: Alice <${ALICE}>`,
    `To: Bob <${BOB}>`,
    `Subject: a folded`,
    `\tsubject of ${marker}`,
    "Date: Mon, 23 Nov 2026 09:00:00 +0000",
    `Message-ID: <${marker}@scop.test>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 7bit",
    "",
    "Hello Bob,",
    ".",
    "..two dots",
    ".one dot and a line of 900 letters",
    "x".repeat(900),
    "From here on =3D nothing is changed. ",
    "",
    "",
  ];
  return Buffer.from(lines.join("\r\n"));
}

/** Fails unless both are the same, and shows where they are not. */
export function assertSameBytes(actual: Buffer, expected: Buffer): void {
  if (actual.equals(expected)) return;
  let at = 0;
  while (actual[at] === expected[at]) at += 1;
  const around = (bytes: Buffer): string => JSON.stringify(bytes.toString("latin1", Math.max(0, at - 20), at + 40));
  assert.fail(
    `octet ${at} of ${actual.length} differs (expected ${expected.length}): ${around(actual)}, not ${around(expected)}`,
  );
}

/** Fails unless `stored` is `sent` below header fields that a server put in front. */
export function assertSameBelowTrace(stored: Buffer, sent: Buffer): void {
  const added = stored.length - sent.length;
  assert.ok(added >= 0, `stored ${stored.length} octets of ${sent.length}`);
  assertSameBytes(stored.subarray(added), sent);
  const trace = stored.subarray(0, added).toString("latin1");
  assert.match(trace, /^(?:[!-9;-~]+:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)*$/, "only header fields are put in front");
}
