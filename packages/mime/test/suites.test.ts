import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  addressesOf,
  bodyDiagnostics,
  dateOf,
  decodePartBytes,
  decodePartText,
  displayNameOf,
  fieldText,
  fileNameOf,
  lineCount,
  mailboxesOf,
  messageIdsOf,
  parseHeader,
  parseMessage,
  partsOf,
  removeFields,
  subjectOf,
} from "@scop/mime";
import { concat, equalBytes } from "@scop/wire";
import { assertSpans } from "./spans.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = resolve(root, process.env["SCOP_SUITES"] ?? "../shared/suites", "eml");
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && !entry.name.startsWith("LICEN") && !entry.name.startsWith("COPYING"))
      .map(entry => join(entry.parentPath, entry.name))
  : [];
const skip = files.length === 0 ? "the suite `eml` is not there (SCOP_SUITES)" : false;

/** Everything that can be asked of a message. */
function readAll(bytes: Uint8Array): void {
  const message = parseMessage(bytes);
  assertSpans(message.root, bytes.length);
  bodyDiagnostics(message);
  for (const name of ["from", "to", "cc", "reply-to"]) {
    for (const mailbox of mailboxesOf(addressesOf(message, name).addresses)) displayNameOf(mailbox);
  }
  dateOf(message);
  messageIdsOf(message, "references");
  assert.ok(!/[\r\n\0]/.test(subjectOf(message) ?? ""));
  for (const part of partsOf(message.root)) {
    for (const field of part.header) assert.ok(!/[\r\n\0]/.test(fieldText(bytes, field)));
    lineCount(message, part);
    fileNameOf(message, part);
    const octets = decodePartBytes(message, part).value;
    assert.ok(octets.length <= part.end - part.bodyOffset);
    decodePartText(message, part);
  }
}

test("every message of the suite is read whole, without a throw, with spans in bounds", { skip }, () => {
  for (const file of files) {
    try {
      readAll(new Uint8Array(readFileSync(file)));
    } catch (error) {
      throw new Error(`in ${file.slice(folder.length)}`, { cause: error });
    }
  }
});

test("the fields of every message, and what was noted between them, are its header", { skip }, () => {
  for (const file of files) {
    const bytes = new Uint8Array(readFileSync(file));
    const { header, bodyOffset, diagnostics } = parseHeader(bytes);
    const left = new Set(["malformed-field", "mbox-from", "byte-order-mark"]);
    const spans = [...header, ...diagnostics.filter(found => left.has(found.code))];
    spans.sort((a, b) => a.offset - b.offset);
    let at = 0;
    for (const span of spans) {
      assert.equal(span.offset, at, file);
      at += span.length;
    }
    const blank = String.fromCharCode(...bytes.subarray(at, bodyOffset));
    assert.ok(["", "\n", "\r\n"].includes(blank), `${file}: ${JSON.stringify(blank)}`);
  }
});

test("taking no field away leaves every message as it is, taking all away leaves its body", { skip }, () => {
  for (const file of files) {
    const bytes = new Uint8Array(readFileSync(file));
    assert.ok(equalBytes(concat(removeFields(bytes, [])), bytes), file);
    const names = parseHeader(bytes).header.map(field => field.name);
    assert.equal(parseHeader(concat(removeFields(bytes, names))).header.length, 0, file);
  }
});
