/** Classes of octets in RFC 3501 9, as bits of one table. */
export const ImapClass = {
  /** ATOM-CHAR: any CHAR except atom-specials */
  atom: 1,
  /** ASTRING-CHAR: ATOM-CHAR and "]" */
  astring: 2,
  /** list-char: ATOM-CHAR, wildcards and "]" */
  list: 4,
  /** ASTRING-CHAR except "+" */
  tag: 8,
  digit: 16,
} as const;

const ATOM_SPECIALS = '(){ %*"\\]';
const table = new Uint8Array(256);
for (let code = 0x21; code < 0x7f; code += 1) {
  const character = String.fromCharCode(code);
  const atom = !ATOM_SPECIALS.includes(character);
  const astring = atom || character === "]";
  if (atom) table[code]! |= ImapClass.atom;
  if (astring) table[code]! |= ImapClass.astring;
  if (astring && character !== "+") table[code]! |= ImapClass.tag;
  if (astring || character === "%" || character === "*") table[code]! |= ImapClass.list;
  if (code >= 48 && code <= 57) table[code]! |= ImapClass.digit;
}

/** Whether an octet is in one of the classes of `mask`; negative ones and those above 255 never. */
export function isImapClass(code: number, mask: number): boolean {
  return code >= 0 && code < 256 && (table[code]! & mask) !== 0;
}
