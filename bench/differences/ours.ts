import {
  addressesOf,
  dateOf,
  displayNameOf,
  dispositionOf,
  fileNameOf,
  isAttachment,
  type Message,
  mailboxesOf,
  type Part,
  parseMessage,
  partBytes,
  partsOf,
  partText,
  subjectOf,
} from "@scop/mime";
import { runtimeCharsets } from "@scop/node-host/charsets";
import { type Answer, hashOf } from "./answer.ts";

interface Leaves {
  readonly texts: string[];
  readonly pages: string[];
  readonly files: [string | null, number, number][];
}

function addLeaf({ texts, pages, files }: Leaves, message: Message, part: Part): void {
  const name = fileNameOf(message, part, runtimeCharsets) ?? null;
  const isFile = name !== null || isAttachment(dispositionOf(message, part)?.value);
  const into = part.mediaType === "text/plain" ? texts : part.mediaType === "text/html" ? pages : undefined;
  const text = isFile || into === undefined ? undefined : partText(message, part, runtimeCharsets);
  if (text !== undefined) into!.push(text);
  else {
    const bytes = partBytes(message, part);
    files.push([name, bytes.length, hashOf(bytes)]);
  }
}

/** What we read of a message. */
export function ourAnswer(bytes: Uint8Array): Answer {
  const message = parseMessage(bytes);
  const leaves = partsOf(message.root).filter(part => part.children.length === 0);
  const found: Leaves = { texts: [], pages: [], files: [] };
  for (const part of leaves) addLeaf(found, message, part);
  const date = dateOf(message);
  return {
    from: mailboxesOf(addressesOf(message, "from").addresses).map(each => [
      displayNameOf(each, runtimeCharsets),
      each.domain === "" ? each.localPart : `${each.localPart}@${each.domain}`,
    ]),
    subject: subjectOf(message, runtimeCharsets) ?? null,
    date: date === undefined ? null : date.instant / 1_000,
    types: leaves.map(part => part.mediaType),
    ...found,
  };
}
