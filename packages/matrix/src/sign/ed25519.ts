import { equalBytes, hex } from "@scop/wire";

/**
 * Points of a small order, the sign left out: a signature by such a key, or with such a commitment, holds for many messages. libsodium, with
 * which most servers check, refuses them, and two servers that differ here have two rooms.
 */
const SMALL_ORDER: readonly Uint8Array[] = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map(octetsOf);

const POINT_OCTETS = 32;

/** Whether key and commitment are of the kind that libsodium takes too; the host's own check has the rest. RFC 8032 5.1.7 */
export function isStrictSignature(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return !isSmallOrder(publicKey) && !isSmallOrder(signature.subarray(0, POINT_OCTETS)) && isReduced(publicKey);
}

function isSmallOrder(point: Uint8Array): boolean {
  // Not `slice`: that of Node's Buffer is no copy.
  const unsigned = new Uint8Array(point);
  unsigned[POINT_OCTETS - 1]! &= 0x7f;
  return SMALL_ORDER.some(each => equalBytes(each, unsigned));
}

/** Whether the coordinate is below 2^255 - 19: each point has one form. */
function isReduced(point: Uint8Array): boolean {
  if ((point[POINT_OCTETS - 1]! & 0x7f) !== 0x7f || point[0]! < 0xed) return true;
  return point.subarray(1, POINT_OCTETS - 1).some(octet => octet !== 0xff);
}

function octetsOf(text: string): Uint8Array {
  const octets = hex(text);
  if (!octets.ok) throw new Error("the constant is hexadecimal");
  return octets.value;
}
