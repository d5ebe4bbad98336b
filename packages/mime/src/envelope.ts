import { type AddressList, parseAddressList, type ReceivedAddress, type ReceivedMailbox } from "@scop/address";
import { endBefore, endOfComment, isBlank } from "@scop/address/words";
import { Cursor, utf8Lossy } from "@scop/wire";
import { decodeWords, withoutBreaks } from "./encoded-word.ts";
import { endOfValue, fieldText } from "./field-text.ts";
import { firstField } from "./header.ts";
import { MESSAGE_IDS_MAX, type MimeLimits, mimeLimits } from "./limits.ts";
import type { Charsets, HeaderField, HeaderView } from "./model.ts";

const OPEN = 40;
const LESS = 60;
const GREATER = 62;

/** The addresses in a field, up to the limit. Offsets are those of the byte string. RFC 5322 3.4 */
export function addressesOfField(
  bytes: Uint8Array,
  field: HeaderField,
  limits: Pick<MimeLimits, "addresses"> = mimeLimits,
): AddressList {
  const { addresses } = limits;
  return parseAddressList(new Cursor(bytes, field.valueOffset, endOfValue(bytes, field)), { addresses });
}

/** The addresses of the first field of this name (any case); none where it is absent. RFC 5322 3.6.2, 3.6.3 */
export function addressesOf(view: HeaderView, name: string): AddressList {
  const field = firstField(view.header, name);
  return field === undefined ? { addresses: [], diagnostics: [] } : addressesOfField(view.bytes, field);
}

/** The mailboxes of entries, those in groups among them, in order. */
export function mailboxesOf(addresses: readonly ReceivedAddress[]): readonly ReceivedMailbox[] {
  if (addresses.every(isMailbox)) return addresses;
  return addresses.flatMap(address => (isMailbox(address) ? address : address.members));
}

function isMailbox(address: ReceivedAddress): address is ReceivedMailbox {
  return address.kind === "mailbox";
}

/** The name of a mailbox or group for people, encoded-words decoded; that of old mail from its comment; empty if there is none. */
export function displayNameOf(address: ReceivedAddress, charsets?: Charsets): string {
  const name = address.displayName === "" && address.kind === "mailbox" ? address.comment : address.displayName;
  return name.includes("=?") ? decodeWords(name, charsets).value : withoutBreaks(name);
}

/** The Subject for people; undefined where there is none. The first of several counts. RFC 5322 3.6.5 */
export function subjectOf(view: HeaderView, charsets?: Charsets): string | undefined {
  const field = firstField(view.header, "subject");
  return field === undefined ? undefined : fieldText(view.bytes, field, charsets);
}

/**
 * The message identifiers of the first field of this name (Message-ID, In-Reply-To, References), without brackets, comments and white
 * space, in order, at most 1,000. Text between them (RFC 5322 4.5.4) is passed over; a value of one word without brackets is one too.
 * RFC 5322 3.6.4
 */
export function messageIdsOf(view: HeaderView, name: string): readonly string[] {
  const field = firstField(view.header, name);
  if (field === undefined) return [];
  const { bytes } = view;
  const end = endOfValue(bytes, field);
  const found: string[] = [];
  let at = field.valueOffset;
  while (at < end && found.length < MESSAGE_IDS_MAX) {
    const octet = bytes[at]!;
    if (octet === OPEN) at = endOfComment(bytes, at, end);
    else if (octet === LESS) {
      const from = at + 1;
      while (at < end && bytes[at] !== GREATER) at += 1;
      const id = idText(bytes, from, at);
      if (id !== "") found.push(id);
    } else at += 1;
  }
  if (found.length > 0) return found;
  const bare = bareId(bytes, field.valueOffset, end);
  return bare === "" ? [] : [bare];
}

/** The only word of a value; empty where there are more or none. */
function bareId(bytes: Uint8Array, start: number, end: number): string {
  let first = start;
  while (first < end && isBlank(bytes[first]!)) first += 1;
  const last = endBefore(bytes, end, first);
  for (let at = first; at < last; at += 1) if (isBlank(bytes[at]!) || bytes[at] === LESS) return "";
  return idText(bytes, first, last);
}

/** Text without white space and controls. */
function idText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let from = start;
  for (let at = start; at < end; at += 1) {
    if (bytes[at]! > 32) continue;
    text += utf8Lossy(bytes, from, at);
    from = at + 1;
  }
  return text + utf8Lossy(bytes, from, end);
}
