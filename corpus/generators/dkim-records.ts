import type { JsonObject } from "@scop/corpus";
import type { Library } from "./topic.ts";

const DEFAULTS = { k: "rsa", h: null, s: ["*"], t: [], n: null, p: "YWJj" };
const SHORT = "v=DKIM1; k=rsa; p=YWJj";

/** Records, what they say, and how that is written in the order of RFC 6376 3.6.1: with its version and type, and no other default. */
const RIGHT: readonly (readonly [key: string, text: string, value: JsonObject, record: string])[] = [
  ["p", "p=YWJj", {}, SHORT],
  ["version", "v=DKIM1; p=YWJj", {}, SHORT],
  ["tight", "v=DKIM1;k=rsa;p=YWJj;", {}, SHORT],
  ["spaces", " v = DKIM1 ; p = YW Jj ", {}, SHORT],
  ["order", "v=DKIM1; p=YWJj; k=rsa", {}, SHORT],
  ["type", "v=DKIM1; k=ed25519; p=YWJj", { k: "ed25519" }, "v=DKIM1; k=ed25519; p=YWJj"],
  ["type-upper", "v=DKIM1; k=RSA; p=YWJj", {}, SHORT],
  ["type-other", "v=DKIM1; k=odd; p=YWJj", { k: "odd" }, "v=DKIM1; k=odd; p=YWJj"],
  ["hash", "v=DKIM1; h=SHA256; p=YWJj", { h: ["sha256"] }, "v=DKIM1; k=rsa; h=sha256; p=YWJj"],
  ["hashes", "v=DKIM1; h=sha1 : sha256; p=YWJj", { h: ["sha1", "sha256"] }, "v=DKIM1; k=rsa; h=sha1:sha256; p=YWJj"],
  ["service", "v=DKIM1; s=email; p=YWJj", { s: ["email"] }, "v=DKIM1; k=rsa; s=email; p=YWJj"],
  ["services", "v=DKIM1; s=*:Email; p=YWJj", { s: ["*", "email"] }, "v=DKIM1; k=rsa; s=*:email; p=YWJj"],
  ["service-all", "v=DKIM1; s=*; p=YWJj", {}, SHORT],
  ["flag", "v=DKIM1; t=y; p=YWJj", { t: ["y"] }, "v=DKIM1; k=rsa; t=y; p=YWJj"],
  ["flags", "v=DKIM1; t=Y:s; p=YWJj", { t: ["y", "s"] }, "v=DKIM1; k=rsa; t=y:s; p=YWJj"],
  [
    "note",
    "v=DKIM1; n=a note, of words; p=YWJj",
    { n: "a note, of words" },
    "v=DKIM1; k=rsa; n=a note, of words; p=YWJj",
  ],
  ["revoked", "v=DKIM1; p=", { p: "" }, "v=DKIM1; k=rsa; p="],
  ["padding-1", "p=YWI=", { p: "YWI=" }, "v=DKIM1; k=rsa; p=YWI="],
  ["padding-2", "p=YQ==", { p: "YQ==" }, "v=DKIM1; k=rsa; p=YQ=="],
  ["padding-space", "p=YQ = =", { p: "YQ==" }, "v=DKIM1; k=rsa; p=YQ=="],
  ["signs", "p=+/+/", { p: "+/+/" }, "v=DKIM1; k=rsa; p=+/+/"],
  ["unknown", "v=DKIM1; g=*; zz=1; p=YWJj", {}, SHORT],
  [
    "all",
    "v=DKIM1; k=rsa; h=sha256; s=email; t=s; n=x; p=YWJj",
    { h: ["sha256"], s: ["email"], t: ["s"], n: "x" },
    "v=DKIM1; k=rsa; h=sha256; s=email; t=s; n=x; p=YWJj",
  ],
];

const WRONG: readonly (readonly [key: string, text: string])[] = [
  ["empty", ""],
  ["blank", "  "],
  ["no-p", "v=DKIM1; k=rsa"],
  ["version-last", "p=YWJj; v=DKIM1"],
  ["version-other", "v=DKIM2; p=YWJj"],
  ["version-lower", "v=dkim1; p=YWJj"],
  ["version-empty", "v=; p=YWJj"],
  ["p-sign", "p=YW!j"],
  ["p-one", "p=Y"],
  ["p-five", "p=YWJjY"],
  ["p-padding", "p=YWJj="],
  ["p-padding-3", "p=YQ==="],
  ["p-behind", "p=YQ==YQ"],
  ["p-url", "p=-_-_"],
  ["p-equals", "p==="],
  ["twice", "p=YWJj; p=YWJj"],
  ["gap", "v=DKIM1;; p=YWJj"],
  ["first-semicolon", ";p=YWJj"],
  ["no-equals", "v=DKIM1; odd; p=YWJj"],
  ["control", "n=\x01; p=YWJj"],
  ["word", "hello"],
];

/** What a key record says, tag by tag. */
export function dkimRecords(library: Library): void {
  const topic = library.topic({
    area: "dkim",
    topic: "records",
    description: "What a key record says, tag by tag",
    op: "dkim.key",
    spec: ["RFC6376#3.6.1"],
    flags: ["DkimKey"],
  });
  for (const [key, text, value, record] of RIGHT)
    topic.valid(`right.${key}`, `A key record that is right: ${text}`, text, { ...DEFAULTS, ...value, record });
  for (const [key, text] of WRONG)
    topic.invalid(`wrong.${key}`, `A key record that is wrong: ${JSON.stringify(text)}`, text, "no record of a key");
}
