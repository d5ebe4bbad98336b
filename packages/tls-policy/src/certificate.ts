/** Where the contents of a DER element begin and end. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly contents: number;
  readonly end: number;
}

/** The element at an offset; undefined where it is cut off or its length is not of a kind that DER allows up to four octets. X.690 8.1.3 */
function elementAt(bytes: Uint8Array, start: number, bound: number): Element | undefined {
  if (start + 2 > bound) return undefined;
  const first = bytes[start + 1]!;
  const lengthOctets = first < 0x80 ? 0 : first & 0x7f;
  const contents = start + 2 + lengthOctets;
  if (first === 0x80 || lengthOctets > 4 || contents > bound) return undefined;
  let length = first;
  if (lengthOctets > 0) {
    length = 0;
    for (let at = start + 2; at < contents; at += 1) length = length * 256 + bytes[at]!;
  }
  const end = contents + length;
  return end > bound ? undefined : { tag: bytes[start]!, start, contents, end };
}

const SEQUENCE = 0x30;
const VERSION = 0xa0;
/** Serial number, signature, issuer, validity and subject stand before the key. RFC 5280 4.1 */
const FIELDS_BEFORE_KEY = 5;

/** The SubjectPublicKeyInfo of a certificate, as it stands there; undefined where the octets are no certificate. RFC 5280 4.1 */
export function publicKeyOf(certificate: Uint8Array): Uint8Array | undefined {
  const whole = elementAt(certificate, 0, certificate.length);
  if (whole?.tag !== SEQUENCE) return undefined;
  const signed = elementAt(certificate, whole.contents, whole.end);
  if (signed?.tag !== SEQUENCE) return undefined;
  const version = elementAt(certificate, signed.contents, signed.end);
  let at = version?.tag === VERSION ? version.end : signed.contents;
  for (let left = FIELDS_BEFORE_KEY; left > 0; left -= 1) {
    const field = elementAt(certificate, at, signed.end);
    if (field === undefined) return undefined;
    at = field.end;
  }
  const key = elementAt(certificate, at, signed.end);
  return key?.tag === SEQUENCE ? certificate.subarray(key.start, key.end) : undefined;
}
