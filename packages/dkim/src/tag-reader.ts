import { parseDomain } from "@scop/address";
import { CharClass, type Diagnostic, failed, isClass, latin1Bytes, type Parsed, utf8 } from "@scop/wire";
import { decodeFolded } from "./base64-octets.ts";
import { NAME_CHARACTERS_MAX } from "./limits.ts";
import { type Tag, type TagList, type Tags, withoutFolding } from "./tag-list.ts";

/** Reads the values of a tag list. The first fault is kept, and what is read after it does not count. */
export class TagReader {
  readonly #octets: Uint8Array;
  readonly #tags: Tags;
  readonly #rule: string;
  #fault: Diagnostic | undefined;

  constructor({ octets, tags }: TagList, rule: string) {
    this.#octets = octets;
    this.#tags = tags;
    this.#rule = rule;
  }

  /** What was wrong first. */
  get fault(): Diagnostic | undefined {
    return this.#fault;
  }

  /** Notes a fault of a tag, or that it is missing. */
  refuse(code: string, tag: Tag | undefined, rule: string = this.#rule): void {
    if (this.#fault !== undefined) return;
    const length = tag === undefined ? 0 : tag.value.length;
    this.#fault = { code, offset: tag?.valueOffset ?? 0, length, rule };
  }

  tag(name: string): Tag | undefined {
    return this.#tags.get(name);
  }

  /** The tag, which has to be there. */
  required(name: string): Tag | undefined {
    const tag = this.#tags.get(name);
    if (tag === undefined) this.refuse(`${name}-missing`, undefined);
    return tag;
  }

  /** Octets of base64, white space within left out; undefined where the tag is empty or none. RFC 6376 2.10 */
  octets(tag: Tag | undefined): Uint8Array {
    if (tag === undefined || tag.value === "") return new Uint8Array();
    const octets = decodeFolded(this.#octets, tag.valueOffset, tag.end);
    if (octets !== undefined) return octets;
    this.refuse(`${tag.name}-base64`, tag, "RFC 6376 2.10");
    return new Uint8Array();
  }

  /** A number of at most 12 digits; l= of more, which no message has, is the largest. RFC 6376 3.5 */
  number(name: string): number | undefined {
    const tag = this.#tags.get(name);
    if (tag === undefined) return undefined;
    const { value } = tag;
    let isNumber = value.length > 0 && value.length <= (name === "l" ? 76 : 12);
    for (let at = 0; at < value.length; at += 1) isNumber &&= isClass(value.charCodeAt(at), CharClass.digit);
    if (!isNumber) this.refuse(`${name}-number`, tag);
    return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
  }

  /** A domain in lower case and A-labels, underscores allowed. RFC 6376 3.5, RFC 8616 4 */
  domain(tag: Tag | undefined): string {
    const name = tag === undefined ? "" : nameOf(tag.value);
    if (name !== undefined && (tag === undefined || name.includes(".") || tag.name === "s")) return name;
    this.refuse(`${tag?.name ?? "d"}-domain`, tag);
    return "";
  }
}

/** A list separated by colons, white space left out. Empty entries stay. */
export function listOf(value: string): readonly string[] {
  return withoutFolding(value).split(":");
}

/** A name in lower case and A-labels, as it is asked for in DNS; undefined where it is none. */
function nameOf(text: string): string | undefined {
  if (isPlainName(text)) return text.toLowerCase();
  const unicode = isLatin(text) ? utf8(latin1Bytes(text)) : failed("name", 0, 0, "RFC 8616 4");
  const domain = unicode.ok ? parseDomain(unicode.value) : unicode;
  return domain.ok ? domain.value : undefined;
}

function isLatin(text: string): boolean {
  return text !== "" && /^[\x21-\xff]+$/.test(text);
}

/** Labels of 1 to 63 letters, digits, hyphens and underscores; selectors have underscores, whatever the grammar says. */
function isPlainName(text: string): boolean {
  if (text.length === 0 || text.length > NAME_CHARACTERS_MAX) return false;
  let label = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      if (label === 0) return false;
      label = 0;
    } else {
      if (!isClass(code, CharClass.alpha | CharClass.digit) && code !== 45 && code !== 95) return false;
      label += 1;
      if (label > 63) return false;
    }
  }
  return label > 0;
}

/** A parser's answer with the places of its fault moved on. */
export function moved<T>(read: Parsed<T>, by: number): Parsed<T> {
  return read.ok ? read : { ok: false, error: { ...read.error, offset: read.error.offset + by } };
}
