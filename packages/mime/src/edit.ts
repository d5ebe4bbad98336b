import { utf8Bytes } from "@scop/wire";
import { textField } from "./compose-field.ts";
import type { ExtraField } from "./draft.ts";
import { parseHeader } from "./header.ts";
import type { Message } from "./model.ts";

/** A message as the bytes that it was read from: reading changes nothing, so writing it back is the same octets, whatever they are. */
export function serialise(message: Pick<Message, "bytes">): Uint8Array {
  return message.bytes;
}

/** A message with fields before it, in the order given, as `composeField` writes them. The message is kept by reference, not copied. */
export function prependFields(bytes: Uint8Array, fields: readonly ExtraField[]): readonly Uint8Array[] {
  return [utf8Bytes(fields.map(field => textField(field.name, field.value)).join("")), bytes];
}

/**
 * A message without the fields of these names (any case) in its own header. Every other octet stays; what is given are views of the
 * bytes, none of them empty. No limit holds here, so that a Bcc behind ten thousand fields goes too; a line that is no field stays.
 */
export function removeFields(bytes: Uint8Array, names: readonly string[]): readonly Uint8Array[] {
  const limits = { headerOctets: bytes.length, fields: Infinity, fieldsTotal: Infinity };
  const removed = new Set(names.map(name => name.toLowerCase()));
  const chunks: Uint8Array[] = [];
  let from = 0;
  for (const field of parseHeader(bytes, limits).header) {
    if (!removed.has(field.lowerName)) continue;
    if (field.offset > from) chunks.push(bytes.subarray(from, field.offset));
    from = field.offset + field.length;
  }
  if (from < bytes.length) chunks.push(bytes.subarray(from));
  return chunks;
}
