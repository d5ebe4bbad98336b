import type { JsonObject } from "@scop/corpus";
import {
  acceptLiteral,
  type Command,
  type CommandOf,
  decodeMailboxName,
  emptyFramer,
  encodeMailboxName,
  type Frame,
  feed,
  literalPurpose,
  nextFrame,
  type Piece,
  parseCommand,
  refuseCommand,
  streamLiteral,
  tagOf,
} from "@scop/imap";
import { type Diagnostic, latin1, Secret, utf8Lossy } from "@scop/wire";
import { AppendReading, messagesOf } from "./imap-append.ts";
import { normalText, setText } from "./imap-normal.ts";
import { accepted, type Operations, parsedAnswer } from "./operation.ts";
import { piecesOf } from "./smtp.ts";

const LIMITS = { commandOctets: 65_536, skippedOctets: 1_000_000 };
/** Octets of a literal that is waited for. */
const LITERAL_OCTETS_MAX = 1_000_000;
const REFUSED: Diagnostic = { code: "literal-refused", offset: 0, length: 0, rule: "RFC 7888 4" };

/** A command as the cases show it: texts, lists of texts, and its set. */
function shown(tag: string, command: Command): JsonObject {
  const value: Record<string, unknown> = { tag, normal: normalText(command) };
  for (const [name, field] of Object.entries(command)) {
    if (name === "steps") value["messages"] = messagesOf(field as CommandOf<"APPEND">["steps"]);
    else if (field instanceof Secret) value[name] = latin1(field.reveal());
    else if (field instanceof Uint8Array) value[name] = latin1(field);
    else if (name === "set" && field !== undefined) value[name] = setText(field as Parameters<typeof setText>[0]);
    else value[name] = field;
  }
  return value;
}

type Found = readonly [tag: string, name: string, value: JsonObject | undefined, reason: string];

type Framer = typeof emptyFramer;

/** Reads the commands of a stream. */
class Commands {
  readonly found: Found[] = [];
  #framer: Framer = emptyFramer;
  #append: AppendReading | undefined;

  feed(piece: Uint8Array): void {
    this.#framer = feed(this.#framer, piece);
    for (;;) {
      const next: { readonly framer: Framer; readonly frame: Frame } = nextFrame(this.#framer, LIMITS, false);
      this.#framer = next.framer;
      const { frame } = next;
      if (frame.frame === "bytes") return;
      if (frame.frame === "chunk") this.#append?.chunk(frame, this.#framer.pieces);
      else if (frame.frame === "literal") this.#onLiteral(frame);
      else {
        this.found.push(this.#ended(frame));
        this.#append = undefined;
        if (frame.frame === "overflow") return;
      }
    }
  }

  #onLiteral({ octets, pieces }: Extract<Frame, { frame: "literal" }>): void {
    const isMessage = octets > LITERAL_OCTETS_MAX ? undefined : this.#isOfMessage(pieces);
    if (isMessage === undefined) this.#framer = refuseCommand(this.#framer, REFUSED);
    else this.#framer = isMessage ? streamLiteral(this.#framer) : acceptLiteral(this.#framer);
  }

  /** Whether a literal is of a message, and not a string; undefined where it may not stand there. */
  #isOfMessage(pieces: readonly Piece[]): boolean | undefined {
    if (this.#append !== undefined) {
      const read = this.#append.next(pieces, "follows");
      return read.ok ? read.value.ends === "literal" : undefined;
    }
    const purpose = literalPurpose(pieces);
    if (!purpose.ok) return undefined;
    if (purpose.value.purpose === "message") this.#append = new AppendReading(purpose.value);
    return purpose.value.purpose === "message";
  }

  #ended(frame: Extract<Frame, { frame: "command" | "refused" | "overflow" }>): Found {
    const tag = tagOf(frame.pieces);
    if (frame.frame !== "command") return [tag, "BAD", undefined, frame.frame];
    if (this.#append !== undefined) {
      const { mailbox, messages } = this.#append;
      const read = this.#append.next(frame.pieces, "none");
      if (!read.ok) return [tag, "BAD", undefined, read.error.code];
      return [tag, "APPEND", { tag, command: "APPEND", mailbox, messages }, ""];
    }
    const read = parseCommand(frame.pieces);
    if (!read.ok) return [tag, "BAD", undefined, read.error.code];
    return [tag, read.value.command.command, shown(read.value.tag, read.value.command), ""];
  }
}

/** All commands of a stream; `BAD` stands for one that can't be read. */
function commandsOf(pieces: readonly Uint8Array[]): readonly Found[] {
  const commands = new Commands();
  for (const piece of pieces) commands.feed(piece);
  return commands.found;
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
      "normal",
      "messages",
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
