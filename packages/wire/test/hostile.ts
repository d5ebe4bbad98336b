import fc from "fast-check";

const lead = fc.constantFrom(0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xee, 0xef, 0xf0, 0xf3, 0xf4, 0xf5, 0xff);
const continuation = fc.constantFrom(0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf);
const octet = fc.oneof(lead, continuation, fc.constantFrom(0x00, 0x61, 0x7f), fc.integer({ min: 0, max: 255 }));

/** Octets at the edges of what UTF-8 allows, dense with cut, overlong and misplaced sequences. */
export const hostileUtf8: fc.Arbitrary<Uint8Array> = fc
  .array(octet, { maxLength: 40 })
  .map(octets => Uint8Array.from(octets));
