import type { JsonObject } from "@scop/corpus";
import {
  acceptLiteral,
  type Command,
  decodeMailboxName,
  emptyFramer,
  encodeMailboxName,
  type Frame,
  feed,
  literalPurpose,
  type MessageSet,
  nextFrame,
  parseCommand,
  refuseCommand,
  streamLiteral,
  tagOf,
} from "@scop/imap";
import { type Diagnostic, latin1, Secret, utf8Lossy } from "@scop/wire";
import { accepted, type Operations, parsedAnswer } from "./operation.ts";
import { piecesOf } from "./smtp.ts";

const LIMITS = { commandOctets: 65_536, skippedOctets: 1_000_000 };
/** Octets of a literal that is waited for. */
const LITERAL_OCTETS_MAX = 1_000_000;
const TOO_LARGE: Diagnostic = { code: "literal-too-large", offset: 0, length: 0, rule: "RFC 7888 4" };

function setText(set: MessageSet): string {
  if (set === "saved") return "$";
  const one = (value: number): string => (value === Number.POSITIVE_INFINITY ? "*" : String(value));
  return set.map(({ low, high }) => (low === high ? one(low) : `${one(low)}:${one(high)}`)).join(",");
}

/** A command as the cases show it: texts, lists of texts, and its set. */
function shown(tag: string, command: Command): JsonObject {
  const value: Record<string, unknown> = { tag };
  for (const [name, field] of Object.entries(command)) {
    if (field instanceof Secret) value[name] = latin1(field.reveal());
    else if (field instanceof Uint8Array) value[name] = latin1(field);
    else if (name === "set" && field !== undefined) value[name] = setText(field as MessageSet);
    else value[name] = field;
  }
  return value;
}

type Found = readonly [tag: string, name: string, value: JsonObject | undefined, reason: string];

/** All commands of a stream; `BAD` stands for one that can't be read. */
function commandsOf(pieces: readonly Uint8Array[]): readonly Found[] {
  const found: Found[] = [];
  let framer = emptyFramer;
  let isAppend = false;
  for (const piece of pieces) {
    framer = feed(framer, piece);
    for (;;) {
      const next: { readonly framer: typeof framer; readonly frame: Frame } = nextFrame(framer, LIMITS, false);
      framer = next.framer;
      const { frame } = next;
      if (frame.frame === "bytes") break;
      if (frame.frame === "chunk") continue;
      if (frame.frame === "literal") {
        const purpose = literalPurpose(frame.pieces);
        const isMessage = purpose.ok && purpose.value.purpose === "message";
        isAppend ||= isMessage;
        if (!purpose.ok || frame.octets > LITERAL_OCTETS_MAX) framer = refuseCommand(framer, TOO_LARGE);
        else framer = isMessage ? streamLiteral(framer) : acceptLiteral(framer);
        continue;
      }
      const tag = tagOf(frame.pieces);
      const read = frame.frame === "command" ? parseCommand(frame.pieces) : undefined;
      if (isAppend && frame.frame === "command") found.push([tag, "APPEND", { tag }, ""]);
      else if (read?.ok) found.push([tag, read.value.command.command, shown(read.value.tag, read.value.command), ""]);
      else found.push([tag, "BAD", undefined, read?.error.code ?? frame.frame]);
      isAppend = false;
      if (frame.frame === "overflow") return found;
    }
  }
  return found;
}

/** Commands and mailbox names by `@scop/imap`. */
export const imap: Operations = {
  "imap.command": {
    fields: [
      "tag",
      "command",
      "mailbox",
      "set",
      "flags",
      "user",
      "password",
      "mechanism",
      "from",
      "to",
      "reference",
      "patterns",
    ],
    run: bytes => {
      const [first] = commandsOf([bytes]);
      if (first?.[2] === undefined) return { outcome: "reject", reason: first?.[3] ?? "no command" };
      return accepted(first[2]);
    },
  },
  "imap.stream": {
    fields: ["commands"],
    run: (bytes, params) =>
      accepted({ commands: commandsOf(piecesOf(bytes, params)).map(([tag, name]) => [tag, name]) }),
  },
  "imap.utf7-decode": {
    fields: ["name"],
    run: bytes => parsedAnswer(decodeMailboxName(latin1(bytes)), name => ({ name })),
  },
  "imap.utf7-encode": { fields: ["text"], run: bytes => accepted({ text: encodeMailboxName(utf8Lossy(bytes)) }) },
};
