import { formatKeyRecord, formatSignature, parseKeyRecord, parseSignature } from "@scop/dkim";
import { brokenTagsOf, keyRecordOf, messageSignatureOf, sealOf, signatureOf } from "@scop/dkim/arbitrary";
import { formatMessageSignature, formatSeal, parseMessageSignature, parseSeal } from "@scop/dkim/arc";
import type { Grammar } from "@scop/fuzz";
import type { Parsed } from "@scop/wire";
import { check, checkDiagnostics, latin1, same } from "./properties.ts";

export const about =
  "the tag lists of DKIM and ARC, fields and keys, are written and read as the same; a folded field is one field";
export const seeds: readonly string[] = [
  "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=s1; i=a@example.org; h=From:To:Subject; l=10; t=1; x=2; q=dns/txt; bh=YWJj; b=YW Jj",
  "i=1; a=ed25519-sha256; d=example.org; s=s1; h=from; bh=YQ==; b=YQ==",
  "i=1; cv=none; a=rsa-sha256; t=1; d=example.org; s=s1; b=YQ==",
  "v=DKIM1; k=ed25519; h=sha256; s=email:*; t=y:s; n=note; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
];
export const grammar: Grammar = {
  tags: ["{tag}", "{tag};{tags}", "{tag};{blank}{tags}"],
  tag: ["{name}{blank}={blank}{value}"],
  name: ["v", "a", "b", "bh", "c", "d", "h", "i", "l", "q", "s", "t", "x", "z", "k", "p", "n", "g", "cv", "a_b1"],
  value: [
    "1",
    "DKIM1",
    "rsa-sha256",
    "ed25519-sha256",
    "rsa-sha1",
    "relaxed/simple",
    "simple",
    "relaxed",
    "example.org",
    "a@example.org",
    "From{blank}:{blank}to",
    "99999999999999999999",
    "0",
    "YWJj{blank}YWJj",
    "YQ==",
    "y:s",
    "*",
    "none",
    "pass",
    "fail",
    "dns/txt",
    "rsa",
    "ed25519",
    "=3D;",
    "{value}{value}",
    "",
  ],
  blank: ["", "", " ", "\r\n ", "\t", "\r\n", "\n "],
};

export function fuzz(data: Uint8Array): void {
  const text = latin1(data);
  for (const each of [text, brokenTagsOf(data)]) {
    roundTrip(each, parseSignature, formatSignature);
    roundTrip(each, parseMessageSignature, formatMessageSignature);
    roundTrip(each, parseSeal, formatSeal);
    roundTrip(each, parseKeyRecord, formatKeyRecord);
  }
  made(signatureOf(data), parseSignature, formatSignature);
  made(messageSignatureOf(data), parseMessageSignature, formatMessageSignature);
  made(sealOf(data), parseSeal, formatSeal);
  made(keyRecordOf(data), parseKeyRecord, formatKeyRecord);
}

function roundTrip<T>(text: string, parse: (text: string) => Parsed<T>, format: (value: T) => string): void {
  const read = parse(text);
  if (read.ok) {
    const names = [...text.matchAll(/(?:^|;)[ \t\r\n]*([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=/g)].map(([, name]) => name);
    check(new Set(names).size === names.length, "a tag stands once");
    made(read.value, parse, format);
  } else checkDiagnostics([read.error], text.length);
}

function made<T>(value: T, parse: (text: string) => Parsed<T>, format: (value: T) => string): void {
  const written = format(value);
  // A line break within a field is a fold: white space follows it. Key records are no fields.
  const isField = format !== (formatKeyRecord as unknown);
  check(
    !isField || !/\r\n(?![ \t])|\r(?!\n)|(?<!\r)\n|\0/.test(written),
    `a written field is one: ${JSON.stringify(written)}`,
  );
  const again = parse(written);
  check(again.ok, `what was written is read: ${written}`);
  if (again.ok) same(again.value, value, "it is the same after writing and reading");
}
