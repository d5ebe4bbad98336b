import { type Diagnostic, equalIgnoringCase, failed, type Parsed, parsed, unreachable } from "@scop/wire";
import { formatMailbox, type Mailbox, parseHost, readMailbox } from "./mailbox.ts";

/** Where a bounce goes; `null` means none. RFC 5321 4.1.1.2 */
export type ReversePath = { readonly kind: "null" } | { readonly kind: "mailbox"; readonly mailbox: Mailbox };

/** Where mail goes; `postmaster` is the one without a domain. RFC 5321 4.1.1.3 */
export type ForwardPath = { readonly kind: "postmaster" } | { readonly kind: "mailbox"; readonly mailbox: Mailbox };

/** A path and how much of the text it took. */
export interface PathRead<P> {
  readonly path: P;
  /** UTF-16 units up to and with `>`: `text.slice(characters)` are the parameters. */
  readonly characters: number;
}

/** Spaces at the start. RFC 5321 3.3 forbids them, many clients send one; what to do about it is the server's policy. */
function leadingSpaces(text: string): number {
  let at = 0;
  while (text.charAt(at) === " ") at += 1;
  return at;
}

function spaceNotes(spaces: number): Diagnostic[] {
  return spaces === 0 ? [] : [{ code: "path-space", offset: 0, length: spaces, rule: "RFC 5321 3.3" }];
}

interface Opened {
  /** After `<` and the source route. */
  readonly at: number;
  readonly notes: readonly Diagnostic[];
}

/** Path = "<" [ A-d-l ":" ] Mailbox ">"   RFC 5321 4.1.2 */
function open(text: string): Parsed<Opened> {
  const spaces = leadingSpaces(text);
  const notes = spaceNotes(spaces);
  const at = spaces + 1;
  if (text.charAt(spaces) !== "<") return failed("path-not-opened", spaces, 0, "RFC 5321 4.1.2");
  if (text.charAt(at) !== "@") return parsed({ at, notes });
  // RFC 5321 4.1.1.3: source routes are accepted and ignored.
  const colon = endOfRoute(text, at);
  if (colon < 0) return failed("source-route", at, text.length - at, "RFC 5321 4.1.2");
  for (const hop of text.slice(at, colon).split(",")) {
    if (!hop.startsWith("@") || !parseHost(hop.slice(1)).ok) {
      return failed("source-route", at, colon - at, "RFC 5321 4.1.2");
    }
  }
  notes.push({ code: "source-route", offset: at, length: colon + 1 - at, rule: "RFC 5321 C" });
  return parsed({ at: colon + 1, notes });
}

/** Where the colon stands that ends a source route: not one within an address literal. -1 if there is none. */
function endOfRoute(text: string, from: number): number {
  let inLiteral = false;
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "[") inLiteral = true;
    else if (character === "]") inLiteral = false;
    else if (character === ":" && !inLiteral) return at;
  }
  return -1;
}

function readMailboxPath(text: string): Parsed<PathRead<{ readonly kind: "mailbox"; readonly mailbox: Mailbox }>> {
  const opened = open(text);
  if (!opened.ok) return opened;
  const read = readMailbox(text, opened.value.at);
  if (!read.ok) return read;
  const { mailbox, end } = read.value;
  return parsed({ path: { kind: "mailbox", mailbox }, characters: end + 1 }, [...opened.value.notes, ...read.notes]);
}

/** A path without mailbox, in any case of its letters; undefined where something else stands. */
function readFixed<P>(text: string, fixed: string, path: P): Parsed<PathRead<P>> | undefined {
  const spaces = leadingSpaces(text);
  const end = spaces + fixed.length;
  if (!equalIgnoringCase(text.slice(spaces, end), fixed)) return undefined;
  return parsed({ path, characters: end }, spaceNotes(spaces));
}

/**
 * The argument of MAIL after `FROM:`, which may go on with parameters. The text is decoded UTF-8 (for ASCII one character per octet);
 * offsets count UTF-16 units. A source route is read, dropped and noted; a space before `<` is noted. RFC 5321 4.1.1.2
 */
export function parseReversePath(text: string): Parsed<PathRead<ReversePath>> {
  return readFixed<ReversePath>(text, "<>", { kind: "null" }) ?? readMailboxPath(text);
}

/** The argument of RCPT after `TO:`, as `parseReversePath`; `<>` is refused, `<Postmaster>` is taken in any case. RFC 5321 4.1.1.3 */
export function parseForwardPath(text: string): Parsed<PathRead<ForwardPath>> {
  return readFixed<ForwardPath>(text, "<postmaster>", { kind: "postmaster" }) ?? readMailboxPath(text);
}

/** The text of a path with its brackets. It never holds a control character. */
export function formatPath(path: ReversePath | ForwardPath): string {
  switch (path.kind) {
    case "null":
      return "<>";
    case "postmaster":
      return "<Postmaster>";
    case "mailbox":
      return `<${formatMailbox(path.mailbox)}>`;
    default:
      return unreachable(path);
  }
}
