import { base64, base64Encode, failed, type Parsed, parsed } from "@scop/wire";

const AMPERSAND = 38;
const RULE = "RFC 3501 5.1.3";

/** How names of mailboxes stand on the wire: as IMAP4rev1 has them, or (RFC 9051 5.1) IMAP4rev2. */
export type NameForm = "utf-7" | "utf-8";

/** Whether a UTF-16 unit stands for itself. RFC 3501 5.1.3: printable US-ASCII except `&` */
function isDirect(unit: number): boolean {
  return unit >= 0x20 && unit <= 0x7e && unit !== AMPERSAND;
}

/** A mailbox name for the wire: modified UTF-7 of RFC 3501 5.1.3. A lone surrogate becomes U+FFFD. */
export function encodeMailboxName(name: string): string {
  const text = name.toWellFormed();
  let wire = "";
  let at = 0;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (isDirect(unit) || unit === AMPERSAND) {
      wire += unit === AMPERSAND ? "&-" : text[at];
      at += 1;
      continue;
    }
    const from = at;
    while (at < text.length && text.charCodeAt(at) !== AMPERSAND && !isDirect(text.charCodeAt(at))) at += 1;
    wire += `&${shifted(text.slice(from, at))}-`;
  }
  return wire;
}

/** UTF-16BE in base64 with `,` for `/` and without padding. */
function shifted(text: string): string {
  const bytes = new Uint8Array(text.length * 2);
  for (let index = 0; index < text.length; index += 1) {
    bytes[index * 2] = text.charCodeAt(index) >> 8;
    bytes[index * 2 + 1] = text.charCodeAt(index) & 255;
  }
  return base64Encode(bytes).replaceAll("=", "").replaceAll("/", ",");
}

function unshifted(wire: string): string | undefined {
  if (wire.includes("/")) return undefined;
  const padded = wire.replaceAll(",", "/") + "=".repeat((4 - (wire.length % 4)) % 4);
  const bytes = base64(padded);
  if (!bytes.ok || bytes.value.length % 2 !== 0) return undefined;
  let text = "";
  for (let at = 0; at < bytes.value.length; at += 2) {
    text += String.fromCharCode((bytes.value[at]! << 8) | bytes.value[at + 1]!);
  }
  return text;
}

/**
 * A mailbox name from the wire. There is one spelling for each name: printable characters in base64, a needless shift, an octet above
 * 127 or a lone surrogate is `mailbox-utf7`, because two spellings of one name would be two mailboxes for some clients.
 */
export function decodeMailboxName(wire: string): Parsed<string> {
  let name = "";
  let at = 0;
  while (at < wire.length) {
    if (wire.charCodeAt(at) !== AMPERSAND) {
      name += wire[at];
      at += 1;
      continue;
    }
    const end = wire.indexOf("-", at);
    const text = end === at + 1 ? "&" : end < 0 ? undefined : unshifted(wire.slice(at + 1, end));
    if (text === undefined) return failed("mailbox-utf7", at, 1, RULE);
    name += text;
    at = end + 1;
  }
  if (encodeMailboxName(name) !== wire) return failed("mailbox-utf7", 0, wire.length, RULE);
  return parsed(name);
}

/** Octets of `text` as UTF-8, for limits; without building them. */
export function utf8Octets(text: string): number {
  let octets = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    // Each half of a surrogate pair counts two of its four octets.
    octets += unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
  }
  return octets;
}
