import { endOfComment, isBlank, wordsText } from "@scop/address/words";
import { utf8Lossy } from "@scop/wire";
import { decodeWords } from "./encoded-word.ts";
import { endOfValue } from "./field-text.ts";
import { firstField } from "./header.ts";
import { LIST_URLS_MAX } from "./limits.ts";
import type { Charsets, HeaderView } from "./model.ts";

const OPEN = 40;
const LESS = 60;
const GREATER = 62;

/** What a List-Help, List-Unsubscribe, List-Subscribe, List-Post, List-Owner or List-Archive says. RFC 2369 2 */
export interface ListField {
  /** In order of preference, without white space, of any scheme: look at it before it is followed. At most 100. RFC 2369 2 */
  readonly urls: readonly string[];
  /** Whether it says `NO`: posting is not allowed. RFC 2369 3.4 */
  readonly isNo: boolean;
}

/** Text of octets that are no white space. */
function withoutBlanks(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let from = start;
  for (let at = start; at < end; at += 1) {
    if (!isBlank(bytes[at]!) && bytes[at] !== 0) continue;
    text += utf8Lossy(bytes, from, at);
    from = at + 1;
  }
  return text + utf8Lossy(bytes, from, end);
}

/** The addresses in the first field of this name (any case); undefined where there is none. RFC 2369 2 */
export function listFieldOf(view: HeaderView, name: string): ListField | undefined {
  const field = firstField(view.header, name);
  if (field === undefined) return undefined;
  const { bytes } = view;
  const end = endOfValue(bytes, field);
  const urls: string[] = [];
  let at = field.valueOffset;
  while (at < end && urls.length < LIST_URLS_MAX) {
    if (bytes[at] === OPEN) at = endOfComment(bytes, at, end);
    else if (bytes[at] === LESS) {
      const from = at + 1;
      while (at < end && bytes[at] !== GREATER) at += 1;
      const url = withoutBlanks(bytes, from, at);
      if (url !== "") urls.push(url);
    } else at += 1;
  }
  return { urls, isNo: urls.length === 0 && wordsText(bytes, field.valueOffset, end, " ").toLowerCase() === "no" };
}

/** What names a list. RFC 2919 2 */
export interface ListId {
  /** Like a host name, in lower case: lists are compared by it. RFC 2919 6 */
  readonly id: string;
  /** For people; empty if there is none. */
  readonly description: string;
}

/** The list that a message came through; undefined where no List-Id says so. A value without brackets is the id. RFC 2919 3 */
export function listIdOf(view: HeaderView, charsets?: Charsets): ListId | undefined {
  const field = firstField(view.header, "list-id");
  if (field === undefined) return undefined;
  const { bytes } = view;
  const end = endOfValue(bytes, field);
  const open = bytes.subarray(0, end).lastIndexOf(LESS);
  if (open < field.valueOffset) {
    const id = wordsText(bytes, field.valueOffset, end, "").toLowerCase();
    return id === "" ? undefined : { id, description: "" };
  }
  let close = open;
  while (close < end && bytes[close] !== GREATER) close += 1;
  const description = decodeWords(wordsText(bytes, field.valueOffset, open, " "), charsets).value;
  return { id: withoutBlanks(bytes, open + 1, close).toLowerCase(), description };
}
