import {
  addressesOf,
  composeMessage,
  dateOf,
  displayNameOf,
  type MessageDraft,
  mailboxesOf,
  parseMessageStrictly,
  partBytes,
  partsOf,
  partText,
  subjectOf,
} from "@scop/mime";
import { draftOf, inBody, inField } from "@scop/mime/arbitrary";
import { check, latin1, same } from "./properties.ts";

export const about =
  "a composed message is strictly well-formed and reads as what it was made from; no value makes a field or part of its own";
export const seeds: readonly Uint8Array[] = [
  new Uint8Array(),
  Uint8Array.from({ length: 200 }, (_, at) => (at * 37) % 251),
];
export const lengthMax = 400;
/** The octets choose a draft, which may be many times as long. */
export const stepsPerOctetMax = 50_000;

/** Octets of an attachment of no text: more are encoded as these are, and cost most of a run. */
const OCTETS_MAX = 600;

function shorterDraft(data: Uint8Array): MessageDraft {
  const draft = draftOf(data);
  const attachments = (draft.attachments ?? []).map(each =>
    each.charset === undefined ? each : { ...each, bytes: each.bytes.subarray(0, OCTETS_MAX) },
  );
  return { ...draft, attachments };
}

export function fuzz(data: Uint8Array): void {
  const draft = shorterDraft(data);
  const bytes = composeMessage(draft);
  const read = parseMessageStrictly(bytes);
  check(read.ok, `a composed message is well-formed: ${read.ok || read.error.code}`);
  if (!read.ok) return;
  const message = read.value;
  same(
    subjectOf(message),
    draft.subject === undefined ? undefined : inField(draft.subject),
    "the subject is read back",
  );
  same(dateOf(message), draft.date, "the date is read back");
  const from = mailboxesOf(addressesOf(message, "from").addresses);
  same(
    from.map(each => [displayNameOf(each), each.localPart, each.domain]),
    draft.from.map(({ name, mailbox }) => [inField(name), mailbox.localPart, mailbox.domain]),
    "From is read back",
  );
  const leaves = partsOf(message.root).filter(part => part.children.length === 0);
  const texts = leaves.map(part => partText(message, part));
  for (const text of [draft.text, draft.html, draft.calendar?.text]) {
    check(text === undefined || texts.includes(inBody(text)), "texts are read back");
  }
  const octets = leaves.map(part => latin1(partBytes(message, part)));
  for (const { bytes: content, mediaType } of draft.attachments ?? []) {
    check(mediaType.startsWith("message/") || octets.includes(latin1(content)), "attachments are read back");
  }
  const wanted = [draft.text, draft.html].filter(each => each !== undefined).length;
  const others = (draft.calendar === undefined ? 0 : 1) + (draft.attachments ?? []).length;
  check(leaves.length === Math.max(1, wanted) + others, "there are as many parts as were asked for");
}
