import {
  addressesOf,
  bodyDiagnostics,
  contentDescriptionOf,
  contentIdOf,
  contentLanguagesOf,
  contentLocationOf,
  contentTypeOf,
  dateOf,
  decodePartBytes,
  decodePartText,
  displayNameOf,
  dispositionOf,
  embeddedPartsOf,
  fieldRaw,
  fieldText,
  fileNameOf,
  type Message,
  mailboxesOf,
  messageIdsOf,
  mimeLimits,
  type Part,
  parameter,
  parseMessage,
  partsOf,
  serialise,
  subjectOf,
  unwrappedTextOf,
} from "@scop/mime";
import { MESSAGE_GRAMMAR, MESSAGE_SEEDS } from "./messages.ts";
import { check, checkDiagnostics, checkOneLine, latin1 } from "./properties.ts";

export const about =
  "any octets are a message: every place lies within it, and all of it can be read, field by field and part by part";
export const seeds = MESSAGE_SEEDS;
export const grammar = MESSAGE_GRAMMAR;

export function fuzz(data: Uint8Array): void {
  const message = parseMessage(data);
  check(serialise(message) === data, "a message is written back as it came");
  checkDiagnostics(message.diagnostics, data.length);
  check(message.diagnostics.length <= mimeLimits.diagnostics, "diagnostics are bounded");
  const parts = partsOf(message.root);
  check(parts.length <= mimeLimits.parts, "parts are bounded");
  for (const part of parts) readPart(message, part);
  checkDiagnostics(bodyDiagnostics(message), data.length);
  const subject = subjectOf(message);
  if (subject !== undefined) checkOneLine(subject, "the subject");
  dateOf(message);
  messageIdsOf(message, "references");
  for (const name of ["from", "to", "cc"]) {
    for (const mailbox of mailboxesOf(addressesOf(message, name).addresses)) {
      checkOneLine(displayNameOf(mailbox), "a name");
      checkOneLine(`${mailbox.localPart}@${mailbox.domain}`, "an address");
    }
  }
}

/** The line before a part of a multipart is its holder's delimiter and nothing else. RFC 2046 5.1.1 */
function checkDelimiter({ bytes }: Message, holder: Part, child: Part): void {
  const boundary = parameter(contentTypeOf({ bytes }, holder), "boundary");
  if (!holder.mediaType.startsWith("multipart/") || boundary === undefined || /[^ -~]/.test(boundary)) return;
  const before = latin1(bytes.subarray(holder.bodyOffset, child.headerOffset)).replace(/\n$/, "");
  const line = before.slice(before.lastIndexOf("\n") + 1);
  check(line.trimEnd() === `--${boundary.trimEnd()}`, "a part stands behind a delimiter of its holder");
}

function readPart(message: Message, part: Part): void {
  const { bytes } = message;
  check(part.headerOffset <= part.bodyOffset && part.bodyOffset <= part.end, "header, body and end are in order");
  check(part.end <= bytes.length, "a part ends within the message");
  let last = part.bodyOffset;
  for (const child of part.children) {
    check(child.headerOffset >= last && child.end <= part.end, "parts lie in their holder, one behind the other");
    checkDelimiter(message, part, child);
    last = child.end;
  }
  for (const field of part.header) {
    check(
      field.offset >= part.headerOffset && field.offset + field.length <= part.bodyOffset,
      "fields lie in their header",
    );
    fieldRaw(bytes, field);
    checkOneLine(fieldText(bytes, field), `the text of ${field.lowerName}`);
  }
  contentTypeOf(message, part);
  contentIdOf(message, part);
  contentDescriptionOf(message, part);
  contentLanguagesOf(message, part);
  contentLocationOf(message, part);
  dispositionOf(message, part);
  const name = fileNameOf(message, part);
  if (name !== undefined) check(!/[/\\\0-\x1f]/.test(name), "a file name leads nowhere");
  if (part.children.length > 0) return;
  const octets = decodePartBytes(message, part);
  checkDiagnostics(octets.diagnostics, bytes.length);
  check(octets.value.length <= part.end - part.bodyOffset, "decoding makes nothing longer");
  const text = decodePartText(message, part);
  if (text) checkDiagnostics(text.diagnostics, bytes.length);
  unwrappedTextOf(message, part);
  embeddedPartsOf(message, part);
}
