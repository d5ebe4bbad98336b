import { createRequire } from "node:module";
import { parseAddressList } from "@scop/address";
import {
  addressesOf,
  composeMessage,
  dateOf,
  displayNameOf,
  fileNameOf,
  mailboxesOf,
  messageIdsOf,
  openMessageReader,
  parseMessage,
  partBytes,
  partsOf,
  partText,
  subjectOf,
} from "@scop/mime";
import { nodeByteWork } from "@scop/node-host/byte-work";
import { runtimeCharsets } from "@scop/node-host/charsets";
import { type ByteWork, installByteWork, whatwgByteWork } from "@scop/wire";
import { ANN, ATTACHMENT, BOB, LIST, TEXT } from "./draft.ts";

/** What is done with one message. The answer is looked at, so that no work is left out. */
type Work = (bytes: Buffer) => unknown;

/** A library in JavaScript. */
interface LibraryPeer {
  /** All text and attachments decoded, and the usual fields. */
  readonly full: Work;
  readonly index?: Work;
  readonly stream?: Work;
  readonly compose?: () => unknown;
  /** Mailboxes of the field of `LIST`. */
  readonly addresses?: () => unknown;
}

const require = createRequire(import.meta.url);

const ADDRESS_FIELDS = ["from", "to", "cc"];

function fullOf(bytes: Buffer): unknown {
  const message = parseMessage(bytes);
  const found: unknown[] = [subjectOf(message, runtimeCharsets), dateOf(message), messageIdsOf(message, "message-id")];
  for (const name of ADDRESS_FIELDS) {
    const { addresses } = addressesOf(message, name);
    for (const mailbox of mailboxesOf(addresses)) found.push(displayNameOf(mailbox, runtimeCharsets));
  }
  for (const part of partsOf(message.root)) {
    if (part.children.length > 0) continue;
    const isText = part.mediaType.startsWith("text/");
    found.push(isText ? partText(message, part, runtimeCharsets) : partBytes(message, part));
    found.push(fileNameOf(message, part, runtimeCharsets));
  }
  return found;
}

/** Octets that come from a socket at a time. */
const CHUNK_OCTETS = 65_536;

function streamOf(bytes: Buffer): unknown {
  const reader = openMessageReader({ content: "decoded" });
  let octets = 0;
  const count = (events: ReturnType<typeof reader.feed>): void => {
    for (const event of events) if (event.on === "content") octets += event.bytes.length;
  };
  for (let at = 0; at < bytes.length; at += CHUNK_OCTETS) count(reader.feed(bytes.subarray(at, at + CHUNK_OCTETS)));
  count(reader.end());
  return octets;
}

const scop = (work: ByteWork) => (): LibraryPeer => {
  installByteWork(work);
  const list = Buffer.from(LIST);
  return {
    full: fullOf,
    index: parseMessage,
    stream: streamOf,
    compose: composeOurs,
    addresses: () => parseAddressList(list),
  };
};

function composeOurs(): Uint8Array {
  return composeMessage({
    from: [ANN],
    to: [BOB],
    subject: "Grüße aus dem Süden",
    date: { instant: 1_795_425_600_000, offsetMinutes: 60 },
    messageId: "1@example.com",
    text: TEXT,
    attachments: [ATTACHMENT],
  });
}

interface MailParser {
  readonly simpleParser: (bytes: Buffer, options: Readonly<Record<string, boolean>>) => Promise<unknown>;
}

/** Without what others do not do: HTML to text and links out of text. */
const PLAIN = { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true, skipTextLinks: true };

function mailparser(): LibraryPeer {
  const { simpleParser } = require("mailparser") as MailParser;
  return { full: bytes => simpleParser(bytes, PLAIN) };
}

interface PostalMime {
  readonly default: { parse(bytes: Buffer): Promise<unknown> };
  readonly addressParser: (text: string) => unknown;
}

async function postalMime(): Promise<LibraryPeer> {
  const name = "postal-mime";
  const { default: parser, addressParser } = (await import(name)) as PostalMime;
  return { full: bytes => parser.parse(bytes), addresses: () => addressParser(LIST) };
}

interface Letterparser {
  readonly extract: (message: string) => unknown;
}

async function letterparser(): Promise<LibraryPeer> {
  const name = "letterparser";
  const { extract } = (await import(name)) as Letterparser;
  return { full: bytes => extract(bytes.toString("latin1")) };
}

interface ComposedNode {
  build(done: (error: Error | null, message: Buffer) => void): void;
}
type MailComposer = new (draft: object) => { compile(): ComposedNode };

function nodemailer(): LibraryPeer {
  const loaded = require("nodemailer/lib/mail-composer") as MailComposer | { readonly default: MailComposer };
  const Composer = typeof loaded === "function" ? loaded : loaded.default;
  const draft = {
    from: "Ann Example <ann@example.com>",
    to: "Bob <bob@example.com>",
    subject: "Grüße aus dem Süden",
    date: new Date(1_795_425_600_000),
    messageId: "<1@example.com>",
    text: TEXT,
    attachments: [
      { filename: ATTACHMENT.fileName, content: Buffer.from(ATTACHMENT.bytes), contentType: ATTACHMENT.mediaType },
    ],
  };
  const compose = (): Promise<Buffer> =>
    new Promise((resolve, reject) =>
      new Composer(draft).compile().build((error, message) => (error === null ? resolve(message) : reject(error))),
    );
  const addressparser = require("nodemailer/lib/addressparser") as (text: string) => unknown;
  return { full: () => undefined, compose, addresses: () => addressparser(LIST) };
}

/** Those that run in Node, by name. */
export const LIBRARIES: Readonly<Record<string, () => LibraryPeer | Promise<LibraryPeer>>> = {
  SCoP: scop(nodeByteWork),
  "SCoP without Buffer": scop(whatwgByteWork(TextDecoder, TextEncoder)),
  mailparser,
  "postal-mime": postalMime,
  letterparser,
  nodemailer,
};
