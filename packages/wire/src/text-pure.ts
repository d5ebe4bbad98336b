/** Arguments per `fromCharCode` call: more overflow the stack of some engines. */
const UNITS_PER_CALL = 4096;

export function latin1TextPure(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += UNITS_PER_CALL) {
    text += String.fromCharCode.apply(
      null,
      bytes.subarray(at, Math.min(end, at + UNITS_PER_CALL)) as unknown as number[],
    );
  }
  return text;
}

export function latin1BytesPure(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** One character of UTF-8: its code point, or -1 where it is malformed, and the octets it (or its maximal subpart) takes. */
interface Utf8Step {
  readonly code: number;
  readonly octets: number;
}

/** Unicode 3.9 table 3-7: the allowed second octets of each lead. */
function secondRange(lead: number): readonly [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  if (lead === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}

/** Reads one character at `at`, which is below `end`. RFC 3629 3 */
export function utf8Step(bytes: Uint8Array, at: number, end: number): Utf8Step {
  const lead = bytes[at]!;
  if (lead < 0x80) return { code: lead, octets: 1 };
  const continuations = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  if (lead < 0xc2 || lead > 0xf4) return { code: -1, octets: 1 };
  const [low, high] = secondRange(lead);
  let code = lead & (0x3f >> continuations);
  for (let index = 1; index <= continuations; index += 1) {
    const octet = at + index < end ? bytes[at + index]! : 0;
    if (octet < (index === 1 ? low : 0x80) || octet > (index === 1 ? high : 0xbf)) return { code: -1, octets: index };
    code = (code << 6) | (octet & 0x3f);
  }
  return { code, octets: continuations + 1 };
}

export function utf8TextPure(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let at = start;
  while (at < end) {
    const from = at;
    while (at < end && bytes[at]! < 0x80) at += 1;
    if (at > from) text += latin1TextPure(bytes, from, at);
    if (at === end) break;
    const step = utf8Step(bytes, at, end);
    text += step.code < 0 ? "\ufffd" : String.fromCodePoint(step.code);
    at += step.octets;
  }
  return text;
}

export function utf8BytesPure(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let octets = 0;
  for (let index = 0; index < text.length; index += 1) {
    let code = text.codePointAt(index)!;
    if (code > 0xffff) index += 1;
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
    octets = putUtf8(bytes, octets, code);
  }
  return bytes.slice(0, octets);
}

/** Writes one code point at `at` and answers where the next one goes. */
function putUtf8(bytes: Uint8Array, at: number, code: number): number {
  if (code < 0x80) {
    bytes[at] = code;
    return at + 1;
  }
  const continuations = code > 0xffff ? 3 : code > 0x7ff ? 2 : 1;
  bytes[at] = ((0xff00 >> (continuations + 1)) & 0xff) | (code >> (6 * continuations));
  for (let index = 1; index <= continuations; index += 1) {
    bytes[at + index] = 0x80 | ((code >> (6 * (continuations - index))) & 0x3f);
  }
  return at + continuations + 1;
}
