import { type Domain, formatMailbox, type Mailbox } from "@scop/address";
import { assert, CharClass, isClass, utf8Bytes } from "@scop/wire";
import type { MessageForm } from "./encode-body.ts";
import { encodeWords, isPlain, isPlainUtf8 } from "./encode-words.ts";
import { withoutBreaks } from "./encoded-word.ts";
import { foldWords, splitWords, trimBlanks, WORD_CHARACTERS_MAX } from "./fold.ts";

/** A mailbox with the name that is shown for it, empty if there is none. */
export interface NamedMailbox {
  readonly name: string;
  readonly mailbox: Mailbox;
}

/** Mailboxes under one name. RFC 5322 3.4 */
export interface MailboxGroup {
  readonly group: string;
  readonly members: readonly NamedMailbox[];
}

/** What a value is made of: no line ends, no lone surrogates, no white space around it. */
function clean(value: string): string {
  return trimBlanks(withoutBreaks(value.toWellFormed()));
}

/** Whether text may stand as it is. RFC 6532 3.1 lets UTF-8 stand where ASCII text does. */
function isAllowed(text: string, form: MessageForm): boolean {
  return form === "utf8" ? isPlainUtf8(text) : isPlain(text);
}

/** Words of text that anything may stand in, encoded where needed. `column` is where the first one begins. */
function textWords(value: string, column: number, form: MessageForm): readonly string[] {
  const words = splitWords(clean(value));
  const needs = (word: string): boolean => !isAllowed(word, form) || tooLong(word, WORD_CHARACTERS_MAX);
  const first = words.findIndex(needs);
  if (first < 0) return words;
  const last = words.findLastIndex(needs);
  // One run, spaces and all: white space between encoded-words does not count. RFC 2047 6.2
  const encoded = encodeWords(words.slice(first, last + 1).join(" "), first === 0 ? column : 0);
  return [...words.slice(0, first), ...encoded, ...words.slice(last + 1)];
}

/** Whether a word has more octets than a line takes. */
function tooLong(word: string, octetsMax: number): boolean {
  return word.length > octetsMax || (word.length > octetsMax / 3 && utf8Bytes(word).length > octetsMax);
}

/** An unstructured field as text. */
export function textField(name: string, value: string, form: MessageForm = "ascii"): string {
  return foldWords(name, textWords(value, name.length + 1, form));
}

/**
 * One field with its line end: `value` is text for people, encoded (RFC 2047) where it is not ASCII and folded at 78 characters. CR, LF
 * and NUL in it become spaces, white space around it goes: no value makes a second field. The name is the program's own;
 * a wrong one is a programmer's error and throws. RFC 5322 2.2
 */
export function composeField(name: string, value: string): Uint8Array {
  return utf8Bytes(textField(name, value));
}

/** Whether words of the text are atoms with one space between them. RFC 5322 3.2.3, RFC 6532 3.2 */
function isAtoms(text: string): boolean {
  let afterSpace = true;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 32 ? afterSpace : code < 128 && !isClass(code, CharClass.atext)) return false;
    afterSpace = code === 32;
  }
  return !afterSpace;
}

/** phrase = 1*word   RFC 5322 3.2.5, RFC 2047 5 (3) */
function phraseWords(name: string, column: number, form: MessageForm): readonly string[] {
  const text = clean(name);
  if (text === "") return [];
  if (!isAllowed(text, form) || text.split(" ").some(word => tooLong(word, WORD_CHARACTERS_MAX / 2))) {
    return encodeWords(text, column);
  }
  if (isAtoms(text)) return text.split(" ");
  let quoted = "";
  for (const character of text) quoted += character === '"' || character === "\\" ? `\\${character}` : character;
  return splitWords(`"${quoted}"`);
}

/** Words of one mailbox, and what stands behind it. */
function mailboxWords(entry: NamedMailbox, column: number, behind: string, form: MessageForm): readonly string[] {
  const phrase = phraseWords(entry.name, column, form);
  const address = formatMailbox(entry.mailbox);
  return [...phrase, `${phrase.length === 0 ? address : `<${address}>`}${behind}`];
}

/** display-name ":" [group-list] ";"   RFC 5322 3.4 */
function groupWords(
  { group, members }: MailboxGroup,
  column: number,
  behind: string,
  form: MessageForm,
): readonly string[] {
  const phrase = phraseWords(group, column, form);
  const named = phrase.length === 0 ? ['""'] : phrase;
  const words = members.flatMap((member, index) =>
    mailboxWords(member, 0, index < members.length - 1 ? "," : "", form),
  );
  return [...named.slice(0, -1), `${named.at(-1)!}:`, ...words.slice(0, -1), `${words.at(-1) ?? ""};${behind}`];
}

/** A field of addresses. A local part that is not ASCII stands as UTF-8 (RFC 6532 3.2). RFC 5322 3.4 */
export function addressField(
  name: string,
  entries: readonly (NamedMailbox | MailboxGroup)[],
  form: MessageForm = "ascii",
): string {
  const words = entries.flatMap((entry, index): readonly string[] => {
    const column = index === 0 ? name.length + 1 : 0;
    const comma = index < entries.length - 1 ? "," : "";
    return "group" in entry ? groupWords(entry, column, comma, form) : mailboxWords(entry, column, comma, form);
  });
  return foldWords(name, words);
}

/** What may stand between the brackets of a message identifier that we write. */
function cleanId(id: string): string {
  let text = "";
  for (const character of id.slice(0, WORD_CHARACTERS_MAX - 2)) {
    const code = character.charCodeAt(0);
    if (code > 32 && code < 127 && character !== "<" && character !== ">") text += character;
  }
  return text;
}

/** A field of message identifiers, given without brackets; octets that none may have are left out. RFC 5322 3.6.4 */
export function messageIdField(name: string, ids: readonly string[]): string {
  return foldWords(
    name,
    ids.map(id => `<${cleanId(id)}>`),
  );
}

/**
 * A message identifier with its brackets. `unique` is a dot-atom of at most 200 characters that the caller never gives twice; anything else
 * is a programmer's error and throws. RFC 5322 3.6.4
 */
export function formatMessageId(unique: string, domain: Domain): string {
  const isAtom = (atom: string): boolean => isPlain(atom) && isAtoms(atom) && !atom.includes(" ");
  assert(
    unique.length <= 200 && unique.split(".").every(isAtom),
    "the left side of a message identifier is a dot-atom",
  );
  return `<${unique}@${domain}>`;
}
