import { CharClass, isClass } from "@scop/wire";
import { endOfValue } from "./field-text.ts";
import { mainValueText, startOfMainValue } from "./main-value.ts";
import type { HeaderField, TransferEncoding } from "./model.ts";
import { type Notes, note } from "./notes.ts";

/** The value of a field up to its parameters, in lower case, without comments and white space. */
function valueBefore(bytes: Uint8Array, field: HeaderField): string {
  const end = endOfValue(bytes, field);
  return mainValueText(bytes, startOfMainValue(bytes, field.valueOffset, end), end);
}

/** type "/" subtype   RFC 2045 5.1 */
export function isMediaType(text: string): boolean {
  let slash = -1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 47 && slash < 0) slash = at;
    else if (!isClass(code, CharClass.token)) return false;
  }
  return slash > 0 && slash < text.length - 1;
}

/** The media type that a Content-Type names; the default with a note where it is malformed. RFC 2045 5.2 */
export function mediaTypeOf(
  bytes: Uint8Array,
  field: HeaderField | undefined,
  defaultType: string,
  notes: Notes,
): string {
  if (field === undefined) return defaultType;
  const value = valueBefore(bytes, field);
  if (isMediaType(value)) return value;
  note(notes, "content-type-malformed", field.offset, field.length, "RFC 2045 5.2");
  return defaultType;
}

const encodings: ReadonlyMap<string, TransferEncoding> = new Map<string, TransferEncoding>([
  ["7bit", "7bit"],
  ["8bit", "8bit"],
  ["binary", "binary"],
  ["quoted-printable", "quoted-printable"],
  ["base64", "base64"],
]);

/** The transfer encoding that a Content-Transfer-Encoding names. RFC 2045 6.1 */
export function transferEncodingOf(bytes: Uint8Array, field: HeaderField | undefined, notes: Notes): TransferEncoding {
  if (field === undefined) return "7bit";
  const encoding = encodings.get(valueBefore(bytes, field));
  if (encoding !== undefined) return encoding;
  note(notes, "encoding-unknown", field.offset, field.length, "RFC 2045 6.4");
  return "unknown";
}

export function isMultipart(mediaType: string): boolean {
  return mediaType.startsWith("multipart/");
}

/** Whether the body is a message with a header of its own. RFC 2046 5.2.1, RFC 6532 3.7 */
export function isMessageType(mediaType: string): boolean {
  return mediaType === "message/rfc822" || mediaType === "message/global";
}

/** Whether the octets of the body are the content itself. RFC 2045 6.2 */
export function isIdentity(encoding: TransferEncoding): boolean {
  return encoding !== "base64" && encoding !== "quoted-printable";
}
