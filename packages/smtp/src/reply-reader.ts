import { concat, type Diagnostic, EMPTY, latin1, Octet, utf8Lossy } from "@scop/wire";
import { REPLY_LINE_OCTETS_READ_MAX, REPLY_LINES_MAX } from "./limits.ts";
import type { Reply } from "./reply.ts";

/** What has been read of a reply that is not complete. */
export interface ReplyReading {
  readonly pending: Uint8Array;
  readonly code: number;
  readonly enhanced: string | undefined;
  readonly lines: readonly string[];
}

/** Complete replies, and what remains; or the place where the server left the grammar. */
export interface RepliesRead {
  readonly reading: ReplyReading;
  readonly replies: readonly Reply[];
  readonly error: Diagnostic | undefined;
}

/** Nothing read yet. */
export const emptyReading: ReplyReading = { pending: EMPTY, code: 0, enhanced: undefined, lines: [] };

/** Whether octets of a further reply were received. */
export function isBetweenReplies(reading: ReplyReading): boolean {
  return reading.pending.length === 0 && reading.lines.length === 0;
}

interface ReplyLine {
  readonly code: number;
  readonly last: boolean;
  readonly text: string;
}

/** RFC 5321 4.2: Reply-code [ SP textstring ] or Reply-code "-" [ textstring ], without CRLF */
function readLine(bytes: Uint8Array): ReplyLine | undefined {
  const digits = latin1(bytes, 0, Math.min(3, bytes.length));
  const separator = bytes.length > 3 ? bytes[3] : Octet.space;
  if (!/^[2-5][0-9][0-9]$/.test(digits) || (separator !== Octet.space && separator !== Octet.hyphen)) return undefined;
  return { code: Number(digits), last: separator === Octet.space, text: utf8Lossy(bytes, Math.min(4, bytes.length)) };
}

/** The enhanced code that a line begins with, if it is one of the reply's class. RFC 2034 4 */
function enhancedOf(code: number, text: string): string | undefined {
  const found = /^[245]\.[0-9]{1,3}\.[0-9]{1,3}(?= |$)/.exec(text)?.[0];
  return found !== undefined && found.charCodeAt(0) - 48 === Math.floor(code / 100) ? found : undefined;
}

/** A line's text without the enhanced code that all lines repeat. */
function withoutEnhanced(text: string, enhanced: string | undefined): string {
  if (enhanced === undefined || !text.startsWith(enhanced)) return text;
  return text.slice(enhanced.length + 1);
}

/**
 * Reads replies from octets that may be cut anywhere. Strict: lines end with CRLF, all lines of a reply have one code, at most 4,096
 * octets a line and 256 lines; after an error the connection is of no more use. RFC 5321 4.2
 */
export function readReplies(reading: ReplyReading, bytes: Uint8Array): RepliesRead {
  const input = concat([reading.pending, bytes].filter(part => part.length > 0));
  const replies: Reply[] = [];
  let { code, enhanced, lines } = reading;
  let at = 0;
  const broken = (name: string): RepliesRead => ({
    reading: emptyReading,
    replies,
    error: { code: name, offset: at, length: 0, rule: "RFC 5321 4.2" },
  });
  for (let lf = input.indexOf(Octet.lf); lf >= 0; lf = input.indexOf(Octet.lf, at)) {
    if (lf === at || input[lf - 1] !== Octet.cr) return broken("bare-lf");
    if (lf - at >= REPLY_LINE_OCTETS_READ_MAX) return broken("reply-line-length");
    const line = readLine(input.subarray(at, lf - 1));
    if (line === undefined) return broken("reply-syntax");
    if (lines.length > 0 && line.code !== code) return broken("reply-code-changed");
    if (lines.length >= REPLY_LINES_MAX) return broken("reply-lines");
    if (lines.length === 0) enhanced = enhancedOf(line.code, line.text);
    code = line.code;
    lines = [...lines, withoutEnhanced(line.text, enhanced)];
    at = lf + 1;
    if (!line.last) continue;
    replies.push({ code, enhanced, lines });
    lines = [];
  }
  const pending = at === input.length ? EMPTY : input.slice(at);
  if (pending.length >= REPLY_LINE_OCTETS_READ_MAX) return broken("reply-line-length");
  return { reading: { pending, code, enhanced, lines }, replies, error: undefined };
}
