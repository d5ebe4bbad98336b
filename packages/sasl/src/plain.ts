import { failed, type Parsed, parsed, utf8, utf8Bytes } from "@scop/wire";
import { PASSWORD_OCTETS_MAX, USERNAME_OCTETS_MAX } from "./limits.ts";
import { prepareText } from "./prepare.ts";

/** What a client of PLAIN or LOGIN says, prepared for comparison. */
interface PlainMessage {
  readonly username: string;
  readonly password: Uint8Array;
}

/** A user name from the wire: well-formed UTF-8, of bounded length, prepared. */
export function readUsername(bytes: Uint8Array): Parsed<string> {
  if (bytes.length > USERNAME_OCTETS_MAX) return failed("long-username", USERNAME_OCTETS_MAX, 0, "RFC 4616 2");
  const text = utf8(bytes);
  return text.ok ? prepareText(text.value) : text;
}

/** A password from the wire, prepared, as octets for the key derivation. */
export function readPassword(bytes: Uint8Array): Parsed<Uint8Array> {
  if (bytes.length > PASSWORD_OCTETS_MAX) return failed("long-password", PASSWORD_OCTETS_MAX, 0, "RFC 4616 2");
  const text = utf8(bytes);
  if (!text.ok) return text;
  const prepared = prepareText(text.value);
  return prepared.ok ? parsed(utf8Bytes(prepared.value)) : prepared;
}

/**
 * RFC 4616 2: message = [authzid] UTF8NUL authcid UTF8NUL passwd
 * Deviation: acting for another (an authzid that is not the authcid) is refused with `authzid`.
 */
export function readPlain(bytes: Uint8Array): Parsed<PlainMessage> {
  const first = bytes.indexOf(0);
  const second = first < 0 ? -1 : bytes.indexOf(0, first + 1);
  if (second < 0) return failed("plain-separators", bytes.length, 0, "RFC 4616 2");
  const username = readUsername(bytes.subarray(first + 1, second));
  if (!username.ok) return username;
  const password = readPassword(bytes.subarray(second + 1));
  if (!password.ok) return password;
  if (first > 0) {
    const authzid = readUsername(bytes.subarray(0, first));
    if (!authzid.ok) return authzid;
    if (authzid.value !== username.value) return failed("authzid", 0, first, "RFC 4616 2");
  }
  return parsed({ username: username.value, password: password.value });
}

/** The one message of PLAIN. RFC 4616 2 */
export function writePlain(username: string, password: string): Uint8Array {
  return utf8Bytes(`\0${username}\0${password}`);
}
