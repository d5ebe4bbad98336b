import { TextPieces } from "@scop/wire";
import { contentTypeOf } from "./body.ts";
import type { Charsets, Message, Part } from "./model.ts";
import { parameter } from "./parameters.ts";
import { partText } from "./part-content.ts";

const CR = 13;
const SPACE = 32;
const QUOTE = ">";
/** What stands before a signature ends with a space and flows nowhere. RFC 3676 4.3 */
const SIGNATURE = "-- ";
/** One line of flowed text. All places count from the start of the text. */
interface Line {
  readonly start: number;
  /** How many `>` it begins with. */
  readonly depth: number;
  /** Behind these and behind one space, which was stuffed. RFC 3676 4.4 */
  readonly content: number;
  /** Behind its last character. */
  readonly end: number;
  /** Behind its line end. */
  readonly next: number;
  readonly flows: boolean;
}

function readLine(text: string, start: number): Line {
  const lineFeed = text.indexOf("\n", start);
  const next = lineFeed < 0 ? text.length : lineFeed + 1;
  let end = lineFeed < 0 ? text.length : lineFeed;
  if (end > start && end < next && text.charCodeAt(end - 1) === CR) end -= 1;
  let content = start;
  while (content < end && text.charAt(content) === QUOTE) content += 1;
  const depth = content - start;
  if (content < end && text.charCodeAt(content) === SPACE) content += 1;
  const isSignature = end - content === SIGNATURE.length && text.startsWith(SIGNATURE, content);
  const flows = end > content && next > end && text.charCodeAt(end - 1) === SPACE && !isSignature;
  return { start, depth, content, end, next, flows };
}

/**
 * Text of format=flowed with the lines of each paragraph joined: quotes stay as `>` before a line, stuffed spaces go where nothing is
 * quoted, `-- ` stays alone. With `delSp` the space before a soft line break goes too. A paragraph ends where the depth of the
 * quote changes, as RFC 3676 4.5 says. Linear, in the memory of the two texts. RFC 3676 4
 */
export function unwrapFlowed(text: string, options: { readonly delSp: boolean }): string {
  const output = new TextPieces();
  /** Where what was not put yet begins. */
  let from = 0;
  let line = text === "" ? undefined : readLine(text, 0);
  let continues = false;
  while (line !== undefined) {
    if (continues) from = line.content;
    else if (line.depth === 0 && line.content > line.start) {
      output.add(text.slice(from, line.start));
      from = line.content;
    }
    const following: Line | undefined = line.next < text.length ? readLine(text, line.next) : undefined;
    // A signature mark is fixed, also behind a line that flows.
    const isJoined =
      line.flows && following !== undefined && following.depth === line.depth && !isMark(text, following);
    if (isJoined) {
      output.add(text.slice(from, options.delSp ? line.end - 1 : line.end));
      from = line.next;
    }
    continues = isJoined;
    line = following;
  }
  output.add(text.slice(from));
  return output.text();
}

function isMark(text: string, { content, end }: Line): boolean {
  return end - content === SIGNATURE.length && text.startsWith(SIGNATURE, content);
}

/**
 * The text of a part as `partText` gives it, unwrapped if it is text/plain and says `format=flowed`; undefined where its charset is
 * unknown. RFC 3676 4
 */
export function unwrappedTextOf(message: Pick<Message, "bytes">, part: Part, charsets?: Charsets): string | undefined {
  const text = partText(message, part, charsets);
  if (text === undefined || part.mediaType !== "text/plain") return text;
  const type = contentTypeOf(message, part);
  if (parameter(type, "format")?.toLowerCase() !== "flowed") return text;
  return unwrapFlowed(text, { delSp: parameter(type, "delsp")?.toLowerCase() === "yes" });
}
