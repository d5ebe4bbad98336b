import { failed, Octet, type Parsed, parsed } from "@scop/wire";
import { readMailbox } from "./arguments.ts";
import type { CommandOf } from "./command.ts";
import { type AppendPlace, type AppendStretch, readAppendStretch } from "./extensions/append-messages.ts";
import type { Piece } from "./framer.ts";
import { Reader } from "./reader.ts";
import { ImapClass } from "./syntax.ts";
import type { NameForm } from "./utf7.ts";

/** What a literal that was announced belongs to. */
export type LiteralPurpose =
  /** A string of the command. */
  | { readonly purpose: "argument" }
  /** A message, or a part of one, of this APPEND. */
  | {
      readonly purpose: "message";
      readonly tag: string;
      readonly mailbox: string;
      readonly stretch: Extract<AppendStretch, { ends: "literal" }>;
    };

/** An APPEND without a literal: its messages are put together from others. RFC 4469 3 */
export function readAppend(reader: Reader): CommandOf<"APPEND"> | undefined {
  const mailbox = reader.space() ? readMailbox(reader) : undefined;
  const stretch = mailbox === undefined ? undefined : readAppendStretch(reader, "messages", "none", 0);
  if (mailbox === undefined || stretch?.ends !== "command") return undefined;
  return { command: "APPEND", mailbox, steps: stretch.steps };
}

/** Decides by what came before a literal whether it is a message of an APPEND. An APPEND that can't be read is a diagnostic. */
export function literalPurpose(pieces: readonly Piece[], names?: NameForm): Parsed<LiteralPurpose> {
  const reader = new Reader(pieces, names);
  const tag = reader.text(ImapClass.tag);
  if (tag === "" || !reader.take(Octet.space) || !reader.word("APPEND")) return parsed({ purpose: "argument" });
  const mailbox = reader.space() ? readMailbox(reader) : undefined;
  // The mailbox itself is the literal: all that was missing is at the end of `APPEND `.
  if (reader.done && reader.error?.code === "mailbox-expected") return parsed({ purpose: "argument" });
  const stretch = mailbox === undefined ? undefined : readAppendStretch(reader, "messages", "follows", 0);
  if (stretch?.ends === "argument") return parsed({ purpose: "argument" });
  if (mailbox !== undefined && stretch?.ends === "literal") {
    return parsed({ purpose: "message", tag, mailbox, stretch });
  }
  reader.fail("literal-unexpected", "RFC 3501 6.3.11");
  const { code, offset, length, rule } = reader.error!;
  return failed(code, offset, length, rule);
}

/**
 * What follows in an APPEND behind a literal that was taken: the pieces since, up to another literal or to the end. `messages`: how many began
 * so far. What can't be read is a diagnostic with its place in these pieces. RFC 4466 2.7, RFC 4469 5
 */
export function parseAppendStretch(
  pieces: readonly Piece[],
  from: AppendPlace,
  literal: "follows" | "none",
  messages: number,
): Parsed<AppendStretch> {
  const reader = new Reader(pieces);
  const stretch = readAppendStretch(reader, from, literal, messages);
  if (stretch !== undefined) return parsed(stretch);
  const { code, offset, length, rule } = reader.error!;
  return failed(code, offset, length, rule);
}
