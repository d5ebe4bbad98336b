import { addressKey, strictMailbox } from "@scop/address";
import {
  addressesOf,
  type Charsets,
  contentTypeOf,
  displayNameOf,
  dispositionOf,
  fields,
  fieldText,
  fileNameOf,
  firstField,
  type HeaderField,
  isAttachment,
  type Message,
  mailboxesOf,
  messageIdsOf,
  type Part,
  parseAuthenticationResults,
  parseMessage,
  parseReceived,
  partBytes,
  partsOf,
  subjectOf,
  unwrappedTextOf,
} from "@scop/mime";
import type { Correspondent } from "./facts.ts";
import { textOfHtml } from "./html-text.ts";
import { FILES_MAX, NAME_CHARACTERS_MAX, SUBJECT_CHARACTERS_MAX } from "./limits.ts";

/** A file that came with a message. */
export interface IncomingFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** A message as a room shows it. */
export interface Incoming {
  /** Undefined where From names nobody. */
  readonly author: Correspondent | undefined;
  /** Whether DMARC, or a login here, proved that the author's domain sent it; and the word for it. */
  readonly verdict: { readonly is: "verified" | "unverified"; readonly word: string };
  readonly subject: string;
  readonly text: string;
  readonly files: readonly IncomingFile[];
  /** Undefined where it has none. */
  readonly messageId: string | undefined;
  /** Identifiers of what it answers, the nearest first. */
  readonly answers: readonly string[];
  /** The author's reply address, and all others that the message names, as they are written: `localpart@domain`. */
  readonly replyTo: readonly Correspondent[];
  readonly others: readonly Correspondent[];
  /** Addresses that it came to, as far as it says so. */
  readonly addressees: readonly string[];
  /** A program made it: it is shown, and nobody answers. RFC 3834 5 */
  readonly isAutomatic: boolean;
}

/** Reads a message that our own MTA stored. `hostname` is the name under which it writes its trace fields. Never throws. */
export function readIncoming(bytes: Uint8Array, hostname: string, charsets?: Charsets): Incoming {
  const message = parseMessage(bytes);
  const [author] = people(message, "from", charsets);
  const replyTo = people(message, "reply-to", charsets);
  const others = ["to", "cc"].flatMap(name => people(message, name, charsets));
  const [messageId] = messageIdsOf(message, "message-id");
  return {
    author,
    verdict: verdictOf(message, hostname),
    subject: (subjectOf(message, charsets) ?? "").slice(0, SUBJECT_CHARACTERS_MAX).toWellFormed(),
    text: textOf(message, charsets),
    files: filesOf(message, charsets),
    messageId,
    answers: [...messageIdsOf(message, "references"), ...messageIdsOf(message, "in-reply-to")].reverse(),
    replyTo: replyTo.length > 0 ? replyTo : author === undefined ? [] : [author],
    others,
    addressees: [...others.map(({ address }) => address), ...deliveredTo(message)],
    isAutomatic: isAutomatic(message),
  };
}

/** Mailboxes of a field that can be written to. */
function people(message: Message, name: string, charsets: Charsets | undefined): readonly Correspondent[] {
  const found: Correspondent[] = [];
  for (const each of mailboxesOf(addressesOf(message, name).addresses)) {
    const mailbox = strictMailbox(each);
    if (!mailbox.ok) continue;
    const shown = displayNameOf(each, charsets).slice(0, NAME_CHARACTERS_MAX).toWellFormed();
    found.push({ name: shown, address: addressKey(mailbox.value) });
  }
  return found;
}

/** Fields that our MTA wrote: those up to its Received, and what it found, right behind. What stands below came from outside. */
function ownFields({ header }: Message): readonly HeaderField[] {
  let end = header.findIndex(field => field.lowerName === "received") + 1;
  while (end > 0 && header[end]?.lowerName === "authentication-results") end += 1;
  return header.slice(0, end);
}

/**
 * What is known of the author. Who logged in here may only use their own addresses; of others DMARC says whether the domain in From sent it. Fields of
 * anybody else are not believed. RFC 8601 5, RFC 3848
 */
function verdictOf(message: Message, hostname: string): Incoming["verdict"] {
  const own = ownFields(message);
  const received = own.find(field => field.lowerName === "received");
  if (received !== undefined) {
    const { clauses } = parseReceived(message.bytes, received);
    const protocol = clauses.get("with")?.value.toUpperCase() ?? "";
    const isOurs = clauses.get("by")?.value.toLowerCase() === hostname.toLowerCase();
    if (isOurs && /^(?:E|UTF8)?(?:SMTP|LMTP)S?A$/.test(protocol)) return { is: "verified", word: "logged in here" };
  }
  for (const field of own.filter(each => each.lowerName === "authentication-results")) {
    const { server, results } = parseAuthenticationResults(message.bytes, field);
    if (server.toLowerCase() !== hostname.toLowerCase()) continue;
    const dmarc = results.find(({ method }) => method === "dmarc");
    if (dmarc !== undefined)
      return { is: dmarc.result === "pass" ? "verified" : "unverified", word: `DMARC ${dmarc.result}` };
  }
  return { is: "unverified", word: "not checked" };
}

/** The address that our MTA wrote the message came for. */
function deliveredTo(message: Message): readonly string[] {
  const received = ownFields(message).find(field => field.lowerName === "received");
  const value = received && parseReceived(message.bytes, received).clauses.get("for")?.value;
  return value === undefined ? [] : [value.replace(/^</, "").replace(/>$/, "")];
}

/** RFC 3834 2: what a program sent, what came to a list, and reports of delivery (the null path). */
function isAutomatic(message: Message): boolean {
  const fieldOf = (name: string): string | undefined => {
    const field = firstField(message.header, name);
    return field === undefined ? undefined : fieldText(message.bytes, field).trim().toLowerCase();
  };
  const submitted = fieldOf("auto-submitted");
  if (submitted !== undefined && !/^no(?:$|[\s;(])/.test(submitted)) return true;
  if (fields(ownFields(message), "return-path").some(field => fieldText(message.bytes, field).trim() === "<>"))
    return true;
  if (["list-id", "x-autoreply", "x-autorespond", "x-auto-response-suppress"].some(name => fieldOf(name) !== undefined))
    return true;
  return ["bulk", "list", "junk", "auto_reply"].includes(fieldOf("precedence") ?? "");
}

/** The text that a person reads: of alternatives the plain one, of HTML what it says. */
function textOf(message: Message, charsets: Charsets | undefined): string {
  const shown = partsOf(message.root).filter(part => part.children.length === 0 && !isFile(message, part));
  const plain = shown.filter(({ mediaType }) => mediaType === "text/plain");
  const chosen = plain.length > 0 ? plain : shown.filter(({ mediaType }) => mediaType === "text/html");
  return chosen
    .map(part => {
      const text = (unwrappedTextOf(message, part, charsets) ?? "").replaceAll("\r\n", "\n").toWellFormed();
      return part.mediaType === "text/html" ? textOfHtml(text) : text.trimEnd();
    })
    .filter(text => text !== "")
    .join("\n\n");
}

function filesOf(message: Message, charsets: Charsets | undefined): readonly IncomingFile[] {
  return partsOf(message.root)
    .filter(part => part.children.length === 0 && isFile(message, part))
    .slice(0, FILES_MAX)
    .map(part => ({
      name: fileNameOf(message, part, charsets) ?? "file",
      mediaType: part.mediaType,
      bytes: partBytes(message, part),
    }));
}

function isFile(message: Message, part: Part): boolean {
  if (isAttachment(dispositionOf(message, part)?.value)) return true;
  if (part.mediaType !== "text/plain" && part.mediaType !== "text/html")
    return !part.mediaType.startsWith("multipart/");
  return contentTypeOf(message, part).parameters.some(({ name }) => name === "name");
}
