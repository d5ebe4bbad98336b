import type { Instant } from "@scop/platform";
import { latin1, Octet } from "@scop/wire";
import { readFlagList } from "../arguments.ts";
import { readDateTime } from "../date-time.ts";
import { APPEND_MESSAGES_MAX } from "../limits.ts";
import type { Reader } from "../reader.ts";
import { type MessageUrl, parseMessageUrl } from "./message-url.ts";

const OPEN = 40;
const CLOSE = 41;

/** What an APPEND does, in order. Octets of literals come in between. */
export type AppendStep =
  | { readonly step: "begin"; readonly flags: readonly string[]; readonly internalDate: Instant | undefined }
  /** Octets of another message are next. `url` is undefined for what can't be one of ours. RFC 4469 3 */
  | { readonly step: "url"; readonly text: string; readonly url: MessageUrl | undefined }
  /** The parts of a message are complete. */
  | { readonly step: "whole" };

/** Where in an APPEND a stretch of its text begins: between messages, or behind a part of one. */
export type AppendPlace = "messages" | "parts";

/** A stretch of text of an APPEND, up to a literal or to its end. */
export type AppendStretch =
  /** A literal of the message follows: all of it, or a part. */
  | { readonly ends: "literal"; readonly steps: readonly AppendStep[]; readonly behind: AppendPlace }
  /** A literal that belongs to the text follows. */
  | { readonly ends: "argument" }
  | { readonly ends: "command"; readonly steps: readonly AppendStep[] };

/**
 * RFC 4466 2.7: append = "APPEND" SP mailbox 1*append-message; append-message = [SP flag-list] [SP date-time] SP append-data.
 * RFC 4469 5: append-data = literal / "CATENATE" SP "(" cat-part *(SP cat-part) ")". `literal`: whether one follows; `messages`: how many came.
 */
export function readAppendStretch(
  reader: Reader,
  from: AppendPlace,
  literal: "follows" | "none",
  messages: number,
): AppendStretch | undefined {
  const steps: AppendStep[] = [];
  let count = messages;
  let place: AppendPlace | "part" = from;
  // Each turn reads some of the text or leaves.
  for (;;) {
    if (place === "messages") {
      if (reader.done && literal === "none" && count > 0) return { ends: "command", steps };
      const begin = readBegin(reader);
      if (begin === undefined) return undefined;
      count += 1;
      if (count > APPEND_MESSAGES_MAX) return reader.fail("too-many-messages", "RFC 3502 6.3.11");
      steps.push(begin);
      if (reader.done && literal === "follows") return { ends: "literal", steps, behind: "messages" };
      if (!reader.word("CATENATE (")) return reader.fail("literal-expected");
      place = "part";
    } else if (place === "parts") {
      if (reader.take(CLOSE)) {
        steps.push({ step: "whole" });
        place = "messages";
      } else if (reader.take(Octet.space)) place = "part";
      else return reader.fail("list-end-expected", "RFC 4469 5");
    } else {
      const isEnd = readPart(reader, steps, literal);
      if (isEnd === "error") return undefined;
      if (isEnd === "literal") return { ends: "literal", steps, behind: "parts" };
      if (isEnd === "argument") return { ends: "argument" };
      place = "parts";
    }
  }
}

/** RFC 4469 5: cat-part = "TEXT" SP literal / "URL" SP astring */
function readPart(
  reader: Reader,
  steps: AppendStep[],
  literal: "follows" | "none",
): "literal" | "argument" | "url" | "error" {
  if (reader.word("TEXT ")) {
    if (reader.done && literal === "follows") return "literal";
    reader.fail("literal-expected", "RFC 4469 5");
    return "error";
  }
  if (!reader.word("URL ")) {
    reader.fail("part-expected", "RFC 4469 5");
    return "error";
  }
  if (reader.done && literal === "follows") return "argument";
  const octets = reader.astring("url-expected");
  if (octets === undefined) return "error";
  const text = latin1(octets);
  steps.push({ step: "url", text, url: parseMessageUrl(text) });
  return "url";
}

/** What is said of a message before it comes. */
function readBegin(reader: Reader): AppendStep | undefined {
  if (!reader.space()) return undefined;
  let flags: readonly string[] | undefined = [];
  if (reader.peek() === OPEN) {
    flags = readFlagList(reader);
    if (flags === undefined || !reader.space()) return undefined;
  }
  if (reader.peek() !== Octet.quote) return { step: "begin", flags, internalDate: undefined };
  const internalDate = readDateTime(reader);
  return internalDate === undefined || !reader.space() ? undefined : { step: "begin", flags, internalDate };
}
