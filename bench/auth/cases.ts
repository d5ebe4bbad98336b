import { latin1, latin1Bytes } from "@scop/wire";
import { type BenchKey, signed } from "./messages.ts";

/** A header, and the names that are signed of it. */
interface HeaderCase {
  readonly name: string;
  readonly fields: readonly string[];
  readonly signs: readonly string[];
}

const BASE = [
  "From: Ann <ann@example.com>",
  "To: bob@example.org",
  "Subject: Hello",
  "Date: Thu, 26 Nov 2026 10:00:00 +0000",
];
const SIGNS = ["from", "to", "subject", "date"];

const HEADERS: readonly HeaderCase[] = [
  { name: "plain", fields: BASE, signs: SIGNS },
  { name: "folded", fields: [...BASE, "X-Long: one\r\n\ttwo \r\n  three"], signs: [...SIGNS, "x-long"] },
  { name: "two fields, one signed", fields: ["X-A: 1", "X-A: 2", ...BASE], signs: [...SIGNS, "x-a"] },
  { name: "two fields, both signed", fields: ["X-A: 1", "X-A: 2", ...BASE], signs: ["x-a", ...SIGNS, "x-a"] },
  {
    name: "two fields, signed three times",
    fields: ["X-A: 1", ...BASE, "X-A: 2"],
    signs: ["x-a", "x-a", ...SIGNS, "x-a"],
  },
  { name: "sealed", fields: BASE, signs: [...SIGNS, ...SIGNS] },
  { name: "absent fields signed", fields: BASE, signs: [...SIGNS, "cc", "reply-to", "x-none"] },
  { name: "names in other letters", fields: [...BASE, "x-AbC: Text"], signs: [...SIGNS, "x-abc"] },
  { name: "an empty field", fields: [...BASE, "X-Empty:", "X-Blank:  "], signs: [...SIGNS, "x-empty", "x-blank"] },
  { name: "white space around values", fields: [...BASE, "X-Space: \t a  \t b \t"], signs: [...SIGNS, "x-space"] },
  { name: "white space before the colon", fields: [...BASE, "X-Colon : a"], signs: [...SIGNS, "x-colon"] },
  { name: "octets above 127", fields: [...BASE, "X-High: \xe9\xff"], signs: [...SIGNS, "x-high"] },
];

const BODIES: readonly string[] = [
  ...["", "\r\n", "\r\n\r\n\r\n", "text", "text\r\n", "text\r\n\r\n\r\n", "\r\ntext\r\n", " \r\n \t\r\n", "   "],
  ...["a  b\t\tc \r\n", "a \r\n \r\n", "tab\tend\t\r\n", ".\r\n..\r\n", "\xe9\xff\x80\r\n", `${"x".repeat(2_000)}\r\n`],
  ...[
    "line\r\n".repeat(400),
    " leading\r\n\tleading\r\n",
    "DKIM-Signature: v=1\r\n\r\nFrom: x\r\n",
    "a\r\n \t \r\n\r\n",
  ],
];

/** What somebody does to a message on its way. */
interface Change {
  readonly name: string;
  apply(text: string): string;
}

/** Replaces the first place, which has to be there in most messages. */
function replacing(name: string, from: string | RegExp, to: string): Change {
  return { name, apply: text => text.replace(from, to) };
}

const CHANGES: readonly Change[] = [
  { name: "nothing", apply: text => text },
  { name: "more lines at the end", apply: text => `${text}\r\n\r\n` },
  { name: "text at the end", apply: text => `${text}x\r\n` },
  { name: "white space at the end", apply: text => text.replace(/(\r\n)?$/, " $1") },
  replacing("another subject", "Subject: Hello", "Subject: Hallo"),
  replacing("white space in the subject", "Subject: Hello", "Subject:   Hello "),
  replacing("a folded subject", "Subject: Hello", "Subject:\r\n Hello"),
  replacing("a subject in other letters", "Subject:", "SUBJECT:"),
  { name: "a signed field on top", apply: text => `X-A: 0\r\n${text}` },
  { name: "an unsigned field on top", apply: text => `X-Other: 0\r\n${text}` },
  replacing("a second From", "\r\nFrom:", "\r\nFrom: eve@example.net\r\nFrom:"),
  replacing("without Date", /Date: [^\r]*\r\n/, ""),
  replacing("another signature", /b=(.)(?=[A-Za-z0-9+/]{20})/, "b=A$1"),
  replacing("another body hash", /bh=../, "bh=AA"),
  replacing("another domain", "d=example.com", "d=example.net"),
  replacing("another selector", /s=(rsa|ed25519);/, "s=other;"),
  replacing("another time", /t=\d/, "t=0"),
];

const CANONICALIZATIONS = ["simple", "relaxed"] as const;

/** A signed message, perhaps changed after. */
export interface AgreementCase {
  readonly about: string;
  readonly bytes: Uint8Array;
}

/** Combinations of algorithm, canonicalization, header and body. */
const COMBINATIONS: number = 2 * 4 * HEADERS.length * BODIES.length;

/**
 * The case of a number: the first `COMBINATIONS` numbers have every combination once, each with one change; later ones have them again with
 * other changes.
 */
export async function agreementCase(number: number, keys: readonly BenchKey[]): Promise<AgreementCase> {
  let rest = number % COMBINATIONS;
  const take = <T>(values: readonly T[]): T => {
    const value = values[rest % values.length]!;
    rest = Math.floor(rest / values.length);
    return value;
  };
  const key = take(keys);
  const canonicalization = { header: take(CANONICALIZATIONS), body: take(CANONICALIZATIONS) };
  const header = take(HEADERS);
  const body = take(BODIES);
  const change = CHANGES[(number + Math.floor(number / COMBINATIONS) * 5) % CHANGES.length]!;
  const message = latin1Bytes(`${header.fields.join("\r\n")}\r\n\r\n${body}`);
  const whole = await signed(key, message, { canonicalization, fields: header.signs });
  const about = `${key.type} ${canonicalization.header}/${canonicalization.body}, ${header.name}, body ${JSON.stringify(body.slice(0, 30))}, ${change.name}`;
  return { about, bytes: latin1Bytes(change.apply(latin1(whole))) };
}
