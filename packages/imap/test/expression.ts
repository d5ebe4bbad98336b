import assert from "node:assert/strict";

/** A value as a client reads it: atoms and numbers as text, strings with their quotes taken off, NIL as null, lists as arrays. */
export type Value = { readonly atom: string } | { readonly string: string } | null | Value[];

/** Where text is no response that a client could read. */
class Unreadable extends Error {}

/** Reads the values of one response line, literals among them, up to its line end; answers where the next one begins. */
function readLine(text: string, from: number): { readonly values: Value[]; readonly next: number } {
  const top: Value[] = [];
  const open: Value[][] = [top];
  let at = from;
  const fail = (why: string): never => {
    throw new Unreadable(`${why} at ${at - from} of ${JSON.stringify(text.slice(from, from + 200))}`);
  };
  for (;;) {
    const list = open[open.length - 1]!;
    const character = text[at];
    if (character === undefined) return fail("the text ends");
    if (text.startsWith("\r\n", at)) {
      if (open.length > 1) return fail("a list is open");
      return { values: top, next: at + 2 };
    }
    if (character === " ") at += 1;
    else if (character === "(") {
      const inner: Value[] = [];
      list.push(inner);
      open.push(inner);
      at += 1;
    } else if (character === ")") {
      if (open.length === 1) return fail("no list is open");
      open.pop();
      at += 1;
    } else if (character === '"') {
      const end = endOfQuoted(text, at, fail);
      list.push({ string: text.slice(at + 1, end - 1).replace(/\\(["\\])/g, "$1") });
      at = end;
    } else if (character === "{") {
      const match = /^\{(\d+)\}\r\n/.exec(text.slice(at, at + 20));
      if (match === null) return fail("no literal");
      const start = at + match[0].length;
      const octets = Number(match[1]);
      if (start + octets > text.length) return fail("the literal ends early");
      list.push({ string: text.slice(start, start + octets) });
      at = start + octets;
    } else {
      const end = endOfAtom(text, at);
      if (end === at) return fail("no atom");
      const atom = text.slice(at, end);
      list.push(atom === "NIL" ? null : { atom });
      at = end;
    }
  }
}

function endOfQuoted(text: string, from: number, fail: (why: string) => never): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
    else if (text[at] === "\r" || text[at] === "\n" || text.charCodeAt(at) > 126)
      return fail("a quoted string with more than text");
  }
  return fail("a quoted string is open");
}

/** An atom goes on through brackets, which end at the first `]` that is not quoted: `BODY[HEADER.FIELDS ("]" [)]<0>`. */
function endOfAtom(text: string, from: number): number {
  let at = from;
  let isWithin = false;
  while (at < text.length) {
    const character = text[at]!;
    if (character === "\r" || character === "\n") break;
    if (!isWithin && ' ()"{'.includes(character)) break;
    if (character === "[") isWithin = true;
    else if (character === "]") isWithin = false;
    else if (character === '"') at = endOfQuoted(text, at, why => assert.fail(why)) - 1;
    at += 1;
  }
  return at;
}

/** All responses of a transcript whose text is free (status responses) or made of values. */
export function readResponses(text: string): Value[][] {
  const responses: Value[][] = [];
  let at = 0;
  while (at < text.length) {
    const status = /^(\S+ (?:OK|NO|BAD|BYE) |\+ )/.exec(text.slice(at, at + 300));
    if (status !== null) {
      const end = text.indexOf("\r\n", at);
      if (end < 0) throw new Unreadable("a status line without its end");
      responses.push([{ atom: text.slice(at, end) }]);
      at = end + 2;
      continue;
    }
    const line = readLine(text, at);
    responses.push(line.values);
    at = line.next;
  }
  return responses;
}

/** Values as short text: strings in double quotes, atoms bare, NIL as it is. */
export function show(value: Value | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "NIL";
  if (Array.isArray(value)) return `(${value.map(show).join(" ")})`;
  return "atom" in value ? value.atom : JSON.stringify(value.string);
}
