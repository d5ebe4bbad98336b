import { failed, type Parsed, parsed, utf8, utf8Bytes } from "@scop/wire";
import { JSON_DEPTH_MAX, type JsonLimits } from "./limits.ts";
import { readNumber, readString, skipSpace, type Token } from "./tokens.ts";
import type { JsonValue } from "./value.ts";

const RULE = "RFC 8259 2";

/** An object or array that is not closed yet. */
type Open = OpenObject | { readonly kind: "array"; readonly items: JsonValue[] };

interface OpenObject {
  readonly kind: "object";
  readonly members: Map<string, JsonValue>;
  /** Of the value that comes next. */
  key: string;
}

/**
 * A value from octets in UTF-8. Nothing is guessed: refused with the place are malformed UTF-8, what is not JSON, a key twice in an object,
 * half of a surrogate pair, numbers that `limits` does not allow, more octets or depth than the limits. One pass, no recursion. RFC 8259,
 * Matrix appendices, canonical JSON
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits): Parsed<JsonValue> {
  if (bytes.length > limits.octetsMax) {
    return failed("json-too-long", limits.octetsMax, bytes.length - limits.octetsMax, "Client-server API, size limits");
  }
  const text = utf8(bytes);
  if (!text.ok) return text;
  const result = new Reader(text.value, limits).read();
  if (result.ok) return result;
  const { code, offset, length, rule } = result.error;
  return failed(code, utf8Bytes(text.value.slice(0, offset)).length, length, rule);
}

/** One reading; places are those of characters. */
class Reader {
  readonly #text: string;
  readonly #limits: JsonLimits;
  readonly #open: Open[] = [];
  #at = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  read(): Parsed<JsonValue> {
    for (;;) {
      const value = this.#value();
      if (!value.ok) return value;
      if (value.value === undefined) continue;
      const whole = this.#place(value.value);
      if (!whole.ok) return whole;
      if (whole.value === undefined) continue;
      this.#at = skipSpace(this.#text, this.#at);
      return this.#at < this.#text.length ? this.#bad("json-trailing") : parsed(whole.value);
    }
  }

  /** The next value; undefined where an object or array with something in it began. */
  #value(): Parsed<JsonValue | undefined> {
    const text = this.#text;
    this.#at = skipSpace(text, this.#at);
    switch (text[this.#at]) {
      case "{":
        return this.#begin({ kind: "object", members: new Map(), key: "" }, "}");
      case "[":
        return this.#begin({ kind: "array", items: [] }, "]");
      case '"':
        return this.#after(readString(text, this.#at));
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#after(readNumber(text, this.#at, this.#limits.numbers));
    }
  }

  #begin(open: Open, close: string): Parsed<JsonValue | undefined> {
    if (this.#open.length === JSON_DEPTH_MAX) return this.#bad("json-too-deep");
    this.#at = skipSpace(this.#text, this.#at + 1);
    if (this.#text[this.#at] === close) {
      this.#at += 1;
      return parsed(contentOf(open));
    }
    this.#open.push(open);
    return open.kind === "object" ? this.#key(open) : parsed(undefined);
  }

  #key(open: OpenObject): Parsed<undefined> {
    this.#at = skipSpace(this.#text, this.#at);
    if (this.#text[this.#at] !== '"') return this.#bad("json-key");
    const start = this.#at;
    const key = this.#after(readString(this.#text, start));
    if (!key.ok) return key;
    if (open.members.has(key.value)) return failed("json-duplicate-key", start, this.#at - start, RULE);
    this.#at = skipSpace(this.#text, this.#at);
    if (this.#text[this.#at] !== ":") return this.#bad("json-colon");
    this.#at += 1;
    open.key = key.value;
    return parsed(undefined);
  }

  /** Puts a value where it belongs and closes what ends behind it. The whole, once that is closed. */
  #place(value: JsonValue): Parsed<JsonValue | undefined> {
    for (let done = value; ; ) {
      const open = this.#open.at(-1);
      if (open === undefined) return parsed(done);
      if (open.kind === "object") open.members.set(open.key, done);
      else open.items.push(done);
      this.#at = skipSpace(this.#text, this.#at);
      const next = this.#text[this.#at];
      if (next === ",") {
        this.#at += 1;
        return open.kind === "object" ? this.#key(open) : parsed(undefined);
      }
      if (next !== (open.kind === "object" ? "}" : "]")) return this.#bad("json-comma");
      this.#at += 1;
      this.#open.pop();
      done = contentOf(open);
    }
  }

  #word(word: string, value: boolean | null): Parsed<JsonValue> {
    if (!this.#text.startsWith(word, this.#at)) return this.#bad("json-value");
    this.#at += word.length;
    return parsed(value);
  }

  #after<T>(token: Token<T>): Parsed<T> {
    if (!token.ok) return failed(token.code, token.at, 1, token.rule);
    this.#at = token.end;
    return parsed(token.value);
  }

  #bad(code: string): Parsed<never> {
    return failed(code, this.#at, this.#at < this.#text.length ? 1 : 0, RULE);
  }
}

function contentOf(open: Open): JsonValue {
  return open.kind === "object" ? open.members : open.items;
}
