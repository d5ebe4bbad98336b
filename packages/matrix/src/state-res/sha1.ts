const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** One bit, zeros up to 8 octets before the end of a block, the length in bits. FIPS 180-4 5.1.1 */
function padded(bytes: Uint8Array): DataView {
  const blocks = Math.ceil((bytes.length + 9) / 64);
  const all = new Uint8Array(64 * blocks);
  all.set(bytes);
  all[bytes.length] = 0x80;
  const view = new DataView(all.buffer);
  view.setUint32(all.length - 8, Math.floor(bytes.length / 0x2000_0000));
  view.setUint32(all.length - 4, (bytes.length << 3) >>> 0);
  return view;
}

/** FIPS 180-4 4.1.1 and 4.2.1 */
function round(at: number, b: number, c: number, d: number): number {
  if (at < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (at < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (at < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

/** SHA-1, 20 octets: an order that state resolution 1 asks for, and good for nothing else. FIPS 180-4 6.1 */
export function sha1(bytes: Uint8Array): Uint8Array {
  const view = padded(bytes);
  const hash = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const words = new Int32Array(80);
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let at = 0; at < 16; at += 1) words[at] = view.getInt32(block + 4 * at);
    for (let at = 16; at < 80; at += 1)
      words[at] = rotate(words[at - 3]! ^ words[at - 8]! ^ words[at - 14]! ^ words[at - 16]!, 1);
    let [a, b, c, d, e] = hash as unknown as [number, number, number, number, number];
    for (let at = 0; at < 80; at += 1) {
      const next = (rotate(a, 5) + round(at, b, c, d) + e + words[at]!) | 0;
      [e, d, c, b, a] = [d, c, rotate(b, 30), a, next];
    }
    for (const [at, word] of [a, b, c, d, e].entries()) hash[at]! += word;
  }
  const digest = new DataView(new ArrayBuffer(20));
  for (const [at, word] of hash.entries()) digest.setInt32(4 * at, word);
  return new Uint8Array(digest.buffer);
}
