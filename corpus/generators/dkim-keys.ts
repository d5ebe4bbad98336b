import type { Expectation } from "@scop/corpus";
import { base, ED, failing, message, PASS, params, RSA } from "./dkim-case.ts";
import { type Signature, testKey } from "./signing.ts";
import type { Library } from "./topic.ts";

const P = RSA.published;

/** Records of the key, and what a good signature comes to with them. */
const RECORDS: readonly (readonly [
  key: string,
  about: string,
  record: unknown,
  expect: Expectation,
  spec: string,
  options?: Partial<Signature>,
])[] = [
  ["plain", "v, k and p", [`v=DKIM1; k=rsa; p=${P}`], PASS, "RFC6376#3.6.1"],
  ["p-alone", "p alone", [`p=${P}`], PASS, "RFC6376#3.6.1"],
  ["no-spaces", "no white space", [`v=DKIM1;k=rsa;p=${P}`], PASS, "RFC6376#3.6.1"],
  ["semicolon-end", "a semicolon at the end", [`v=DKIM1; p=${P};`], PASS, "RFC6376#3.6.1"],
  ["p-spaces", "white space within p=", [`v=DKIM1; p=${P.slice(0, 40)} ${P.slice(40)}`], PASS, "RFC6376#3.6.1"],
  ["unknown-tag", "an unknown tag", [`v=DKIM1; zz=1; p=${P}`], PASS, "RFC6376#3.6.1"],
  ["note", "a note", [`v=DKIM1; n=a note; p=${P}`], PASS, "RFC6376#3.6.1"],
  ["version-last", "v= that is not first", [`p=${P}; v=DKIM1`], failing("permerror"), "RFC6376#3.6.1"],
  ["version-2", "v=DKIM2", [`v=DKIM2; p=${P}`], failing("permerror"), "RFC6376#3.6.1"],
  ["revoked", "an empty p=", ["v=DKIM1; p="], failing("permerror"), "RFC6376#6.1.2"],
  ["p-none", "no p=", ["v=DKIM1; k=rsa"], failing("permerror"), "RFC6376#3.6.1"],
  ["p-junk", "p= that is no base64", ["v=DKIM1; p=!!!"], failing("permerror"), "RFC6376#6.1.2"],
  ["p-no-key", "p= that is no key", ["v=DKIM1; p=YWJj"], failing("permerror"), "RFC6376#6.1.2"],
  ["other-key", "another key", [`v=DKIM1; p=${testKey("other2048").published}`], failing("fail"), "RFC6376#6.1.3"],
  [
    "type-other",
    "k= of another type",
    [`v=DKIM1; k=ed25519; p=${ED.published}`],
    failing("permerror"),
    "RFC6376#6.1.2",
  ],
  ["type-unknown", "an unknown k=", [`v=DKIM1; k=odd; p=${P}`], failing("permerror"), "RFC6376#6.1.2"],
  ["hash", "h=sha256", [`v=DKIM1; h=sha256; p=${P}`], PASS, "RFC6376#3.6.1"],
  ["hash-list", "h=sha1:sha256", [`v=DKIM1; h=sha1:sha256; p=${P}`], PASS, "RFC6376#3.6.1"],
  ["hash-sha1", "h=sha1", [`v=DKIM1; h=sha1; p=${P}`], failing("permerror"), "RFC6376#6.1.2"],
  ["service-all", "s=*", [`v=DKIM1; s=*; p=${P}`], PASS, "RFC6376#3.6.1"],
  ["service-mail", "s=email", [`v=DKIM1; s=email; p=${P}`], PASS, "RFC6376#3.6.1"],
  ["service-list", "s=other:email", [`v=DKIM1; s=other:email; p=${P}`], PASS, "RFC6376#3.6.1"],
  ["service-other", "s=other", [`v=DKIM1; s=other; p=${P}`], failing("permerror"), "RFC6376#3.6.1"],
  ["testing", "t=y", [`v=DKIM1; t=y; p=${P}`], PASS, "RFC6376#3.6.1"],
  ["flag-unknown", "an unknown flag", [`v=DKIM1; t=zz; p=${P}`], PASS, "RFC6376#3.6.1"],
  [
    "strict",
    "t=s, an identity of the domain",
    [`v=DKIM1; t=s; p=${P}`],
    PASS,
    "RFC6376#3.6.1",
    { tags: { i: "@example.com" } },
  ],
  [
    "strict-below",
    "t=s, an identity of a name below",
    [`v=DKIM1; t=s; p=${P}`],
    failing("permerror"),
    "RFC6376#3.6.1",
    { tags: { i: "@sub.example.com" } },
  ],
  [
    "strict-list",
    "t=y:s, an identity of a name below",
    [`v=DKIM1; t=y:s; p=${P}`],
    failing("permerror"),
    "RFC6376#3.6.1",
    { tags: { i: "@sub.example.com" } },
  ],
  ["none", "no record", [], failing("permerror"), "RFC6376#6.1.2"],
  ["timeout", "no answer", "TIMEOUT", { result: "temperror" }, "RFC6376#6.1.2"],
  [
    "octets-512",
    "a key of 512 bits",
    [`v=DKIM1; p=${testKey("rsa512").published}`],
    failing("fail"),
    "RFC8301#3.2",
    { key: testKey("rsa512") },
  ],
  [
    "octets-1024",
    "a key of 1,024 bits",
    [`v=DKIM1; p=${testKey("rsa1024").published}`],
    PASS,
    "RFC8301#3.2",
    { key: testKey("rsa1024") },
  ],
  [
    "octets-4096",
    "a key of 4,096 bits",
    [`v=DKIM1; p=${testKey("rsa4096").published}`],
    PASS,
    "RFC8301#3.2",
    { key: testKey("rsa4096") },
  ],
  ["ed25519", "an Ed25519 key", [`v=DKIM1; k=ed25519; p=${ED.published}`], PASS, "RFC8463#4", { key: ED }],
  [
    "ed25519-other",
    "another Ed25519 key",
    [`v=DKIM1; k=ed25519; p=${testKey("otherEd25519").published}`],
    failing("fail"),
    "RFC8463#4",
    { key: ED },
  ],
  [
    "ed25519-short",
    "an Ed25519 key that is too short",
    ["v=DKIM1; k=ed25519; p=YWJj"],
    failing("permerror"),
    "RFC8463#4",
    { key: ED },
  ],
  [
    "ed25519-no-type",
    "an Ed25519 key without k=",
    [`v=DKIM1; p=${ED.published}`],
    failing("permerror"),
    "RFC8463#4",
    { key: ED },
  ],
];

export function dkimKeys(library: Library): void {
  const zoneOf = (record: string): unknown => ({ TXT: [record] });
  const rsa = `v=DKIM1; p=${P}`;
  const names = [
    "rsa._domainkey.example.com",
    "rsa._domainkey.sub.example.com",
    "a.b._domainkey.example.com",
    "bad._domainkey.example.org",
    "rsa._domainkey.b.example",
  ];
  library.zone("dkim", {
    ...Object.fromEntries(names.map(name => [name, zoneOf(rsa)])),
    "ed._domainkey.example.com": zoneOf(`v=DKIM1; k=ed25519; p=${ED.published}`),
    "other._domainkey.example.org": zoneOf(`v=DKIM1; p=${testKey("other2048").published}`),
  });
  const topic = library.topic({
    area: "dkim",
    topic: "keys",
    description: "Key records",
    op: "dkim.verify",
    spec: ["RFC6376#3.6.1"],
    flags: ["DkimKey"],
  });
  for (const [key, about, record, expect, spec, options = {}] of RECORDS) {
    const zone = Array.isArray(record) && record.length === 0 ? {} : { "rsa._domainkey.example.com": { TXT: record } };
    topic.word(key, `A key record: ${about}`, message(base(options)), expect, {
      params: params(zone),
      spec: [spec],
      flags: key.startsWith("octets-512") ? ["DkimWeak"] : [],
    });
  }
}
