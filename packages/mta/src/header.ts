import { type Mailbox, parseAddressList, type ReceivedMailbox, strictMailbox } from "@scop/address";
import {
  fieldRaw,
  fields,
  fieldText,
  formatDate,
  type Header,
  type HeaderField,
  parseHeader,
  removeFields,
} from "@scop/mime";
import type { Reply, SessionFacts } from "@scop/smtp";
import { hexEncode, isAscii, latin1Bytes } from "@scop/wire";
import { AUTHORS_MAX, MESSAGE_ID_OCTETS, REPORT_HEADER_OCTETS_MAX } from "./limits.ts";
import { owns } from "./ownership.ts";
import type { ReceiverKind } from "./receiver.ts";
import { REPLY } from "./replies.ts";
import type { Stage } from "./stage.ts";
import { withoutForgedResults } from "./verify/forged-results.ts";

/** What is kept about a header while its body goes by. */
export interface HeaderFacts {
  /** Whether it can do without SMTPUTF8. RFC 6532 */
  readonly isAscii: boolean;
  /** Whether its author would rather have it go in the clear than not at all. RFC 8689 3 */
  readonly tls: "usual" | "optional";
  /** The header itself, or as much of it as a report returns. */
  readonly bytes: Uint8Array;
}

/** A message that is taken: what is stored behind the trace fields. */
export interface TakenMessage {
  readonly ok: true;
  readonly header: Header;
  readonly facts: HeaderFacts;
  readonly pieces: readonly Uint8Array[];
  /** The domain that a submission is signed for: that of its first author. */
  readonly signedBy: string | undefined;
}

/** Whether the message is taken. */
type HeaderVerdict = TakenMessage | { readonly ok: false; readonly reply: Reply };

/**
 * Judges a message by its header. From a stranger only a loop is refused, and what can't be parsed is kept as it is. What an account submits
 * has to name it in From and Sender, and gets the fields that RFC 6409 8 lets us add.
 */
export async function examine(
  stage: Stage,
  kind: ReceiverKind,
  session: SessionFacts,
  bytes: Uint8Array,
  extent: "whole" | "start",
): Promise<HeaderVerdict> {
  const header = parseHeader(bytes);
  const end = Math.min(header.bodyOffset, REPORT_HEADER_OCTETS_MAX);
  // Of a large message the header outlives the rest.
  const kept = extent === "whole" ? bytes.subarray(0, end) : bytes.slice(0, end);
  const facts = { isAscii: isAscii(bytes, 0, header.bodyOffset), tls: tlsOf(header), bytes: kept };
  // RFC 5321 6.3
  if (countOf(header.header, "received") > stage.settings.limits.receivedMax) return refused(REPLY.looping);
  if (kind === "mx") {
    const pieces = withoutForgedResults(header, stage.settings.hostname);
    return { ok: true, header, facts, pieces, signedBy: undefined };
  }
  if (isCutShort(header, extent)) return refused(REPLY.headerTooLarge);
  const author = await authorOf(stage, session.identity, header);
  if ("code" in author) return refused(author);
  const added = latin1Bytes(missingFields(stage, header.header));
  const isBlind = header.header.some(field => BLIND.includes(field.lowerName));
  const pieces = [added, ...(isBlind ? removeFields(bytes, BLIND) : [bytes])];
  return { ok: true, header, facts, pieces, signedBy: author.domain };
}

function refused(reply: Reply): HeaderVerdict {
  return { ok: false, reply };
}

/** RFC 8689 3: one TLS-Required field, and its value is `No`; anything else says nothing. */
function tlsOf({ bytes, header }: Header): HeaderFacts["tls"] {
  const found = fields(header, "tls-required");
  return found.length === 1 && fieldText(bytes, found[0]!).trim().toLowerCase() === "no" ? "optional" : "usual";
}

/** Other recipients must not see them. RFC 5322 3.6.3 */
const BLIND: readonly string[] = ["bcc", "resent-bcc"];

function countOf(header: readonly HeaderField[], lowerName: string): number {
  let count = 0;
  for (const field of header) if (field.lowerName === lowerName) count += 1;
  return count;
}

/** Whether fields may follow that were not read: what can't be checked is not sent in anybody's name. */
export function isCutShort(header: Header, extent: "whole" | "start"): boolean {
  const reachesEnd = extent === "start" && header.bodyOffset >= header.bytes.length;
  return reachesEnd || header.diagnostics.some(found => found.code === "header-limit");
}

/** RFC 6409 6.1: the authors are the account, and there is one From field to name them. The first of them, or the refusal. */
async function authorOf(stage: Stage, identity: string | undefined, header: Header): Promise<Mailbox | Reply> {
  const from = fields(header.header, "from");
  const sender = fields(header.header, "sender");
  if (from.length !== 1 || sender.length > 1) return REPLY.authorMissing;
  const authors = mailboxesOf(header, from[0]!);
  if (authors === undefined || authors.length === 0) return REPLY.authorMissing;
  const senders = sender.length === 0 ? [] : mailboxesOf(header, sender[0]!);
  if (senders === undefined) return REPLY.authorNotOwn;
  const mailboxes: Mailbox[] = [];
  for (const received of [...authors, ...senders]) {
    const mailbox = strictMailbox(received);
    if (!mailbox.ok || identity === undefined || !(await owns(stage, identity, mailbox.value)))
      return REPLY.authorNotOwn;
    mailboxes.push(mailbox.value);
  }
  return mailboxes[0]!;
}

/** Those of a field, members of groups too; undefined if there are more than are looked at. */
function mailboxesOf(header: Header, field: HeaderField): readonly ReceivedMailbox[] | undefined {
  const list = parseAddressList(fieldRaw(header.bytes, field), { addresses: AUTHORS_MAX });
  if (list.diagnostics.some(found => found.code === "addresses-limit")) return undefined;
  return list.addresses.flatMap(address => (address.kind === "group" ? address.members : [address]));
}

/** RFC 6409 8.2, 8.3: Date and Message-ID where they are missing. */
function missingFields(stage: Stage, header: readonly HeaderField[]): string {
  const { io, settings } = stage;
  const date = countOf(header, "date") > 0 ? "" : `Date: ${formatDate(io.clock.now())}\r\n`;
  if (countOf(header, "message-id") > 0) return date;
  return `${date}Message-ID: <${hexEncode(io.random.bytes(2 * MESSAGE_ID_OCTETS))}@${settings.hostname}>\r\n`;
}
