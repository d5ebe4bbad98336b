/** A character of a pattern that stands for any one. */
const ANY_ONE = 0x3f;
/** Characters of a pattern and of the text that it is held against: beyond them nothing is looked at. Our own bounds. */
const PATTERN_CHARACTERS_MAX = 512;
const TEXT_CHARACTERS_MAX = 8_192;

/** A pattern of a push rule: `*` stands for any characters, `?` for one. Case means nothing. Client-server API, glob-style matching */
export class Glob {
  readonly #pieces: readonly string[];

  constructor(pattern: string) {
    this.#pieces = pattern.slice(0, PATTERN_CHARACTERS_MAX).toLowerCase().split("*");
  }

  /** Whether it fits the whole text. The first place where a piece fits is the best one, so that nothing is tried twice. */
  fits(text: string): boolean {
    const lower = text.slice(0, TEXT_CHARACTERS_MAX).toLowerCase();
    const [first, ...rest] = this.#pieces;
    if (rest.length === 0) return lower.length === first!.length && fitsAt(lower, first!, 0);
    const last = rest.pop()!;
    const end = lower.length - last.length;
    if (end < first!.length || !fitsAt(lower, first!, 0) || !fitsAt(lower, last, end)) return false;
    return findAll(lower, rest, first!.length, end) !== undefined;
  }

  /** Whether it fits somewhere in the text, between the beginnings and ends of words. */
  fitsWord(text: string): boolean {
    const lower = text.slice(0, TEXT_CHARACTERS_MAX).toLowerCase();
    const [first, ...rest] = this.#pieces;
    const last = rest.pop();
    for (let start = find(lower, first!, 0); start !== undefined; start = find(lower, first!, start + 1)) {
      if (!isEdge(lower, start)) continue;
      const after = start + first!.length;
      if (last === undefined) {
        if (isEdge(lower, after)) return true;
        continue;
      }
      const from = findAll(lower, rest, after, lower.length);
      // What does not fit behind the first beginning does not behind a later one either.
      return from !== undefined && endsAtWord(lower, last, from);
    }
    return false;
  }
}

function endsAtWord(text: string, piece: string, from: number): boolean {
  for (let at = find(text, piece, from); at !== undefined; at = find(text, piece, at + 1)) {
    if (isEdge(text, at + piece.length)) return true;
  }
  return false;
}

/** The place behind the last of the pieces, found one after the other; undefined where one is not there before `end`. */
function findAll(text: string, pieces: readonly string[], start: number, end: number): number | undefined {
  let at = start;
  for (const piece of pieces) {
    const found = find(text, piece, at);
    if (found === undefined || found + piece.length > end) return undefined;
    at = found + piece.length;
  }
  return at;
}

function find(text: string, piece: string, from: number): number | undefined {
  if (!piece.includes("?")) {
    const at = text.indexOf(piece, from);
    // An empty piece is found everywhere, and behind the end once.
    return at < 0 || from > text.length ? undefined : at;
  }
  for (let at = from; at + piece.length <= text.length; at += 1) if (fitsAt(text, piece, at)) return at;
  return undefined;
}

function fitsAt(text: string, piece: string, at: number): boolean {
  if (at + piece.length > text.length) return false;
  for (let index = 0; index < piece.length; index += 1) {
    const code = piece.charCodeAt(index);
    if (code !== ANY_ONE && code !== text.charCodeAt(at + index)) return false;
  }
  return true;
}

/** Whether a word begins or ends at a place: letters, digits and `_` are of words. Client-server API, content rules */
function isEdge(text: string, at: number): boolean {
  return !isOfWord(text.charCodeAt(at - 1)) || !isOfWord(text.charCodeAt(at));
}

function isOfWord(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}
