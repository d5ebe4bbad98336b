import { addressKey, parseMailbox, splitTag } from "@scop/address";
import type { Crypto } from "@scop/platform";
import { utf8Bytes } from "@scop/wire";

/** RFC 4648 6 in small letters: a local part may lose the case of its letters on the way. */
const DIGITS = "abcdefghijklmnopqrstuvwxyz234567";
/** Octets of the authentication code that are kept: nobody guesses 120 bits. */
const OCTETS = 15;

/** The address of a conversation: the account's own with a tag. */
export interface OwnAddress {
  /** The account's, `localpart@domain`. */
  readonly address: string;
  readonly tagSeparator: string;
}

/**
 * The name of the thread that begins with an event. Only who has the secret can make it, so that an answer to the address with this name comes
 * from somebody who was written to. 24 letters and digits. RFC 2104
 */
export function threadName(
  { hmacSha256 }: Pick<Crypto, "hmacSha256">,
  secret: Uint8Array,
  address: string,
  root: string,
): string {
  const code = hmacSha256(secret, utf8Bytes(`scop gateway thread\n${address}\n${root}`)).subarray(0, OCTETS);
  let text = "";
  let bits = 0;
  let held = 0;
  for (const octet of code) {
    held = (held << 8) | octet;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += DIGITS[(held >> bits) & 31];
    }
  }
  return text;
}

/** Where answers to a thread go: `team+NAME@example.org`. RFC 5233 1 */
export function threadAddress({ address, tagSeparator }: OwnAddress, thread: string): string {
  const at = address.lastIndexOf("@");
  return `${address.slice(0, at)}${tagSeparator}${thread}${address.slice(at)}`;
}

/** The tag of one of our own addresses, in small letters: the name of a thread, if we gave it. Undefined for addresses of others and without a tag. */
export function threadOf(text: string, { address, tagSeparator }: OwnAddress): string | undefined {
  const mailbox = parseMailbox(text);
  if (!mailbox.ok) return undefined;
  const { base, tag } = splitTag(mailbox.value.localPart, tagSeparator);
  return addressKey({ ...mailbox.value, localPart: base }) === address ? tag?.toLowerCase() : undefined;
}
