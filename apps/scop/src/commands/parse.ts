import {
  checkMessage,
  contentIdOf,
  contentTypeOf,
  decodeField,
  decodePartBytes,
  decodePartText,
  dispositionOf,
  type EmbeddedPart,
  embeddedPartsOf,
  fileNameOf,
  isAttachment,
  type Message,
  type Part,
  parameter,
  parseMessage,
  safeFileName,
  unwrappedTextOf,
} from "@scop/mime";
import { nodeByteWork } from "@scop/node-host/byte-work";
import { runtimeCharsets } from "@scop/node-host/charsets";
import { installByteWork } from "@scop/wire";
import type { Command } from "commander";

import { fieldView } from "../field-view.ts";
import { readInput } from "../input.ts";
import { example } from "./command.ts";

interface ParseFlags {
  readonly strict?: true;
  readonly bytes?: true;
}

/** One part as it is printed. */
interface PrintedPart {
  readonly type: string;
  readonly disposition: string | null;
  readonly filename: string | null;
  readonly charset: string | null;
  readonly encoding: string;
  readonly contentId: string | null;
  /** Octets, decoded. */
  readonly size: number;
  /** Only of text that is in a charset we know. */
  readonly text?: string;
  /** The text with its paragraphs joined, where it says that it is flowed. */
  readonly unwrapped?: string;
  /** What is uuencoded in the text, or what a winmail.dat holds. */
  readonly embedded?: readonly PrintedAttachment[];
  readonly parts: PrintedPart[];
}

type PrintedAttachment = Pick<PrintedPart, "type" | "disposition" | "filename" | "size">;

/** `scop parse FILE|-` */
export function addParseCommand(program: Command): void {
  program
    .command("parse <file>")
    .description("show what is in a message, as JSON; - reads standard input")
    .option("--strict", "exit with 1 where the message breaks a rule")
    .option("--bytes", "write the message back instead, octet for octet")
    .option("--json", "print JSON (it always does)")
    .addHelpText("after", example("npx scop parse message.eml", "curl -s imaps://... | npx scop parse --strict -"))
    .action(parse);
}

async function parse(file: string, flags: ParseFlags): Promise<void> {
  installByteWork(nodeByteWork);
  const bytes = await readInput(file);
  const message = parseMessage(bytes);
  const output = flags.bytes ? message.bytes : `${JSON.stringify(printed(message), null, 2)}\n`;
  await new Promise<void>(resolve => process.stdout.write(output, () => resolve()));
  if (flags.strict && checkMessage(message, { charsets: runtimeCharsets }).length > 0) process.exitCode = 1;
}

function printed(message: Message): object {
  const root = printedTree(message);
  return {
    headers: message.header.map(field => ({
      name: field.name,
      value: decodeField(message.bytes, field, runtimeCharsets).value,
      offset: field.offset,
      length: field.length,
      parsed: fieldView(message, field, runtimeCharsets),
    })),
    parts: [root],
    attachments: attachmentsOf(root),
    diagnostics: checkMessage(message, { charsets: runtimeCharsets }),
  };
}

/** The tree, built without recursion: depth is the sender's choice. */
function printedTree(message: Message): PrintedPart {
  const root = printedPart(message, message.root);
  const waiting: { readonly part: Part; readonly shown: PrintedPart }[] = [{ part: message.root, shown: root }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const child of next.part.children) {
      const shown = printedPart(message, child);
      next.shown.parts.push(shown);
      waiting.push({ part: child, shown });
    }
  }
  return root;
}

function printedPart(message: Message, part: Part): PrintedPart {
  const type = contentTypeOf(message, part);
  const text = part.mediaType.startsWith("text/") ? decodePartText(message, part, runtimeCharsets).value : undefined;
  const unwrapped = text === undefined ? undefined : unwrappedTextOf(message, part, runtimeCharsets);
  const embedded = embeddedPartsOf(message, part, runtimeCharsets).parts.map(printedEmbedded);
  return {
    type: part.mediaType,
    disposition: dispositionOf(message, part)?.value ?? null,
    filename: fileNameOf(message, part, runtimeCharsets) ?? null,
    charset: parameter(type, "charset") ?? null,
    encoding: part.encoding,
    contentId: contentIdOf(message, part) ?? null,
    size: part.children.length > 0 ? part.end - part.bodyOffset : decodePartBytes(message, part).value.length,
    ...(text === undefined ? {} : { text }),
    ...(unwrapped === undefined || unwrapped === text ? {} : { unwrapped }),
    ...(embedded.length === 0 ? {} : { embedded }),
    parts: [],
  };
}

function printedEmbedded({ mediaType, name, bytes }: EmbeddedPart): PrintedAttachment {
  const filename = name === undefined ? null : (safeFileName(name) ?? null);
  return { type: mediaType, disposition: null, filename, size: bytes.length };
}

/** What a reader would save: what says so, what has a name, and leaves that are not text. */
function attachmentsOf(root: PrintedPart): readonly PrintedAttachment[] {
  const found: PrintedAttachment[] = [];
  const waiting = [root];
  for (let part = waiting.pop(); part; part = waiting.pop()) {
    const { type, disposition, filename, size } = part;
    const isFile = isAttachment(disposition ?? undefined) || filename !== null || !/^(text|multipart)\//.test(type);
    if (isFile && !type.startsWith("multipart/")) found.push({ type, disposition, filename, size });
    found.push(...(part.embedded ?? []));
    waiting.push(...part.parts.toReversed());
  }
  return found;
}
