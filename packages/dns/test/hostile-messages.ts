import { concat } from "@scop/wire";
import { octetsOf } from "./vectors.ts";

/** A message of at most so many octets: a header with these counts, a beginning, and then one piece again and again. */
function repeated(
  octets: number,
  counts: string,
  begin: string,
  piece: (index: number, at: number) => string,
): Uint8Array {
  const pieces = [octetsOf(`1234 8180 ${counts}`), octetsOf(begin)];
  let at = pieces[0]!.length + pieces[1]!.length;
  for (let index = 0; ; index += 1) {
    const next = octetsOf(piece(index, at));
    if (at + next.length > octets) return concat(pieces);
    pieces.push(next);
    at += next.length;
  }
}

function pointer(target: number): string {
  return (0xc000 + target).toString(16);
}

const MANY_ANSWERS = "0000 ffff 0000 0000";
const RECORD = "00ff 0001 00000000 0000";
/** A name of 127 labels with one octet each, as long as names can be. */
const LONGEST = `${"0161".repeat(126)}00`;

/** Families of hostile messages, each made of up to so many octets. */
export const hostileMessages: readonly (readonly [title: string, make: (octets: number) => Uint8Array])[] = [
  [
    "pointers, each to the one before",
    octets =>
      repeated(
        octets,
        MANY_ANSWERS,
        `00 ${RECORD}`,
        (index, at) => `${index === 0 ? pointer(12) : pointer(Math.min(at - 12, 0x3fff))} ${RECORD}`,
      ),
  ],
  [
    "pointers to the longest name",
    octets => repeated(octets, MANY_ANSWERS, `${LONGEST} ${RECORD}`, () => `${pointer(12)} ${RECORD}`),
  ],
  [
    "a label and a pointer to the longest name",
    octets => repeated(octets, MANY_ANSWERS, `${LONGEST} ${RECORD}`, () => `0161 ${pointer(14)} ${RECORD}`),
  ],
  [
    "pointers into the middle of names",
    octets =>
      repeated(octets, MANY_ANSWERS, `${LONGEST} ${RECORD}`, index => `${pointer(12 + 2 * (index % 126))} ${RECORD}`),
  ],
  [
    "names of escaped octets",
    octets => repeated(octets, MANY_ANSWERS, "", () => `${`3f${"00".repeat(63)}`.repeat(3)} 00 ${RECORD}`),
  ],
  ["counts without records", octets => repeated(octets, "ffff ffff ffff ffff", "", () => "00")],
  ["questions", octets => repeated(octets, "ffff 0000 0000 0000", "", () => "00 0001 0001")],
  ["empty records", octets => repeated(octets, MANY_ANSWERS, "", () => `00 ${RECORD}`)],
  ["records with malformed data", octets => repeated(octets, MANY_ANSWERS, "", () => "00 0001 0001 00000000 0001 00")],
  [
    "signatures whose signers are as long as names can be",
    octets =>
      repeated(
        octets,
        MANY_ANSWERS,
        "",
        () => `00 0006 0001 00000000 0016 ${pointer(12)} ${pointer(12)} ${"00".repeat(18)}`,
      ),
  ],
  [
    "one TXT record of empty strings",
    octets => {
      const count = octets - 23;
      return concat([
        octetsOf("1234 8180 0000 0001 0000 0000 00 0010 0001 00000000"),
        Uint8Array.of(count >> 8, count),
        new Uint8Array(count),
      ]);
    },
  ],
  [
    "one OPT record of empty options",
    octets => {
      const count = (octets - 23) & ~3;
      return concat([
        octetsOf("1234 8180 0000 0000 0000 0001 00 0029 04d0 00000000"),
        Uint8Array.of(count >> 8, count),
        new Uint8Array(count),
      ]);
    },
  ],
  [
    "one SVCB record of empty parameters",
    octets => {
      const parameters = Array.from({ length: (octets - 26) >> 2 }, (_, key) => Uint8Array.of(key >> 8, key, 0, 0));
      const data = concat([Uint8Array.of(0, 1, 0), ...parameters]);
      return concat([
        octetsOf("1234 8180 0000 0001 0000 0000 00 0040 0001 00000000"),
        Uint8Array.of(data.length >> 8, data.length),
        data,
      ]);
    },
  ],
];
