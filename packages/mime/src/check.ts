import { endOfComment, isBlank } from "@scop/address/words";
import { type Diagnostic, type Parsed, parsed } from "@scop/wire";
import { parseAuthenticationResults } from "./authentication-results.ts";
import { bodyDiagnostics, partsOf } from "./body.ts";
import { parseDateOf } from "./date.ts";
import { embeddedPartsOf } from "./embedded.ts";
import { addressesOfField, mailboxesOf } from "./envelope.ts";
import { decodeField, endOfValue } from "./field-text.ts";
import { firstField } from "./header.ts";
import { limitsOf, type MimeLimits } from "./limits.ts";
import { parseMessage } from "./message.ts";
import type { Charsets, HeaderField, Message, Part } from "./model.ts";
import { decodeParameter, type ParameterizedValue, parameterizedValue } from "./parameters.ts";
import { decodePartBytes, decodePartText } from "./part-content.ts";
import { parseReceived } from "./received.ts";
import { readingRules } from "./rules.ts";

const OPEN = 40;
const LESS = 60;
const GREATER = 62;
const AT = 64;

/** What a message is checked with. */
export interface CheckOptions {
  readonly charsets?: Charsets;
  readonly limits?: Partial<MimeLimits>;
}

interface Check {
  readonly message: Message;
  readonly charsets: Charsets | undefined;
  readonly limits: MimeLimits;
  readonly found: Diagnostic[];
}

type FieldCheck = (check: Check, field: HeaderField) => readonly Diagnostic[];

/** Diagnostics whose places are not those of the message, at their field. */
function atField(field: HeaderField, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.map(found => ({ ...found, offset: field.offset, length: field.length }));
}

const checkAddresses: FieldCheck = ({ message, limits }, field) =>
  addressesOfField(message.bytes, field, limits).diagnostics;

const checkDate: FieldCheck = ({ message: { bytes } }, field) => {
  const date = parseDateOf(bytes, field.valueOffset, endOfValue(bytes, field));
  return atField(field, date.ok ? date.notes : [date.error]);
};

/** How many identifiers stand in brackets; -1 where anything but white space and comments stands beside them. */
function countIds(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  let at = start;
  while (at < end) {
    const octet = bytes[at]!;
    if (octet === OPEN) at = endOfComment(bytes, at, end);
    else if (octet === LESS) {
      let hasAt = false;
      while (at < end && bytes[at] !== GREATER) {
        hasAt ||= bytes[at] === AT;
        at += 1;
      }
      if (at === end || !hasAt) return -1;
      at += 1;
      count += 1;
    } else if (isBlank(octet)) at += 1;
    else return -1;
  }
  return count;
}

/** msg-id = "<" id-left "@" id-right ">"; nothing else stands between them. RFC 5322 3.6.4 */
const checkIds: FieldCheck = ({ message: { bytes } }, field) => {
  const count = countIds(bytes, field.valueOffset, endOfValue(bytes, field));
  const isSingle = field.lowerName.endsWith("message-id") || field.lowerName === "content-id";
  if (count === 1 || (count > 1 && !isSingle)) return [];
  return [{ code: "message-id-malformed", offset: field.offset, length: field.length, rule: "RFC 5322 3.6.4" }];
};

function checkDecoded(
  check: Check,
  field: HeaderField,
  value: ParameterizedValue,
  names: readonly string[],
): readonly Diagnostic[] {
  const found = names.flatMap(name => decodeParameter(value, name, check.charsets).diagnostics);
  return [...value.diagnostics, ...atField(field, found)];
}

const checkParameters: FieldCheck = (check, field) =>
  checkDecoded(check, field, parameterizedValue(check.message.bytes, field, check.limits), ["name", "filename"]);

const checkReceived: FieldCheck = ({ message }, field) => parseReceived(message.bytes, field).diagnostics;

const checkResults: FieldCheck = ({ message, limits }, field) =>
  parseAuthenticationResults(message.bytes, field, limits).diagnostics;

const ADDRESS_NAMES = ["from", "sender", "reply-to", "to", "cc", "bcc"];
const ID_NAMES = ["message-id", "in-reply-to", "references", "content-id"];

const checks: ReadonlyMap<string, FieldCheck> = new Map<string, FieldCheck>([
  ...ADDRESS_NAMES.flatMap((name): readonly (readonly [string, FieldCheck])[] => [
    [name, checkAddresses],
    [`resent-${name}`, checkAddresses],
  ]),
  ...ID_NAMES.map((name): readonly [string, FieldCheck] => [name, checkIds]),
  ["resent-message-id", checkIds],
  ["date", checkDate],
  ["resent-date", checkDate],
  ["content-type", checkParameters],
  ["content-disposition", checkParameters],
  ["received", checkReceived],
  ["authentication-results", checkResults],
]);

/** Takes findings up to the limit. They may be too many for the arguments of a call. */
function add({ found, limits }: Check, diagnostics: readonly Diagnostic[]): void {
  for (const each of diagnostics) {
    if (found.length >= limits.diagnostics) return;
    found.push(each);
  }
}

function note(check: Check, code: string, offset: number, rule: string): void {
  add(check, [{ code, offset, length: 0, rule }]);
}

/** What fields must have beside each other. */
function checkTogether(check: Check, part: Part, isMessage: boolean): void {
  const { header } = part;
  const type = firstField(header, "content-type");
  if (isMessage && type !== undefined && firstField(header, "mime-version") === undefined) {
    note(check, "mime-version-missing", type.offset, "RFC 2045 4");
  }
  const from = firstField(header, "from");
  if (!isMessage || from === undefined || firstField(header, "sender") !== undefined) return;
  const { addresses } = addressesOfField(check.message.bytes, from, check.limits);
  if (mailboxesOf(addresses).length > 1) note(check, "sender-missing", from.offset, "RFC 5322 3.6.2");
}

function checkContent(check: Check, part: Part): void {
  const { message, charsets } = check;
  const isText = part.mediaType.startsWith("text/");
  add(check, (isText ? decodePartText(message, part, charsets) : decodePartBytes(message, part)).diagnostics);
  const { diagnostics } = embeddedPartsOf(message, part, charsets);
  for (const found of diagnostics)
    add(check, [{ ...found, offset: part.bodyOffset, length: part.end - part.bodyOffset }]);
}

function checkPart(check: Check, part: Part, isMessage: boolean): void {
  const { message, charsets, found, limits } = check;
  checkTogether(check, part, isMessage);
  for (const field of part.header) {
    if (found.length >= limits.diagnostics) return;
    add(check, checks.get(field.lowerName)?.(check, field) ?? []);
    add(check, decodeField(message.bytes, field, charsets).diagnostics);
  }
  if (part.children.length === 0) checkContent(check, part);
}

/**
 * All that is wrong with a message, its fields, encodings and bodies, in the order of its octets, at most `limits.diagnostics`: what
 * `parseMessage` noted, `bodyDiagnostics`, and what comes up when every field that has a syntax and every body is read. Offsets are those of
 * the message. Linear; decodes every body once or twice.
 */
export function checkMessage(message: Message, options: CheckOptions = {}): readonly Diagnostic[] {
  const limits = limitsOf(options.limits);
  const { charsets } = options;
  const check: Check = { message, charsets, limits, found: [...message.diagnostics, ...bodyDiagnostics(message)] };
  const messages = new Set<Part>([message.root]);
  for (const part of partsOf(message.root)) {
    if (check.found.length >= limits.diagnostics) break;
    if (!part.mediaType.startsWith("multipart/")) for (const child of part.children) messages.add(child);
    checkPart(check, part, messages.has(part));
  }
  const found = check.found.slice(0, limits.diagnostics);
  return found.sort((one, other) => one.offset - other.offset);
}

const allowed: ReadonlySet<string> = new Set(readingRules.filter(rule => !rule.isForbidden).map(rule => rule.code));

/**
 * Reads a message and refuses what the RFCs forbid: the error is the first diagnostic of `checkMessage` that `readingRules` calls
 * forbidden, or one that is not in that table. What they allow is among the notes.
 */
export function parseMessageStrictly(bytes: Uint8Array, options: CheckOptions = {}): Parsed<Message> {
  const message = parseMessage(bytes, options.limits);
  const found = checkMessage(message, options);
  const error = found.find(each => !allowed.has(each.code));
  return error === undefined ? parsed(message, found) : { ok: false, error };
}
