/**
 * Signs messages for the cases of DKIM and ARC, by RFC 6376 alone and without our libraries, so that a fault of theirs can't hide here.
 */
import { createHash, createPrivateKey, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface StoredKey {
  readonly type: "rsa" | "ed25519";
  readonly private: string;
  readonly public: string;
}

const KEYS = JSON.parse(readFileSync(join(import.meta.dirname, "..", "keys", "keys.json"), "utf8")) as Readonly<
  Record<string, StoredKey>
>;

/** One of the test keys; they are published, and good for nothing but tests. */
export interface TestKey {
  readonly type: "rsa" | "ed25519";
  readonly key: KeyObject;
  /** As `p=` has it. */
  readonly published: string;
}

export function testKey(name: string): TestKey {
  const stored = KEYS[name];
  if (stored === undefined) throw new Error(`no key ${name}`);
  const key = createPrivateKey({ key: Buffer.from(stored.private, "base64"), format: "der", type: "pkcs8" });
  return { type: stored.type, key, published: stored.public };
}

/** A field as it stands, without its last line end: the name up to the colon, and what is behind. */
export type RawField = readonly [name: string, value: string];

export type Form = "simple" | "relaxed";

/** RFC 6376 3.4.1, 3.4.2 */
export function canonicalField([name, value]: RawField, form: Form): string {
  if (form === "simple") return `${name}:${value}`;
  const flat = value.replace(/\r\n(?=[ \t])/g, "").replace(/[ \t]+/g, " ");
  return `${name.trimEnd().toLowerCase()}:${flat.trim()}`;
}

/** RFC 6376 3.4.3, 3.4.4 */
export function canonicalBody(body: string, form: Form): string {
  let text = body;
  if (form === "relaxed") {
    text = text
      .split("\r\n")
      .map(line => line.replace(/[ \t]+/g, " ").replace(/ $/, ""))
      .join("\r\n");
  }
  text = text.replace(/(?:\r\n)+$/, "");
  if (text === "") return form === "simple" ? "\r\n" : "";
  return `${text}\r\n`;
}

/** Which fields of a header are signed: the last one of each name first. RFC 6376 5.4.2 */
export function pickFields(header: readonly RawField[], names: readonly string[]): readonly RawField[] {
  const left = [...header];
  const found: RawField[] = [];
  for (const name of names) {
    const at = left.findLastIndex(([each]) => each.trimEnd().toLowerCase() === name.toLowerCase());
    if (at >= 0) found.push(...left.splice(at, 1));
  }
  return found;
}

export interface Signature {
  readonly key: TestKey;
  readonly domain: string;
  readonly selector: string;
  readonly header?: Form;
  readonly body?: Form;
  /** Names for `h=`; From, To, Subject and Date by default. */
  readonly fields?: readonly string[];
  /** Octets for `l=`. */
  readonly length?: number;
  /** Tags that are added, or in place of those that would be there; null leaves one out. */
  readonly tags?: Readonly<Record<string, string | null>>;
  /** What the hash is made with, where it is not SHA-256. */
  readonly hash?: "sha1" | "sha256";
  /** Between the tags: a space by default. */
  readonly gap?: string;
  /** The value of the field, of its tags without `b=`: NUL stands where the value of that goes. By default it comes last. */
  readonly layout?: (tags: readonly string[]) => string;
  /** What is done to the value of `b=`, such as folding it. */
  readonly fold?: (signature: string) => string;
}

const FIELDS = ["From", "To", "Subject", "Date"];

export function digest(text: string, hash = "sha256"): Buffer {
  return createHash(hash).update(Buffer.from(text, "latin1")).digest();
}

/** A signature over octets: RSA of the octets, Ed25519 of their hash. RFC 6376 3.7, RFC 8463 3 */
export function signed(key: TestKey, text: string, hash = "sha256"): string {
  const octets = Buffer.from(text, "latin1");
  if (key.type === "ed25519") return sign(null, digest(text), key.key).toString("base64");
  return sign(hash, octets, key.key).toString("base64");
}

/** The DKIM-Signature field for a header and a body, each octet a character. RFC 6376 3.5 */
export function dkimField(header: readonly RawField[], body: string, options: Signature): RawField {
  const {
    key,
    domain,
    selector,
    header: headerForm,
    body: bodyForm,
    fields = FIELDS,
    length,
    tags = {},
    hash,
  } = options;
  const canonical = canonicalBody(body, bodyForm ?? "simple");
  const covered = length === undefined ? canonical : canonical.slice(0, length);
  const hashName = hash ?? "sha256";
  const all: Record<string, string | null> = {
    v: "1",
    a: `${key.type}-${hashName}`,
    c: headerForm === undefined && bodyForm === undefined ? null : `${headerForm ?? "simple"}/${bodyForm ?? "simple"}`,
    d: domain,
    s: selector,
    l: length === undefined ? null : String(length),
    h: fields.join(":"),
    bh: digest(covered, hashName).toString("base64"),
    ...tags,
  };
  const gap = options.gap ?? " ";
  const list = Object.entries(all)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${value}`);
  if (all["b"] !== undefined) return ["DKIM-Signature", ` ${list.join(`;${gap}`)}`];
  const { layout = each => ` ${[...each, "b=\0"].join(`;${gap}`)}`, fold = each => each } = options;
  const value = layout(list);
  // RFC 6376 3.7: the value of b= goes, and all white space around it.
  const unsigned = value.replace(/[ \t\r\n]*\0[ \t\r\n]*/, "");
  const form = headerForm ?? "simple";
  const picked = pickFields(header, all["h"]?.split(":").map(name => name.trim()) ?? fields);
  const text = [...picked, ["DKIM-Signature", unsigned] as const]
    .map(field => canonicalField(field, form))
    .join("\r\n");
  return ["DKIM-Signature", value.replace("\0", () => fold(signed(key, text, hashName)))];
}

/** A message of a header and a body. */
export function messageOf(header: readonly RawField[], body: string): Uint8Array {
  return Buffer.from(`${header.map(([name, value]) => `${name}:${value}\r\n`).join("")}\r\n${body}`, "latin1");
}
