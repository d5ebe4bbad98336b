import {
  addressesOf,
  checkMessage,
  composeMessage,
  dateOf,
  displayNameOf,
  editMessage,
  embeddedPartsOf,
  fileNameOf,
  mailboxesOf,
  messageIdsOf,
  openMessageReader,
  type Part,
  parseMessage,
  partBytes,
  partsOf,
  partText,
  serialise,
  subjectOf,
} from "@scop/mime";
import { draftOf } from "@scop/mime/arbitrary";
import { assert, base64, base64Encode, concat, equalBytes } from "@scop/wire";

const PIECE_OCTETS = 1_000;

function octetsOf(text: string): Uint8Array {
  const octets = base64(text);
  assert(octets.ok, "base64 of our own");
  return octets.value;
}

function leafOf(bytes: Uint8Array, part: Part): object {
  const message = { bytes };
  return {
    type: part.mediaType,
    name: fileNameOf(message, part),
    text: part.mediaType.startsWith("text/") ? partText(message, part) : undefined,
    octets: base64Encode(partBytes(message, part)),
    embedded: embeddedPartsOf(message, part).parts.map(({ name, bytes: content }) => [name, base64Encode(content)]),
  };
}

/** Octets and findings that come out of a stream. */
function streamed(bytes: Uint8Array): readonly [octets: number, parts: number, codes: readonly string[]] {
  const reader = openMessageReader({ content: "decoded" });
  let octets = 0;
  let parts = 0;
  const codes: string[] = [];
  const take = (events: ReturnType<typeof reader.feed>): void => {
    for (const event of events) {
      if (event.on === "content") octets += event.bytes.length;
      if (event.on === "part") parts += 1;
      if (event.on === "diagnostic") codes.push(event.diagnostic.code);
    }
  };
  for (let at = 0; at < bytes.length; at += PIECE_OCTETS) take(reader.feed(bytes.subarray(at, at + PIECE_OCTETS)));
  take(reader.end());
  return [octets, parts, codes];
}

/** All that is read of a message in base64, as JSON. */
export function readingOf(text: string): string {
  const bytes = octetsOf(text);
  const message = parseMessage(bytes);
  const addresses = ["from", "to", "cc"].map(name =>
    mailboxesOf(addressesOf(message, name).addresses).map(each => [displayNameOf(each), each.localPart, each.domain]),
  );
  const edited = editMessage(message, [{ edit: "set-field", part: message.root, name: "Subject", value: "Grüße" }]);
  return JSON.stringify({
    addresses,
    fields: [subjectOf(message), dateOf(message), messageIdsOf(message, "message-id")],
    leaves: partsOf(message.root)
      .filter(part => part.children.length === 0)
      .map(part => leafOf(bytes, part)),
    found: checkMessage(message),
    streamed: streamed(bytes),
    same: equalBytes(serialise(message), bytes),
    edited: edited.ok ? base64Encode(concat(edited.value)) : edited.error,
  });
}

/** A message composed from a draft of these octets in base64, in base64. */
export function compositionOf(text: string): string {
  return base64Encode(composeMessage(draftOf(octetsOf(text))));
}
