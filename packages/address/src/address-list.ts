import { Cursor, type Diagnostic } from "@scop/wire";
import { ADDRESSES_MAX, DIAGNOSTICS_MAX } from "./limits.ts";
import type { AddressList, ReceivedAddress, ReceivedMailbox } from "./received.ts";
import {
  behindComment,
  commentText,
  endBefore,
  endOfLiteral,
  endOfWord,
  isBlank,
  outOfTurn,
  wordsText,
} from "./words.ts";

/** Limits of one address field. */
export interface AddressListLimits {
  /** Groups and mailboxes, members among them. */
  readonly addresses: number;
}

/** The limits that hold where none are given. */
export const addressListLimits: AddressListLimits = { addresses: ADDRESSES_MAX };

/** White space to no rule of RFC 5322, and read as such. */
const VT = 11;
const FF = 12;
const QUOTE = 34;
const OPEN = 40;
const COMMA = 44;
const DOT = 46;
const COLON = 58;
const SEMICOLON = 59;
const LESS = 60;
const GREATER = 62;
const AT = 64;
const BRACKET = 91;

interface Group {
  readonly offset: number;
  readonly displayName: string;
  readonly members: ReceivedMailbox[];
}

/** What was read since the last comma. -1 stands for nowhere. */
interface Slot {
  /** The first word since the mailbox, if there is one. */
  start: number;
  /** Behind the last word. */
  end: number;
  /** The last run of words without white space between them, dots aside: a local part if an `@` follows. */
  run: number;
  mailbox: ReceivedMailbox | undefined;
  /** How the mailbox came. */
  form: "bare" | "angle";
  comment: string;
}

interface State {
  readonly cursor: Cursor;
  readonly most: number;
  readonly addresses: ReceivedAddress[];
  readonly diagnostics: Diagnostic[];
  slot: Slot;
  group: Group | undefined;
  count: number;
}

function emptySlot(): Slot {
  return { start: -1, end: -1, run: -1, mailbox: undefined, form: "bare", comment: "" };
}

function note(state: State, code: string, offset: number, length: number, rule: string): void {
  if (state.diagnostics.length < DIAGNOSTICS_MAX) state.diagnostics.push({ code, offset, length, rule });
}

/**
 * The addresses of a field's value: RFC 5322 3.4 with the obsolete syntax of 4.4, groups, raw UTF-8 (RFC 6532), and what broken mail has. Every
 * deviation is a diagnostic; offsets count from the start of the byte string, for a Cursor too. Time is linear; comments are
 * counted, not descended into. At the limit the addresses read so far are given, with `addresses-limit`.
 */
export function parseAddressList(input: Uint8Array | Cursor, limits: Partial<AddressListLimits> = {}): AddressList {
  const cursor = input instanceof Cursor ? input : new Cursor(input);
  const state: State = {
    cursor,
    most: limits.addresses ?? addressListLimits.addresses,
    addresses: [],
    diagnostics: [],
    slot: emptySlot(),
    group: undefined,
    count: 0,
  };
  while (!cursor.done && state.count < state.most) readToken(state);
  if (cursor.done) {
    endSlot(state);
    if (state.group !== undefined) note(state, "group-not-closed", cursor.at, 0, "RFC 5322 3.4");
  } else note(state, "addresses-limit", cursor.at, cursor.end - cursor.at, "RFC 5322 3.4");
  endGroup(state, state.cursor.at);
  return { addresses: state.addresses, diagnostics: state.diagnostics };
}

function readToken(state: State): void {
  switch (state.cursor.peek()) {
    case OPEN:
      readComment(state);
      break;
    case COMMA:
      endSlot(state);
      state.cursor.at += 1;
      break;
    case SEMICOLON:
      readSemicolon(state);
      break;
    case COLON:
      readColon(state);
      break;
    case LESS:
      readAngle(state);
      break;
    case AT:
      readBareDomain(state);
      break;
    default:
      readWord(state);
  }
}

/** A comment; the first one of an address is kept. RFC 5322 3.2.2 */
function readComment(state: State): void {
  const { cursor, slot } = state;
  const from = cursor.at;
  const behind = behindComment(cursor.bytes, from, cursor.end);
  cursor.at = behind < 0 ? cursor.end : behind;
  if (behind < 0) note(state, "comment-not-closed", from, cursor.at - from, "RFC 5322 3.2.2");
  if (slot.comment !== "") return;
  slot.comment = commentText(cursor.bytes, from, cursor.at);
  if (slot.mailbox !== undefined) slot.mailbox = { ...slot.mailbox, comment: slot.comment };
}

/** A word or white space, or an octet that has no place here. */
function readWord(state: State): void {
  const { cursor, slot } = state;
  const { bytes, end } = cursor;
  const from = cursor.at;
  const octet = bytes[from]!;
  if (isBlank(octet)) {
    if (octet === VT || octet === FF) note(state, "address-character", from, 1, "RFC 5322 3.2.2");
    while (cursor.at < end && isBlank(bytes[cursor.at]!)) cursor.at += 1;
    return;
  }
  cursor.at = endOfWord(bytes, from, end);
  if (cursor.at === from) {
    cursor.at += 1;
    note(state, "address-character", from, 1, "RFC 5322 3.4");
    return;
  }
  if (octet === QUOTE && (cursor.at - from < 2 || bytes[cursor.at - 1] !== QUOTE)) {
    note(state, "quote-not-closed", from, cursor.at - from, "RFC 5322 3.2.4");
  }
  if (octet === BRACKET) note(state, "address-character", from, cursor.at - from, "RFC 5322 3.4");
  if (slot.start < 0) slot.start = from;
  // RFC 5322 4.4: white space is allowed around the dots of a local part.
  const joined = slot.end === from || octet === DOT || (slot.end > 0 && bytes[slot.end - 1] === DOT);
  if (slot.run < 0 || !joined) slot.run = from;
  slot.end = cursor.at;
}

/** Moves over comments and white space. The first comment is kept. */
function skipBlanks(state: State): void {
  const { cursor } = state;
  while (!cursor.done) {
    if (cursor.peek() === OPEN) readComment(state);
    else if (isBlank(cursor.peek())) cursor.at += 1;
    else return;
  }
}

/** Reads the domain behind an `@` and answers its text, empty if there is none. RFC 5322 3.4.1, 4.4 */
function readDomain(state: State): string {
  const { cursor } = state;
  skipBlanks(state);
  const from = cursor.at;
  let last = from;
  while (!cursor.done) {
    const at = cursor.at;
    const octet = cursor.peek();
    const joined = at === last || octet === DOT || cursor.bytes[last - 1] === DOT;
    if (octet === QUOTE || !joined) break;
    cursor.at = endOfWord(cursor.bytes, at, cursor.end);
    if (cursor.at === at) break;
    last = cursor.at;
    skipBlanks(state);
  }
  return last > from ? wordsText(cursor.bytes, from, last, "") : "";
}

/** A second address with no comma before it: the first one ends, the words behind it belong to the second. */
function splitSlot(state: State): void {
  const { slot, cursor } = state;
  if (slot.mailbox === undefined) return;
  note(state, "comma-missing", slot.start < 0 ? cursor.at : slot.start, 0, "RFC 5322 3.4");
  addMailbox(state, slot.mailbox);
  slot.mailbox = undefined;
  slot.comment = "";
}

/** What was read of a mailbox; its name begins where it does. */
type MailboxText = Pick<ReceivedMailbox, "offset" | "displayName" | "nameLength" | "localPart" | "domain">;

/** Puts a mailbox that ends here into the slot; words from now on are text behind it. */
function fillSlot(
  { slot, cursor }: State,
  form: "bare" | "angle",
  { offset, displayName, nameLength, localPart, domain }: MailboxText,
): void {
  const length = endBefore(cursor.bytes, cursor.at, offset) - offset;
  const { comment } = slot;
  slot.mailbox = {
    kind: "mailbox",
    offset,
    length,
    displayName,
    nameOffset: offset,
    nameLength,
    localPart,
    domain,
    comment,
  };
  slot.form = form;
  slot.start = -1;
  slot.end = -1;
  slot.run = -1;
}

/** An addr-spec without brackets: what stood before the `@` is its local part. RFC 5322 3.4.1 */
function readBareDomain(state: State): void {
  const { cursor, slot } = state;
  const { bytes } = cursor;
  const at = cursor.at;
  if (slot.mailbox !== undefined && slot.run < 0) {
    note(state, "address-character", at, 1, "RFC 5322 3.4.1");
    cursor.at += 1;
    readDomain(state);
    return;
  }
  splitSlot(state);
  cursor.at += 1;
  const { start, run, end } = slot;
  if (run < 0) note(state, "local-part-missing", at, 0, "RFC 5322 3.4.1");
  else if (run > start) note(state, "angle-missing", run, 0, "RFC 5322 3.4");
  noteWord(state, run < 0 ? end : run, end);
  const offset = start < 0 ? at : start;
  const domain = readDomain(state);
  if (domain === "") note(state, "domain-missing", at, 1, "RFC 5322 3.4.1");
  fillSlot(state, "bare", {
    offset,
    displayName: run > start ? wordsText(bytes, start, run, " ") : "",
    nameLength: run > start ? endBefore(bytes, run, start) - start : 0,
    localPart: run < 0 ? "" : wordsText(bytes, run, end, ""),
    domain,
  });
}

/** angle-addr = [CFWS] "<" [obs-route] addr-spec ">" [CFWS]   RFC 5322 3.4, 4.4 */
function readAngle(state: State): void {
  const { cursor, slot } = state;
  const { bytes } = cursor;
  const open = cursor.at;
  let offset = slot.start < 0 ? open : slot.start;
  if (slot.mailbox !== undefined && slot.form === "bare") {
    // `a@example.com <b@example.com>`: what stands in the brackets is the address, the rest is its name.
    offset = slot.mailbox.offset;
    note(state, "address-in-name", offset, open - offset, "RFC 5322 3.4");
  } else splitSlot(state);
  cursor.at += 1;
  skipBlanks(state);
  if (cursor.peek() === AT) skipRoute(state);
  const localPart = readAngleLocal(state);
  const hasDomain = cursor.take(AT);
  const domain = hasDomain ? readDomain(state) : "";
  if (domain === "" && localPart === "") note(state, "address-empty", open, 1, "RFC 5322 3.4.1");
  else if (domain === "") note(state, "domain-missing", open, 1, "RFC 5322 3.4.1");
  closeAngle(state, open);
  const nameEnd = endBefore(bytes, open, offset);
  const displayName = wordsText(bytes, offset, nameEnd, " ");
  fillSlot(state, "angle", { offset, displayName, nameLength: nameEnd - offset, localPart, domain });
}

/** obs-route = obs-domain-list ":"   RFC 5322 4.4 */
function skipRoute(state: State): void {
  const { cursor } = state;
  const from = cursor.at;
  while (!cursor.done && cursor.peek() !== COLON && cursor.peek() !== GREATER) {
    if (cursor.peek() === BRACKET) cursor.at = endOfLiteral(cursor.bytes, cursor.at, cursor.end);
    else cursor.at += 1;
  }
  if (cursor.take(COLON)) note(state, "source-route", from, cursor.at - from, "RFC 5322 4.4");
  else note(state, "local-part-missing", from, cursor.at - from, "RFC 5322 3.4.1");
  skipBlanks(state);
}

/** The local part within brackets, up to its `@`. */
function readAngleLocal(state: State): string {
  const { cursor } = state;
  const from = cursor.at;
  let last = from;
  while (!cursor.done) {
    const at = cursor.at;
    cursor.at = endOfWord(cursor.bytes, at, cursor.end);
    if (cursor.at === at) break;
    last = cursor.at;
    skipBlanks(state);
  }
  noteWord(state, from, last);
  return wordsText(cursor.bytes, from, last, "");
}

/** Notes a word of a local part that has no dot before it, and a dot without a word. */
function noteWord(state: State, start: number, end: number): void {
  const at = outOfTurn(state.cursor.bytes, start, end);
  if (at >= 0) note(state, "address-character", at, end - at, "RFC 5322 4.4");
}

/** Moves behind `>`. Where something else stands, up to it, or to the comma before it. */
function closeAngle(state: State, open: number): void {
  const { cursor } = state;
  const from = cursor.at;
  while (!cursor.done && cursor.peek() !== GREATER && cursor.peek() !== COMMA) cursor.at += 1;
  if (cursor.at > from) note(state, "address-character", from, cursor.at - from, "RFC 5322 3.4.1");
  if (!cursor.take(GREATER)) note(state, "angle-not-closed", open, cursor.at - open, "RFC 5322 3.4");
}

/** group = display-name ":" [group-list] ";" [CFWS]   RFC 5322 3.4 */
function readColon(state: State): void {
  const { cursor, slot } = state;
  const at = cursor.at;
  cursor.at += 1;
  if (slot.start < 0 || slot.mailbox !== undefined) {
    note(state, "address-character", at, 1, "RFC 5322 3.4");
    return;
  }
  if (state.group !== undefined) note(state, "group-nested", slot.start, at - slot.start, "RFC 5322 3.4");
  endGroup(state, slot.start);
  state.group = {
    offset: slot.start,
    displayName: wordsText(cursor.bytes, slot.start, slot.end, " "),
    members: [],
  };
  state.count += 1;
  state.slot = emptySlot();
}

function readSemicolon(state: State): void {
  const { cursor } = state;
  endSlot(state);
  // Some programs put semicolons between addresses.
  if (state.group === undefined) note(state, "semicolon", cursor.at, 1, "RFC 5322 3.4");
  cursor.at += 1;
  endGroup(state, state.cursor.at);
}

function endGroup(state: State, end: number): void {
  const { group } = state;
  if (group === undefined) return;
  state.addresses.push({ kind: "group", ...group, length: end - group.offset });
  state.group = undefined;
}

function endSlot(state: State): void {
  const { slot, cursor } = state;
  const { mailbox, start, run, end } = slot;
  state.slot = emptySlot();
  if (mailbox !== undefined) {
    if (start >= 0) note(state, "address-text", start, end - start, "RFC 5322 3.4");
    addMailbox(state, mailbox);
    return;
  }
  if (start < 0) return;
  note(state, "domain-missing", end, 0, "RFC 5322 3.4.1");
  addMailbox(state, {
    kind: "mailbox",
    offset: start,
    length: end - start,
    displayName: run > start ? wordsText(cursor.bytes, start, run, " ") : "",
    nameOffset: start,
    nameLength: run > start ? endBefore(cursor.bytes, run, start) - start : 0,
    localPart: wordsText(cursor.bytes, run, end, ""),
    domain: "",
    comment: slot.comment,
  });
}

function addMailbox(state: State, mailbox: ReceivedMailbox): void {
  state.count += 1;
  if (state.group !== undefined) state.group.members.push(mailbox);
  else state.addresses.push(mailbox);
}
