import { latin1Bytes } from "@scop/wire";
import { Choices } from "@scop/wire/arbitrary";
import type { MessageSignature, Seal } from "./arc/fields.ts";
import type { KeyRecord } from "./key-record.ts";
import type { DkimSignature, SignatureTags } from "./signature.ts";

const DOMAINS = [
  "example.com",
  "a.b.example",
  "xn--bcher-kva.example",
  "_under.example.org",
  "x".repeat(63).concat(".example"),
];
const SELECTORS = ["s", "2026-11", "a.b", "s1_2048", "brisbane"];
const FIELDS = ["from", "to", "subject", "x-a", "list-unsubscribe-post", "received", "dkim-signature", "z!#$%&'*+-."];
const FORMS = ["simple", "relaxed"] as const;
const WORDS = ["sha256", "sha1", "*", "email", "y", "s", "other"];

function octets(choices: Choices, min: number): Uint8Array {
  return Uint8Array.from({ length: min + choices.below(200) }, () => choices.below(256));
}

function number(choices: Choices): number {
  return choices.below(256) * choices.below(256) * choices.of([1, 1_000, 1_000_000]);
}

function commonOf(choices: Choices): SignatureTags {
  const signedAt = choices.maybe(() => number(choices));
  return {
    algorithm: choices.of(["rsa-sha256", "ed25519-sha256", "rsa-sha1"]),
    signature: octets(choices, 1),
    bodyHash: octets(choices, 1),
    canonicalization: { header: choices.of(FORMS), body: choices.of(FORMS) },
    domain: choices.of(DOMAINS),
    selector: choices.of(SELECTORS),
    fields: ["from", ...choices.list(40, () => choices.of(FIELDS))],
    bodyOctets: choices.maybe(() => number(choices)),
    signedAt,
    expiresAt: choices.maybe(() => (signedAt ?? 0) + 1 + number(choices)),
  };
}

/** A signature out of octets, the same for the same ones, simpler for fewer. For fast-check: `fc.uint8Array().map(signatureOf)`. */
export function signatureOf(source: Uint8Array): DkimSignature {
  const choices = new Choices(source);
  const common = commonOf(choices);
  const local = choices.of(["", "ann", "=40", "a+b"]);
  return { ...common, identity: `${local}@${choices.of(["", "sub.", "a.b."])}${common.domain}` };
}

/** An ARC-Message-Signature out of octets. */
export function messageSignatureOf(source: Uint8Array): MessageSignature {
  const choices = new Choices(source);
  const instance = 1 + choices.below(50);
  return { instance, ...commonOf(choices), algorithm: choices.of(["rsa-sha256", "ed25519-sha256"]) };
}

/** An ARC-Seal out of octets. */
export function sealOf(source: Uint8Array): Seal {
  const choices = new Choices(source);
  return {
    instance: 1 + choices.below(50),
    algorithm: choices.of(["rsa-sha256", "ed25519-sha256"]),
    signature: octets(choices, 1),
    chain: choices.of(["none", "pass", "fail"]),
    domain: choices.of(DOMAINS),
    selector: choices.of(SELECTORS),
    signedAt: choices.maybe(() => number(choices)),
  };
}

/** A key record out of octets. */
export function keyRecordOf(source: Uint8Array): KeyRecord {
  const choices = new Choices(source);
  return {
    type: choices.of(["rsa", "ed25519", "other"]),
    octets: octets(choices, 0),
    hashes: choices.maybe(() => [choices.of(WORDS), ...choices.list(3, () => choices.of(WORDS))]),
    services: [choices.of(WORDS), ...choices.list(3, () => choices.of(WORDS))],
    flags: choices.list(3, () => choices.of(WORDS)),
    notes: choices.maybe(() => choices.of(["", "a note", "=41", "a=b"])),
  };
}

const TAGS = [
  ...[
    "v=1",
    "v=2",
    "v=DKIM1",
    "v",
    "=",
    ";",
    "; ",
    " ",
    "\r\n\t",
    "\0",
    "\xe9",
    "\x7f",
    "a=rsa-sha256",
    "a=rsa-sha1",
    "a=x",
  ],
  ...[
    "b=",
    "b=AAAA",
    "b=A",
    "b=!",
    "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "c=simple",
    "c=relaxed/x",
    "c=/",
  ],
  ...[
    "d=example.com",
    "d=com",
    "d=.",
    "d=\xc3\xbc.example",
    "s=s",
    "s=",
    "i=@example.com",
    "i=x",
    "i=1",
    "i=51",
    "i=007",
  ],
  ...[
    "h=from",
    "h=from:from:to",
    "h=to",
    "h=:",
    "h=from:arc-seal",
    "l=0",
    "l=5",
    "l=-1",
    "l=99999999999999999999",
    "t=1",
    "t=y",
  ],
  ...[
    "x=2",
    "x=999999999999",
    "q=dns/txt",
    "q=x",
    "z=a|b",
    "cv=none",
    "cv=pass",
    "cv=fail",
    "cv=x",
    "k=rsa",
    "p=",
    "p=AAAA",
  ],
];

/** Tag lists of broken and whole tags in any order: signatures, seals and keys that can be read, almost. */
export function brokenTagsOf(source: Uint8Array): string {
  let text = "";
  for (const octet of source) text += `${TAGS[octet % TAGS.length]}${octet < 192 ? ";" : ""}`;
  return text;
}

const BODY = [
  "a",
  "word",
  " ",
  "  ",
  "\t",
  " \t ",
  "\r\n",
  "\r\n\r\n",
  "\r",
  "\n",
  " \r\n",
  "\t\r\n",
  "\r ",
  "x".repeat(700),
  "é",
  ".",
  "",
];

/** Bodies of words, white space and line ends of every kind. */
export function bodyOf(source: Uint8Array): Uint8Array {
  let text = "";
  for (const octet of source) text += BODY[octet % BODY.length]!;
  return latin1Bytes(text);
}
