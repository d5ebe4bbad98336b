const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 61;

/** The value of each octet in base64, 255 where it has none. */
export const base64Values: Uint8Array = new Uint8Array(256).fill(255);
for (let value = 0; value < 64; value += 1) base64Values[ALPHABET.charCodeAt(value)] = value;

export function base64EncodePure(bytes: Uint8Array): string {
  let text = "";
  let at = 0;
  for (; at + 2 < bytes.length; at += 3) {
    const triple = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    text +=
      ALPHABET[triple >> 18]! + ALPHABET[(triple >> 12) & 63]! + ALPHABET[(triple >> 6) & 63]! + ALPHABET[triple & 63]!;
  }
  const left = bytes.length - at;
  if (left === 1) text += `${ALPHABET[bytes[at]! >> 2]!}${ALPHABET[(bytes[at]! & 3) << 4]!}==`;
  if (left === 2) {
    const pair = (bytes[at]! << 8) | bytes[at + 1]!;
    text += `${ALPHABET[pair >> 10]!}${ALPHABET[(pair >> 4) & 63]!}${ALPHABET[(pair & 15) << 2]!}=`;
  }
  return text;
}

export function base64DecodePure(text: string): Uint8Array {
  let symbols = text.length;
  while (symbols > 0 && text.charCodeAt(symbols - 1) === PAD) symbols -= 1;
  const bytes = new Uint8Array((symbols * 3) >> 2);
  let at = 0;
  let bits = 0;
  let held = 0;
  for (let index = 0; index < symbols; index += 1) {
    held = ((held << 6) | base64Values[text.charCodeAt(index)]!) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = held >> bits;
      at += 1;
    }
  }
  return bytes;
}
