/** A value of an IMAP response: text (an atom or a string alike), NIL, or a list. */
export type Value = string | null | readonly Value[];

interface Reading {
  readonly text: string;
  readonly literals: readonly Buffer[];
  at: number;
  /** Literals that were used. */
  used: number;
}

/** The values of a response behind its `*`: literals stand in the text as `{n}`, and their octets beside it. Lists nest as deep as a test's mail does. */
export function readValues(text: string, literals: readonly Buffer[]): readonly Value[] {
  const reading: Reading = { text, literals, at: 0, used: 0 };
  const open: Value[][] = [[]];
  while (reading.at < text.length) {
    const character = text[reading.at]!;
    if (character === " ") reading.at += 1;
    else if (character === "(") {
      reading.at += 1;
      open.push([]);
    } else if (character === ")") {
      reading.at += 1;
      const closed = open.pop()!;
      open.at(-1)!.push(closed);
    } else open.at(-1)!.push(readOne(reading));
  }
  return open[0]!;
}

function readOne(reading: Reading): Value {
  const { text, at } = reading;
  if (text[at] === '"') return readQuoted(reading);
  const literal = /^~?\{(\d+)\}/.exec(text.slice(at, at + 24));
  if (literal !== null) {
    reading.at += literal[0].length;
    reading.used += 1;
    return reading.literals[reading.used - 1]!.toString("latin1");
  }
  const atom = readAtom(reading);
  return atom.toUpperCase() === "NIL" ? null : atom;
}

function readQuoted(reading: Reading): string {
  let value = "";
  for (reading.at += 1; reading.text[reading.at] !== '"'; reading.at += 1) {
    if (reading.text[reading.at] === "\\") reading.at += 1;
    value += reading.text[reading.at] ?? "";
    if (reading.at >= reading.text.length) throw new Error(`a quoted string does not end: ${reading.text}`);
  }
  reading.at += 1;
  return value;
}

/** An atom; what stands in brackets belongs to it, as in `BODY[HEADER.FIELDS (To)]`. */
function readAtom(reading: Reading): string {
  const from = reading.at;
  let brackets = 0;
  for (; reading.at < reading.text.length; reading.at += 1) {
    const character = reading.text[reading.at]!;
    if (character === "[") brackets += 1;
    else if (character === "]") brackets -= 1;
    else if (brackets === 0 && " ()".includes(character)) break;
  }
  return reading.text.slice(from, reading.at);
}

/** A value as one line, lists in parentheses. */
export function printValue(value: Value): string {
  if (value === null) return "NIL";
  if (typeof value === "string") return JSON.stringify(value);
  return `(${value.map(printValue).join(" ")})`;
}
