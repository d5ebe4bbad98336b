import { type CommandOf, type Frame, type LiteralPurpose, type Piece, parseAppendStretch } from "@scop/imap";
import { concat, type Parsed } from "@scop/wire";
import { sectionText } from "./imap-normal.ts";
import { base64 } from "./operation.ts";

type Steps = CommandOf<"APPEND">["steps"];
type Stretch = Extract<LiteralPurpose, { purpose: "message" }>["stretch"];

/** A message as an APPEND gives it: octets of its own, and URLs of others. */
interface Appended {
  readonly flags: readonly string[];
  /** Seconds; null where it says none. */
  readonly date: number | null;
  readonly parts: object[];
}

/** What a URL names in the own account; null for any other. */
function sourceOf(url: Extract<Steps[number], { step: "url" }>["url"]): object | null {
  if (url === undefined) return null;
  const { mailbox, uidValidity = null, uid, section, partial } = url;
  const range = partial === undefined ? null : [partial.start, partial.octets];
  return { mailbox, uidValidity, uid, section: sectionText(section), range };
}

/** The messages of an APPEND that was read without any literal. */
export function messagesOf(steps: Steps): readonly Appended[] {
  const messages: Appended[] = [];
  addSteps(messages, steps);
  return messages;
}

function addSteps(messages: Appended[], steps: Steps): void {
  for (const step of steps) {
    if (step.step === "begin") {
      const { flags, internalDate } = step;
      messages.push({ flags, date: internalDate === undefined ? null : internalDate / 1000, parts: [] });
    } else if (step.step === "url") messages.at(-1)!.parts.push({ url: step.text, source: sourceOf(step.url) });
  }
}

/** An APPEND whose messages come as literals, while it is read. */
export class AppendReading {
  readonly mailbox: string;
  readonly messages: Appended[] = [];
  #place: Stretch["behind"];
  #octets: Uint8Array[] = [];
  /** Pieces of the command that were read. */
  #read = 0;

  constructor({ mailbox, stretch }: Extract<LiteralPurpose, { purpose: "message" }>) {
    this.mailbox = mailbox;
    this.#place = stretch.behind;
    addSteps(this.messages, stretch.steps);
  }

  /** Octets of a message; `pieces`: those of the command behind them. */
  chunk({ bytes, last }: Extract<Frame, { frame: "chunk" }>, pieces: readonly Piece[]): void {
    this.#octets.push(bytes.slice());
    if (!last) return;
    this.messages.at(-1)!.parts.push({ text: base64(concat(this.#octets)) });
    this.#octets = [];
    this.#read = pieces.length;
  }

  /** What came since the last message, up to another literal or to the end. */
  next(pieces: readonly Piece[], literal: "follows" | "none"): ReturnType<typeof parseAppendStretch> {
    const read: Parsed<Stretch | { readonly ends: "argument" } | { readonly ends: "command"; readonly steps: Steps }> =
      parseAppendStretch(pieces.slice(this.#read), this.#place, literal, this.messages.length);
    if (!read.ok || read.value.ends === "argument") return read;
    addSteps(this.messages, read.value.steps);
    if (read.value.ends === "literal") this.#place = read.value.behind;
    return read;
  }
}
