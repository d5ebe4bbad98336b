import assert from "node:assert/strict";
import { test } from "node:test";
import { formatKeyRecord, formatSignature, parseKeyRecord, parseSignature } from "@scop/dkim";
import { brokenTagsOf, keyRecordOf, messageSignatureOf, sealOf, signatureOf } from "@scop/dkim/arbitrary";
import { formatMessageSignature, formatSeal, parseMessageSignature, parseSeal } from "@scop/dkim/arc";
import type { Parsed } from "@scop/wire";
import fc from "fast-check";

const octets = fc.uint8Array({ maxLength: 700, size: "max" });
const HASH = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const WHOLE = `v=1; a=rsa-sha256; d=example.com; s=s; h=from; bh=${HASH}; b=AAAA`;

function law<T>(of: (source: Uint8Array) => T, format: (value: T) => string, parse: (text: string) => Parsed<T>): void {
  fc.assert(
    fc.property(octets, source => {
      const value = of(source);
      const text = format(value);
      assert.deepEqual(parse(text), { ok: true, value, notes: [] }, text);
      for (const line of text.split("\r\n")) assert.ok(line.length <= 998, "lines are lines");
    }),
  );
}

test("what is written is read as it was: signatures, seals and keys", () => {
  law(signatureOf, formatSignature, parseSignature);
  law(messageSignatureOf, formatMessageSignature, parseMessageSignature);
  law(sealOf, formatSeal, parseSeal);
  law(keyRecordOf, formatKeyRecord, parseKeyRecord);
});

test("nothing throws, and a fault is within the text", () => {
  const parsers = [parseSignature, parseKeyRecord, parseMessageSignature, parseSeal];
  const texts = fc.oneof(
    fc.uint8Array({ maxLength: 40, size: "max" }).map(brokenTagsOf),
    fc.string({ unit: "binary", maxLength: 80, size: "max" }),
  );
  fc.assert(
    fc.property(texts, text => {
      for (const parse of parsers) {
        const read = parse(text);
        if (!read.ok) assert.ok(read.error.offset >= 0 && read.error.offset + read.error.length <= text.length, text);
      }
    }),
    { numRuns: 1000 },
  );
});

const faults: readonly [what: string, text: string, code: string, offset: number][] = [
  ["nothing", "", "tag-missing", 0],
  ["no tag between semicolons", "v=1;;a=x", "tag-missing", 4],
  ["a name without a value", "v=1; a", "tag-malformed", 5],
  ["a name that begins with a digit", "1=v", "tag-malformed", 0],
  ["a tag twice", "v=1; a=x; v=1", "tag-duplicate", 10],
  ["a control", "v=1; a=\0", "tag-character", 7],
  ["too many tags", Array.from({ length: 65 }, (_, at) => `t${at}=`).join(";"), "tags-limit", 310],
  ["no version", WHOLE.slice(5), "v-missing", 0],
  ["another version", WHOLE.replace("v=1", "v=2"), "version-unknown", 2],
  ["another algorithm", WHOLE.replace("rsa-sha256", "rsa-md5"), "algorithm-unknown", 7],
  ["no body hash", WHOLE.replace(`bh=${HASH};`, ""), "bh-missing", 0],
  ["an empty body hash", WHOLE.replace(HASH, ""), "bh-empty", 50],
  ["an empty signature", WHOLE.replace("AAAA", ""), "b-empty", 98],
  ["a signature that is no base64", WHOLE.replace("AAAA", "A!AA"), "b-base64", 98],
  ["a domain of one label", WHOLE.replace("example.com", "com"), "d-domain", 21],
  ["a domain with an empty label", WHOLE.replace("example.com", "a..b"), "d-domain", 21],
  ["a label of 64 letters", WHOLE.replace("example", "x".repeat(64)), "d-domain", 21],
  ["no selector", WHOLE.replace(" s=s;", ""), "s-missing", 0],
  ["an empty selector", WHOLE.replace("s=s", "s="), "s-domain", 36],
  ["From not signed", WHOLE.replace("h=from", "h=to:cc"), "from-not-signed", 41],
  ["an empty name of a field", WHOLE.replace("h=from", "h=from:"), "h-name", 41],
  ["a name with a space", WHOLE.replace("h=from", "h=from:a\x7fb"), "tag-character", 47],
  ["another canonicalization", `${WHOLE}; c=relaxed/nofws`, "canonicalization-unknown", 106],
  ["a third canonicalization", `${WHOLE}; c=simple/simple/simple`, "canonicalization-unknown", 106],
  ["another way to ask", `${WHOLE}; q=http`, "query-unknown", 106],
  ["a length that is none", `${WHOLE}; l=-1`, "l-number", 106],
  ["a time that is too long", `${WHOLE}; t=1234567890123`, "t-number", 106],
  ["an end that is not after the beginning", `${WHOLE}; t=5; x=5`, "x-before-t", 111],
  ["an identity without @", `${WHOLE}; i=example.com`, "i-malformed", 106],
  ["an identity elsewhere", `${WHOLE}; i=a@badexample.com`, "domain-mismatch", 106],
];

test("what is malformed has a code and a place (RFC 6376 3.5, 6.1.1)", () => {
  for (const [what, text, code, offset] of faults) {
    const read = parseSignature(text);
    assert.deepEqual([!read.ok && read.error.code, !read.ok && read.error.offset], [code, offset], what);
  }
});

test("what the grammar allows is read", () => {
  const read = parseSignature(
    `\r\n\tv = 1; a=RSA-SHA256; d=EXAMPLE.com; s=S; h= From : X-A ;\r\n bh=${HASH.slice(0, 20)}\r\n ${HASH.slice(20)}; b=AA AA;` +
      " c=relaxed; q=other:dns/txt; i=a=20b@Sub.Example.COM; new=x; l=3; ",
  );
  assert.ok(read.ok);
  const { domain, selector, identity, canonicalization, fields, bodyOctets, bodyHash } = read.value;
  assert.deepEqual([domain, selector, identity, bodyOctets], ["example.com", "s", "a=20b@sub.example.com", 3]);
  assert.deepEqual([canonicalization, fields], [{ header: "relaxed", body: "simple" }, ["from", "x-a"]]);
  assert.equal(bodyHash.length, 32);
});

test("domains in UTF-8 are their A-labels (RFC 8616 4)", () => {
  const read = parseSignature(WHOLE.replace("example.com", "b\xc3\xbccher.example"));
  assert.equal(read.ok && read.value.domain, "xn--bcher-kva.example");
  const broken = parseSignature(WHOLE.replace("example.com", "b\xc3.example"));
  assert.equal(!broken.ok && broken.error.code, "d-domain");
});

const keyFaults: readonly [text: string, code: string][] = [
  ["v=DKIM2; p=AAAA", "version-unknown"],
  ["p=AAAA; v=DKIM1", "version-unknown"],
  ["v=DKIM1; k=rsa", "p-missing"],
  ["v=DKIM1; p=A", "p-base64"],
  ["v=spf1 -all", "version-unknown"],
];

test("keys that can't be read say why (RFC 6376 3.6.1)", () => {
  for (const [text, code] of keyFaults) {
    const read = parseKeyRecord(text);
    assert.equal(!read.ok && read.error.code, code, text);
  }
  const read = parseKeyRecord("k=RSA; p=AA\t AA ; t=Y : s; s=email:*; n=a note; x=y");
  assert.deepEqual(read.ok && [read.value.type, read.value.octets.length, read.value.flags, read.value.services], [
    "rsa",
    3,
    ["y", "s"],
    ["email", "*"],
  ]);
  const unpadded = parseKeyRecord("p=AAA");
  assert.equal(unpadded.ok && unpadded.value.octets.length, 2);
});

const sealFaults: readonly [text: string, code: string][] = [
  ["i=0; a=rsa-sha256; cv=none; d=a.b; s=s; b=AAAA", "i-number"],
  ["i=51; a=rsa-sha256; cv=none; d=a.b; s=s; b=AAAA", "i-number"],
  ["i=001; a=rsa-sha256; cv=none; d=a.b; s=s; b=AAAA", "i-number"],
  ["a=rsa-sha256; cv=none; d=a.b; s=s; b=AAAA", "i-missing"],
  ["i=1; a=rsa-sha1; cv=none; d=a.b; s=s; b=AAAA", "algorithm-unknown"],
  ["i=1; a=rsa-sha256; cv=maybe; d=a.b; s=s; b=AAAA", "cv-unknown"],
  ["i=1; a=rsa-sha256; d=a.b; s=s; b=AAAA", "cv-missing"],
  ["i=1; a=rsa-sha256; cv=none; d=a.b; s=s; b=", "b-empty"],
  ["i=1; a=rsa-sha256; cv=none; d=a.b; s=s; b=AAAA; t=x", "t-number"],
];

test("seals that can't be read say why (RFC 8617 4.1.3)", () => {
  for (const [text, code] of sealFaults) {
    const read = parseSeal(text);
    assert.equal(!read.ok && read.error.code, code, text);
  }
  const sha1 = parseMessageSignature(WHOLE.replace("v=1; a=rsa-sha256", "i=1; a=rsa-sha1"));
  assert.equal(!sha1.ok && sha1.error.code, "algorithm-unknown");
});
