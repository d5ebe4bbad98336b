import { wordsText } from "@scop/address/words";
import { messageIdsOf } from "./envelope.ts";
import { decodeField, endOfValue } from "./field-text.ts";
import { firstField } from "./header.ts";
import { LANGUAGES_MAX } from "./limits.ts";
import type { Charsets, Message, Part } from "./model.ts";

type Bytes = Pick<Message, "bytes">;

/** The Content-ID of a part without its brackets, which `cid:` URLs name; undefined where there is none. RFC 2045 7, RFC 2392 */
export function contentIdOf({ bytes }: Bytes, part: Part): string | undefined {
  return messageIdsOf({ bytes, header: part.header }, "content-id")[0];
}

/** The Content-Description of a part for people; undefined where there is none. RFC 2045 8 */
export function contentDescriptionOf({ bytes }: Bytes, part: Part, charsets?: Charsets): string | undefined {
  const field = firstField(part.header, "content-description");
  return field === undefined ? undefined : decodeField(bytes, field, charsets).value;
}

/** The languages that a part says it is in, as tags in their order; none where it says nothing. At most 100. RFC 3282 2 */
export function contentLanguagesOf({ bytes }: Bytes, part: Part): readonly string[] {
  const field = firstField(part.header, "content-language");
  if (field === undefined) return [];
  const tags = wordsText(bytes, field.valueOffset, endOfValue(bytes, field), "").split(",", LANGUAGES_MAX);
  return tags.filter(tag => tag !== "");
}

/** The URI that stands for a part, white space removed; undefined where there is none. RFC 2557 4.2 */
export function contentLocationOf({ bytes }: Bytes, part: Part): string | undefined {
  const field = firstField(part.header, "content-location");
  return field === undefined ? undefined : wordsText(bytes, field.valueOffset, endOfValue(bytes, field), "");
}
