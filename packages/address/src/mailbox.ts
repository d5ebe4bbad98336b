import { type Diagnostic, failed, type Parsed, parsed } from "@scop/wire";
import { type Domain, parseDomain } from "./domain.ts";
import { PATH_OCTETS_MAX } from "./limits.ts";
import { type AddressLiteral, parseAddressLiteral } from "./literal.ts";
import { formatLocalPart, type LocalPart, readLocalPart, utf8Octets } from "./local-part.ts";
import { localPartFindings } from "./warnings.ts";

/** An address that mail can be sent to. RFC 5321 4.1.2, RFC 6531 3.3 */
export interface Mailbox {
  readonly localPart: LocalPart;
  readonly domain: Domain | AddressLiteral;
}

/** The right side of a mailbox: a domain or an address literal. */
export function parseHost(text: string): Parsed<Domain | AddressLiteral> {
  return text.startsWith("[") ? parseAddressLiteral(text) : parseDomain(text);
}

/** A mailbox in `text` from `start` up to `end`, or up to `>` where `end` is left out. */
export function readMailbox(
  text: string,
  start: number,
  end?: number,
): Parsed<{ readonly mailbox: Mailbox; readonly end: number }> {
  const local = readLocalPart(text, start);
  if (!local.ok) return local;
  const at = local.value.end;
  if (text.charAt(at) !== "@") return failed("at-sign-missing", at, 0, "RFC 5321 4.1.2");
  const close = end ?? text.indexOf(">", at);
  if (close < 0) return failed("path-not-closed", text.length, 0, "RFC 5321 4.1.2");
  const host = parseHost(text.slice(at + 1, close));
  if (!host.ok) return failed(host.error.code, at + 1, close - at - 1, host.error.rule);
  const mailbox = { localPart: local.value.localPart, domain: host.value };
  if (utf8Octets(formatMailbox(mailbox)) + 2 > PATH_OCTETS_MAX) {
    return failed("path-length", start, close - start, "RFC 5321 4.5.3.1.3");
  }
  const notes = localPartFindings(local.value.localPart).map(
    ([code, rule]): Diagnostic => ({ code, offset: start, length: at - start, rule }),
  );
  return parsed({ mailbox, end: close }, notes);
}

/**
 * A mailbox from its text (decoded UTF-8), strictly: no comments, no white space, no display name. Offsets count UTF-16 units. What
 * programs have read in several ways (a delimiter in quotes, `%` and `!`, an encoded-word) is among the notes.
 *
 * Mailbox = Local-part "@" ( Domain / address-literal )   RFC 5321 4.1.2
 */
export function parseMailbox(text: string): Parsed<Mailbox> {
  const read = readMailbox(text, 0, text.length);
  return read.ok ? parsed(read.value.mailbox, read.notes) : read;
}

/** The text of a mailbox, its local part quoted where needed. It never holds a control character; `parseMailbox` is its inverse. */
export function formatMailbox(mailbox: Mailbox): string {
  return `${formatLocalPart(mailbox.localPart)}@${mailbox.domain}`;
}

/**
 * The key under which a mailbox is looked up: lower case, normal form C, quotes only where needed. Two mailboxes with one key are
 * one account here; for a foreign domain only the domain's own rules say so, so never compare foreign ones for equality by it.
 */
export function addressKey(mailbox: Mailbox): string {
  return `${formatLocalPart(mailbox.localPart.normalize("NFC").toLowerCase().normalize("NFC"))}@${mailbox.domain}`;
}

/** Whether the mailbox can be sent without SMTPUTF8. Its domain always can. RFC 6531 3.2 */
export function isAsciiMailbox(mailbox: Mailbox): boolean {
  return utf8Octets(mailbox.localPart) === mailbox.localPart.length;
}
