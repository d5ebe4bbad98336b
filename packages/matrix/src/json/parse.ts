import { failed, type Parsed, parsed, utf8, utf8Bytes } from "@scop/wire";
import { JSON_DEPTH_MAX, type JsonLimits } from "./limits.ts";
import { Tokens } from "./tokens.ts";
import type { JsonValue } from "./value.ts";

const RULE = "RFC 8259 2";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** An object or array that is not closed yet. */
interface Open {
  readonly content: Map<string, JsonValue> | JsonValue[];
  /** Of the value that comes next in an object. */
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
  const tokens = new Tokens(text.value);
  const value = new Reader(tokens, limits.numbers).read();
  if (value !== undefined) return parsed(value);
  const { code, offset, length, rule } = tokens.failure!;
  return failed(code, utf8Bytes(text.value.slice(0, offset)).length, length, rule);
}

/** One reading. What is undefined is so for a failure of the tokens, or where more is to come. */
class Reader {
  readonly #tokens: Tokens;
  readonly #numbers: JsonLimits["numbers"];
  readonly #open: Open[] = [];

  constructor(tokens: Tokens, numbers: JsonLimits["numbers"]) {
    this.#tokens = tokens;
    this.#numbers = numbers;
  }

  read(): JsonValue | undefined {
    const tokens = this.#tokens;
    while (tokens.failure === undefined) {
      const value = this.#value();
      const whole = value === undefined ? undefined : this.#place(value);
      if (whole !== undefined) return Number.isNaN(tokens.next()) ? whole : this.#bad("json-trailing");
    }
    return undefined;
  }

  /** The next value; undefined where an object or array with something in it began. */
  #value(): JsonValue | undefined {
    const tokens = this.#tokens;
    switch (tokens.next()) {
      case QUOTE:
        return tokens.string();
      case OPEN_OBJECT:
        return this.#begin(new Map(), CLOSE_OBJECT);
      case OPEN_ARRAY:
        return this.#begin([], CLOSE_ARRAY);
      default:
    }
    if (tokens.takesWord("true")) return true;
    if (tokens.takesWord("false")) return false;
    if (tokens.takesWord("null")) return null;
    return tokens.number(this.#numbers);
  }

  #begin(content: Open["content"], close: number): JsonValue | undefined {
    if (this.#open.length === JSON_DEPTH_MAX) return this.#bad("json-too-deep");
    this.#tokens.at += 1;
    if (this.#tokens.next() === close) {
      this.#tokens.at += 1;
      return content;
    }
    const open: Open = { content, key: "" };
    this.#open.push(open);
    return content instanceof Map ? this.#key(open, content) : undefined;
  }

  #key(open: Open, members: ReadonlyMap<string, JsonValue>): undefined {
    const tokens = this.#tokens;
    if (tokens.next() !== QUOTE) return this.#bad("json-key");
    const start = tokens.at;
    const key = tokens.string();
    if (key === undefined) return undefined;
    if (members.has(key)) return tokens.fail("json-duplicate-key", start, tokens.at - start, RULE);
    if (tokens.next() !== COLON) return this.#bad("json-colon");
    tokens.at += 1;
    open.key = key;
    return undefined;
  }

  /** Puts a value where it belongs and closes what ends behind it. The whole, once that is closed. */
  #place(value: JsonValue): JsonValue | undefined {
    for (let done = value; ; ) {
      const open = this.#open.at(-1);
      if (open === undefined) return done;
      const { content } = open;
      const isObject = content instanceof Map;
      if (isObject) content.set(open.key, done);
      else content.push(done);
      const next = this.#tokens.next();
      if (next === COMMA) {
        this.#tokens.at += 1;
        return isObject ? this.#key(open, content) : undefined;
      }
      if (next !== (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return this.#bad("json-comma");
      this.#tokens.at += 1;
      this.#open.pop();
      done = content;
    }
  }

  #bad(code: string): undefined {
    return this.#tokens.fail(code, this.#tokens.at, 1, RULE);
  }
}
