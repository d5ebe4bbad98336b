import { type Diagnostic, failed, type Parsed, parsed } from "@scop/wire";
import { PATH_OCTETS_MAX } from "./limits.ts";
import { parseLocalPart, utf8Octets } from "./local-part.ts";
import { formatMailbox, type Mailbox, parseHost } from "./mailbox.ts";
import { localPartFindings } from "./warnings.ts";

/** A mailbox of a header field as it came; nothing about it is certain. RFC 5322 3.4 */
export interface ReceivedMailbox {
  readonly kind: "mailbox";
  /** Where it stands, name and brackets included. */
  readonly offset: number;
  readonly length: number;
  /** The display name without quotes and comments, empty if there is none. Encoded-words stay: `@scop/mime` decodes them. */
  readonly displayName: string;
  /** Octets of the display name. */
  readonly nameOffset: number;
  readonly nameLength: number;
  /** Without quotes and comments. */
  readonly localPart: string;
  /** As it came, without comments and white space; a literal with its brackets; empty if there is none. */
  readonly domain: string;
  /** The first comment in or behind it: old mail has the name there. */
  readonly comment: string;
}

/** A named group of mailboxes, perhaps of none. RFC 5322 3.4, RFC 6854 */
export interface ReceivedGroup {
  readonly kind: "group";
  readonly offset: number;
  readonly length: number;
  /** As the display name of a mailbox. */
  readonly displayName: string;
  readonly members: readonly ReceivedMailbox[];
}

/** One entry of an address field. */
export type ReceivedAddress = ReceivedMailbox | ReceivedGroup;

/** What an address field holds. */
export interface AddressList {
  readonly addresses: readonly ReceivedAddress[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The mailbox to send to, if what came is one by the strict rules. The offset of the error is that of the mailbox. */
export function strictMailbox(received: ReceivedMailbox): Parsed<Mailbox> {
  const localPart = parseLocalPart(received.localPart);
  if (!localPart.ok) return failed(localPart.error.code, received.offset, received.length, localPart.error.rule);
  const domain = parseHost(received.domain);
  if (!domain.ok) return failed(domain.error.code, received.offset, received.length, domain.error.rule);
  const mailbox = { localPart: localPart.value, domain: domain.value };
  if (utf8Octets(formatMailbox(mailbox)) + 2 > PATH_OCTETS_MAX) {
    return failed("path-length", received.offset, received.length, "RFC 5321 4.5.3.1.3");
  }
  const notes = localPartFindings(received.localPart).map(
    ([code, rule]): Diagnostic => ({ code, offset: received.offset, length: received.length, rule }),
  );
  return parsed(mailbox, notes);
}
