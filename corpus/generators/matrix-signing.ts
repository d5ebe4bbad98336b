import { createPrivateKey, sign } from "node:crypto";
import { testKey } from "./signing.ts";
import type { Library, More, Topic } from "./topic.ts";

const SIGNING = "MATRIX-APPENDICES#signing-json";
const CHECKING = "MATRIX-APPENDICES#checking-for-a-signature";
const ENTITY = "example.org";
const KEY_ID = "ed25519:a";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/** Canonical JSON by the appendix alone, without our libraries. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const object = value as JsonObject;
  const keys = Object.keys(object).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${keys.map(key => `${JSON.stringify(key)}:${canonical(object[key]!)}`).join(",")}}`;
}

function unpadded(octets: Buffer): string {
  return octets.toString("base64").replaceAll("=", "");
}

const { key, published } = testKey("ed25519");
/** The last 32 octets of PKCS #8 are the seed. RFC 8410 7 */
const SEED = key.export({ format: "der", type: "pkcs8" }).subarray(-32);
/** Of another key: that of the seed in reverse. */
const OTHER = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(SEED).reverse()]),
  format: "der",
  type: "pkcs8",
});
const PUBLIC = unpadded(Buffer.from(published, "base64").subarray(-32));

/** The signature of a text, of 64 octets. */
function signatureOf(text: string, by = key): Buffer {
  return sign(null, Buffer.from(text, "utf8"), by);
}

/** What of an object is signed. */
function bare(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== "signatures" && name !== "unsigned"));
}

function withSignature(object: JsonObject, signature: Json, entity = ENTITY, keyId = KEY_ID): JsonObject {
  return { ...object, signatures: { [entity]: { [keyId]: signature } } };
}

function signedObject(object: JsonObject): JsonObject {
  return withSignature(object, unpadded(signatureOf(canonical(bare(object)))));
}

/** Objects that are signed. */
const OBJECTS: readonly (readonly [key: string, about: string, object: JsonObject])[] = [
  ["empty", "An object with nothing in it", {}],
  ["one", "One key", { one: 1, two: "Two" }],
  ["order", "Keys in another order than the canonical", { z: 1, a: 2, "\u{1f600}": 3, "\ufb33": 4 }],
  ["within", "Objects within each other", { b: { d: [1, { f: null, e: true }] }, a: false }],
  ["text", "Strings with what has to be escaped", { a: 'quote " backslash \\ line \n tab \t nul \u0000' }],
  ["script", "Text of other scripts", { 日本: "本日", é: "ü" }],
  ["numbers", "Numbers at the borders", { least: -9007199254740991, most: 9007199254740991, none: 0 }],
  ["unsigned", "What is added on the way is not signed", { a: 1, unsigned: { age_ts: 922834800000 } }],
  ["unsigned-within", "A key unsigned within an object is signed", { a: { unsigned: 1, signatures: 2 } }],
  [
    "event",
    "An event of a room",
    {
      type: "m.room.message",
      room_id: "!room:example.org",
      sender: "@ann:example.org",
      origin_server_ts: 1_764_201_600_000,
      depth: 12,
      auth_events: ["$one", "$two"],
      prev_events: ["$three"],
      content: { msgtype: "m.text", body: "Hello, world" },
      hashes: { sha256: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU" },
    },
  ],
  [
    "device",
    "Keys of a device",
    {
      user_id: "@ann:example.org",
      device_id: "JLAFKJWSCS",
      algorithms: ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
      keys: { "curve25519:JLAFKJWSCS": PUBLIC, "ed25519:JLAFKJWSCS": PUBLIC },
    },
  ],
];

const BASE: JsonObject = { b: { d: 1, c: [1, "two"] }, a: "é" };
const SIGNATURE = signatureOf(canonical(BASE));
const TEXT = unpadded(SIGNATURE);

function checkParams(more: object = {}): More {
  return { params: { entity: ENTITY, keyId: KEY_ID, publicKey: PUBLIC, ...more } };
}

/** The order of the group of Ed25519, in octets from the lowest. RFC 8032 5.1 */
const GROUP_ORDER = Buffer.from("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", "hex");

/** The signature with the order added to its number: the same to who does not look. RFC 8032 8.4 */
function malleable(signature: Buffer): Buffer {
  const other = Buffer.from(signature);
  let carry = 0;
  for (let at = 0; at < 32; at += 1) {
    carry += other[32 + at]! + GROUP_ORDER[at]!;
    other[32 + at] = carry & 255;
    carry >>= 8;
  }
  return other;
}

/** Objects whose signature holds. */
const HOLDS: readonly (readonly [key: string, about: string, object: JsonObject | string])[] = [
  ["plain", "A signature", withSignature(BASE, TEXT)],
  [
    "written-otherwise",
    "The object is written in another way",
    `{ "signatures": {"${ENTITY}": {"${KEY_ID}": "${TEXT}"}},\n "a": "\\u00e9", "b": {"d": 1, "c": [1, "\\u0074wo"]} }`,
  ],
  ["unsigned-added", "Something unsigned was added", { ...withSignature(BASE, TEXT), unsigned: { age: 1 } }],
  [
    "other-entity",
    "Another server has signed as well",
    { ...BASE, signatures: { "other.example": { [KEY_ID]: "AAAA" }, [ENTITY]: { [KEY_ID]: TEXT } } },
  ],
  [
    "other-key",
    "The server has signed with another key as well",
    { ...BASE, signatures: { [ENTITY]: { "ed25519:b": "AAAA", [KEY_ID]: TEXT } } },
  ],
  [
    "other-algorithm",
    "A signature of an algorithm that nobody knows is passed over",
    { ...BASE, signatures: { [ENTITY]: { "odd:a": "AAAA", [KEY_ID]: TEXT } } },
  ],
  [
    "unsigned-text",
    "unsigned is no object, and is not signed either",
    { ...withSignature(BASE, TEXT), unsigned: "odd" },
  ],
];

/** Objects whose signature does not hold. */
function broken(): readonly (readonly [key: string, about: string, object: JsonObject | string, more?: object])[] {
  const flipped = (at: number, bit: number): string => {
    const octets = Buffer.from(SIGNATURE);
    octets[at] = octets[at]! ^ bit;
    return unpadded(octets);
  };
  const at = (signature: Json): JsonObject => withSignature(BASE, signature);
  return [
    ["value-changed", "A value was changed", { ...at(TEXT), a: "e" }],
    ["number-changed", "A number deep within was changed", { ...at(TEXT), b: { d: 2, c: [1, "two"] } }],
    ["order-changed", "The order of an array was changed", { ...at(TEXT), b: { d: 1, c: ["two", 1] } }],
    ["key-added", "A key was added", { ...at(TEXT), c: 1 }],
    ["key-removed", "A key was removed", withSignature({ a: "é" }, TEXT)],
    ["key-case", "A key is written in capitals", withSignature({ B: BASE["b"]!, a: "é" }, TEXT)],
    ["normalised", "A letter was taken apart", { ...at(TEXT), a: "e\u0301" }],
    [
      "unsigned-within",
      "unsigned within an object is signed",
      { ...at(TEXT), b: { d: 1, c: [1, "two"], unsigned: {} } },
    ],
    [
      "not-canonical",
      "What was signed is the object as it is written",
      at(unpadded(signatureOf('{"b":{"d":1,"c":[1,"two"]},"a":"é"}'))),
    ],
    [
      "with-space",
      "What was signed has spaces",
      at(unpadded(signatureOf('{"a": "é", "b": {"c": [1, "two"], "d": 1}}'))),
    ],
    [
      "ascii",
      "What was signed has escapes for what is not ASCII",
      at(unpadded(signatureOf('{"a":"\\u00e9","b":{"c":[1,"two"],"d":1}}'))),
    ],
    [
      "with-signatures",
      "What was signed has an empty object of signatures",
      at(unpadded(signatureOf(canonical({ ...BASE, signatures: {} })))),
    ],
    [
      "with-unsigned",
      "What was signed has unsigned in it",
      { ...at(unpadded(signatureOf(canonical({ ...BASE, unsigned: {} })))), unsigned: {} },
    ],
    ["by-other", "Signed with another key", at(unpadded(signatureOf(canonical(BASE), OTHER)))],
    ["first-bit", "The first bit of the signature is another", at(flipped(0, 1))],
    ["middle-bit", "A bit in the middle is another", at(flipped(31, 128))],
    ["number-bit", "A bit of its number is another", at(flipped(32, 1))],
    ["last-bits", "The highest bits of its number are set", at(flipped(63, 224))],
    ["malleable", "The order of the group was added to its number", at(unpadded(malleable(SIGNATURE)))],
    ["short", "63 octets", at(unpadded(SIGNATURE.subarray(0, 63)))],
    ["long", "65 octets", at(unpadded(Buffer.concat([SIGNATURE, Buffer.of(0)])))],
    ["empty", "No octets", at("")],
    ["zero", "64 octets of zero", at(unpadded(Buffer.alloc(64)))],
    ["no-base64", "No base64", at(`!${TEXT.slice(1)}`)],
    ["one-more", "A symbol too many", at(`${TEXT}AAA`)],
    ["number", "The signature is a number", at(1)],
    ["null", "The signature is null", at(null)],
    ["list", "The signature is an array of it", at([TEXT])],
    ["object", "The signature is an object", at({ signature: TEXT })],
    ["none", "No signatures", BASE],
    ["none-of-entity", "Another server has signed", withSignature(BASE, TEXT, "other.example")],
    ["none-of-key", "A key of another id has signed", withSignature(BASE, TEXT, ENTITY, "ed25519:b")],
    ["entity-case", "The name of the server in capitals", withSignature(BASE, TEXT, "EXAMPLE.ORG")],
    ["key-id-case", "The id of the key in capitals", withSignature(BASE, TEXT, ENTITY, "ed25519:A")],
    ["signatures-list", "signatures is an array", { ...BASE, signatures: [{ [KEY_ID]: TEXT }] }],
    ["signatures-text", "signatures is a text", { ...BASE, signatures: TEXT }],
    ["signatures-null", "signatures is null", { ...BASE, signatures: null }],
    ["entity-text", "What the server signed is a text", { ...BASE, signatures: { [ENTITY]: TEXT } }],
    ["entity-list", "What the server signed is an array", { ...BASE, signatures: { [ENTITY]: [TEXT] } }],
    ["proto", "The entity is a name that every object of JavaScript has", BASE, { entity: "__proto__" }],
    ["constructor", "The key is a name that every object of JavaScript has", at(TEXT), { keyId: "constructor" }],
    ["not-json", "No JSON", '{"a":1,}'],
  ];
}

function checks(topic: Topic): void {
  const textOf = (object: JsonObject | string): string =>
    typeof object === "string" ? object : JSON.stringify(object);
  for (const [key, about, object] of HOLDS) topic.valid(key, about, textOf(object), { verified: true }, checkParams());
  for (const [key, about, object] of OBJECTS)
    topic.valid(`object.${key}`, about, textOf(signedObject(object)), { verified: true }, checkParams());
  for (const [key, about, object, more] of broken())
    topic.invalid(`broken.${key}`, about, textOf(object), about, { ...checkParams(more), flags: ["JsonSignature"] });
  for (const [key, about, text] of [
    ["padded", "With padding, which should be read", SIGNATURE.toString("base64")],
    ["url-safe", "In the alphabet of RFC 4648 5", TEXT.replaceAll("+", "-").replaceAll("/", "_")],
  ] as const) {
    const spec = ["MATRIX-APPENDICES#unpadded-base64"];
    topic.acceptable(
      `open.${key}`,
      about,
      textOf(withSignature(BASE, text)),
      { verified: true },
      { ...checkParams(), spec },
    );
  }
}

export function matrixSigning(library: Library): void {
  const signing = library.topic({
    area: "matrix",
    topic: "signing",
    description: "Objects that are signed: the one signature that Ed25519 has for them",
    op: "matrix.sign-json",
    spec: [SIGNING],
  });
  const params = { entity: ENTITY, keyId: KEY_ID, seed: unpadded(SEED) };
  for (const [key, about, object] of OBJECTS) {
    const signature = unpadded(signatureOf(canonical(bare(object))));
    const signed = canonical(withSignature(object, signature));
    signing.valid(key, about, JSON.stringify(object), { signature, signed }, { params });
    const before = {
      ...object,
      signatures: { "other.example": { "ed25519:x": "AAAA" }, [ENTITY]: { "ed25519:b": "BBBB" } },
    };
    const both = {
      ...before,
      signatures: { ...before.signatures, [ENTITY]: { "ed25519:b": "BBBB", [KEY_ID]: signature } },
    };
    signing.valid(
      `again.${key}`,
      `${about}: signatures of others stay`,
      JSON.stringify(before),
      { signature, signed: canonical(both) },
      { params },
    );
  }
  const topic = {
    area: "matrix",
    topic: "checking",
    description: "Signatures of objects that hold, and those that do not",
    op: "matrix.verify-json",
    spec: [CHECKING],
  };
  checks(library.topic(topic));
}
