import { assert } from "@scop/wire";
import { REPLY_LINE_OCTETS_MAX } from "./limits.ts";

/** One reply of a server. RFC 5321 4.2, RFC 3463 */
export interface Reply {
  /** 200 to 599. */
  readonly code: number;
  /** RFC 3463, as in `5.1.1`; undefined where none is sent (greeting, EHLO, 334, 354). */
  readonly enhanced: string | undefined;
  /** One or more lines of text, without line breaks. */
  readonly lines: readonly string[];
}

/** A reply of one or more lines: `reply(550, "5.1.1", "No such user here")`. */
export function reply(code: number, enhanced: string | undefined, ...lines: readonly string[]): Reply {
  return { code, enhanced, lines };
}

/** Whether a stage may answer with it: a code of 200 to 299 or 400 to 599. RFC 5321 4.2.1 */
export function isFinalReply(candidate: Reply): boolean {
  const { code } = candidate;
  return Number.isInteger(code) && code >= 200 && code <= 599 && (code < 300 || code >= 400);
}

/** Whether the code is 200 to 299. RFC 5321 4.2.1 */
export function isPositive(candidate: Reply): boolean {
  return candidate.code < 300;
}

/**
 * The reply with an enhanced code of its own class: what is missing or of another class becomes `X.0.0`.
 * RFC 2034 4: every reply of class 2, 4 and 5 carries one.
 */
export function withEnhanced(candidate: Reply): Reply {
  const digit = String(Math.floor(candidate.code / 100));
  if (candidate.enhanced?.startsWith(`${digit}.`)) return candidate;
  return { ...candidate, enhanced: `${digit}.0.0` };
}

/** Text for one line: what is not printable US-ASCII becomes `?`, because a reply may quote what somebody else said. */
function printable(text: string): string {
  return /^[ -~]*$/.test(text) ? text : text.replace(/[^ -~]/g, "?");
}

/**
 * A reply as it goes over the wire, every line ended by CRLF and cut to 512 octets. It can hold no other CR or LF.
 * RFC 5321 4.2: Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
 */
export function encodeReply(given: Reply): string {
  assert(Number.isInteger(given.code) && given.code >= 200 && given.code <= 599, "a reply code is 200 to 599");
  const enhanced = given.enhanced === undefined ? "" : `${printable(given.enhanced)} `;
  const lines = given.lines.length === 0 ? [""] : given.lines;
  let text = "";
  for (const [index, line] of lines.entries()) {
    const whole = `${given.code}${index === lines.length - 1 ? " " : "-"}${enhanced}${printable(line)}`;
    text += `${whole.slice(0, REPLY_LINE_OCTETS_MAX - 2)}\r\n`;
  }
  return text;
}
