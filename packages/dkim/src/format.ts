import { base64Encode } from "@scop/wire";
import { LINE_CHARACTERS } from "./limits.ts";
import type { DkimSignature, SignatureTags } from "./signature.ts";

/** Pieces of one tag: between them its field may be folded. */
type TagPieces = readonly [first: string, ...others: string[]];

/** A tag that stays on one line. */
export function tag(name: string, value: string | number): TagPieces {
  return [`${name}=${value}`];
}

/** A tag with octets in base64, which may be folded anywhere. RFC 6376 2.10 */
export function base64Tag(name: string, octets: Uint8Array): TagPieces {
  const text = base64Encode(octets);
  const others: string[] = [];
  for (let at = 0; at < text.length; at += LINE_CHARACTERS - 4) others.push(text.slice(at, at + LINE_CHARACTERS - 4));
  return [`${name}=${others.shift() ?? ""}`, ...others];
}

/** A tag with a list, which may be folded behind each colon. RFC 6376 3.5 */
function listTag(name: string, values: readonly string[]): TagPieces {
  const pieces = values.map((value, index) => (index + 1 < values.length ? `${value}:` : value));
  return [`${name}=${pieces.shift() ?? ""}`, ...pieces];
}

/** The value of a field out of tags, folded; it begins with a space and has no line end. `column`: octets before it on its line. */
export function formatTags(column: number, tags: readonly TagPieces[]): string {
  let text = "";
  let width = column;
  for (const [index, pieces] of tags.entries()) {
    for (const [at, piece] of pieces.entries()) {
      const isLast = at + 1 === pieces.length;
      const word = `${at === 0 ? " " : ""}${piece}${isLast && index + 1 < tags.length ? ";" : ""}`;
      if (width + word.length <= LINE_CHARACTERS) {
        text += word;
        width += word.length;
      } else {
        text += `\r\n\t${word.trimStart()}`;
        width = 1 + word.trimStart().length;
      }
    }
  }
  return text;
}

/** The tags that DKIM and ARC have in common, `b=` last, so that its octets end the field. */
export function commonTags(signature: SignatureTags): readonly TagPieces[] {
  const { canonicalization, bodyOctets, signedAt, expiresAt } = signature;
  return [
    tag("a", signature.algorithm),
    tag("c", `${canonicalization.header}/${canonicalization.body}`),
    tag("d", signature.domain),
    tag("s", signature.selector),
    ...(bodyOctets === undefined ? [] : [tag("l", bodyOctets)]),
    ...(signedAt === undefined ? [] : [tag("t", signedAt)]),
    ...(expiresAt === undefined ? [] : [tag("x", expiresAt)]),
    listTag("h", signature.fields),
    base64Tag("bh", signature.bodyHash),
    base64Tag("b", signature.signature),
  ];
}

/** Octets of `DKIM-Signature:`, which stand before the value on its first line. */
const NAME_OCTETS = 15;

/** The value of a DKIM-Signature field: the inverse of `parseSignature`. RFC 6376 3.5 */
export function formatSignature(signature: DkimSignature): string {
  const { identity, domain } = signature;
  const said = identity === `@${domain}` ? [] : [tag("i", identity)];
  return formatTags(NAME_OCTETS, [tag("v", 1), ...said, ...commonTags(signature)]);
}
