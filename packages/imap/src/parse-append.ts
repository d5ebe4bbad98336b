import { failed, Octet, type Parsed, parsed } from "@scop/wire";
import { readFlagList, readMailbox } from "./arguments.ts";
import type { CommandOf } from "./command.ts";
import { readDateTime } from "./date-time.ts";
import type { Piece } from "./framer.ts";
import { Reader } from "./reader.ts";
import { ImapClass } from "./syntax.ts";

/** APPEND as far as it comes before the message. */
export type AppendCommand = CommandOf<"APPEND">;

/** What a literal that was announced belongs to. */
export type LiteralPurpose =
  /** A string of the command. */
  | { readonly purpose: "argument" }
  /** The message of this APPEND. */
  | { readonly purpose: "message"; readonly tag: string; readonly append: AppendCommand };

/** RFC 3501 9: append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal, read up to the literal. */
export function readAppend(reader: Reader): AppendCommand | undefined {
  const mailbox = reader.space() ? readMailbox(reader) : undefined;
  if (mailbox === undefined || !reader.space()) return undefined;
  let flags: readonly string[] | undefined = [];
  if (reader.peek() === 40) {
    flags = readFlagList(reader);
    if (flags === undefined || !reader.space()) return undefined;
  }
  if (reader.peek() !== Octet.quote) return { command: "APPEND", mailbox, flags, internalDate: undefined };
  const internalDate = readDateTime(reader);
  if (internalDate === undefined || !reader.space()) return undefined;
  return { command: "APPEND", mailbox, flags, internalDate };
}

/** Decides by what came before a literal whether it is the message of an APPEND. An APPEND that can't be read is a diagnostic. */
export function literalPurpose(pieces: readonly Piece[]): Parsed<LiteralPurpose> {
  const reader = new Reader(pieces);
  const tag = reader.text(ImapClass.tag);
  if (tag === "" || !reader.take(Octet.space) || !reader.word("APPEND")) return parsed({ purpose: "argument" });
  const append = readAppend(reader);
  if (append !== undefined && reader.done) return parsed({ purpose: "message", tag, append });
  // The mailbox itself is the literal: all that was missing is at the end of `APPEND `.
  if (reader.done && reader.error?.code === "mailbox-expected") return parsed({ purpose: "argument" });
  reader.fail("literal-unexpected", "RFC 3501 6.3.11");
  const { code, offset, length, rule } = reader.error!;
  return failed(code, offset, length, rule);
}
