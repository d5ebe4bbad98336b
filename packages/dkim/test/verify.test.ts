import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DkimVerdict,
  formatSignature,
  openBodyHashes,
  openKeyCache,
  openVerification,
  parseSignature,
} from "@scop/dkim";
import { signDkim, type VerifyMessageOptions, verifyDkim, wholeMessage } from "@scop/dkim/run";
import { parseHeader } from "@scop/mime";
import { latin1Bytes } from "@scop/wire";
import { DOMAIN, message, NOW, options, records, signerOf, type TestZone, testKey, world, zoneOf } from "./world.ts";

const RSA = testKey("r", "rsa");
const ED = testKey("e", "ed25519");
const KEYS = [RSA, ED];
const ZONE = zoneOf(KEYS);
const HEADER = "From: Ann <ann@example.com>\r\nTo: bob@example.org\r\nSubject: Hello  \r\n there\r\nX-A: 1\r\n";
const BODY = "Hello  Bob,\r\n\r\nhow are you? \r\n\r\n";
const TEXT = `${HEADER}\r\n${BODY}`;

type Signing = Parameters<typeof signDkim>[4];

async function signed(text = TEXT, how: Signing = {}, keys = KEYS): Promise<string> {
  return (await signDkim(world(ZONE), signerOf(keys), message(text), DOMAIN, how)) + text;
}

async function verdicts(
  text: string,
  zone: TestZone = ZONE,
  more: Partial<VerifyMessageOptions> = {},
): Promise<readonly DkimVerdict[]> {
  return verifyDkim(world(zone), message(text), options(more));
}

/** The word and the code of each verdict. */
function words(found: readonly DkimVerdict[]): readonly string[] {
  return found.map(verdict => ("code" in verdict ? `${verdict.result} ${verdict.code}` : verdict.result));
}

test("what we sign, we verify: both algorithms, all forms", async () => {
  for (const header of ["simple", "relaxed"] as const) {
    for (const body of ["simple", "relaxed"] as const) {
      const text = await signed(TEXT, { canonicalization: { header, body } });
      assert.deepEqual(words(await verdicts(text)), ["pass", "pass"], `${header}/${body}`);
      const loose = text
        .replace("Hello  Bob", "Hello\tBob")
        .replace("Subject: Hello  \r\n there", "SUBJECT:Hello there ");
      const expected = {
        relaxedrelaxed: "pass",
        relaxedsimple: "fail body-differs",
        simplerelaxed: "fail signature-differs",
      };
      const word = expected[`${header}${body}` as keyof typeof expected] ?? "fail body-differs";
      assert.deepEqual(words(await verdicts(loose)), [word, word], `${header}/${body}`);
    }
  }
});

test("a pass tells what was proved", async () => {
  const [pass] = await verdicts(
    await signed(),
    new Map([
      ...ZONE,
      ["r._domainkey.example.com", { ...zoneOf([RSA]).get("r._domainkey.example.com")!, authentic: true } as never],
    ]),
  );
  assert.ok(pass?.result === "pass");
  assert.deepEqual(
    [pass.domain, pass.selector, pass.identity, pass.algorithm, pass.keyBits, pass.keyAuthentic, pass.testing],
    ["example.com", "r", "@example.com", "rsa-sha256", 2048, "yes", "no"],
  );
  assert.deepEqual([pass.unsignedOctets, pass.addedFields, pass.signedFields.slice(0, 2)], [0, [], ["from", "from"]]);
  assert.equal(pass.reason, "example.com has signed the message, and nothing that was signed has changed.");
  assert.equal(pass.signatureStart.length, 12);
});

test("whatever is changed in what was signed makes it fail", async () => {
  const text = await signed();
  const changes: readonly [from: string, to: string, code: string][] = [
    ["Hello  Bob", "Hello Rob", "body-differs"],
    ["you? \r\n", "you? \r\nBye\r\n", "body-differs"],
    ["bob@example.org", "rob@example.org", "signature-differs"],
    ["From: Ann", "From: Eve <eve@example.net>\r\nFrom: Ann", "signature-differs"],
    ["X-A: 1\r\n", "X-A: 1\r\nReply-To: eve@example.net\r\n", "signature-differs"],
    ["s=r;", "s=r; x=9999999999;", "signature-differs"],
  ];
  for (const [from, to, code] of changes) {
    assert.ok(text.includes(from));
    const found = words(await verdicts(text.replace(from, to)));
    assert.equal(found[0], `fail ${code}`, from);
  }
  assert.deepEqual(
    words(await verdicts(text.replace("X-A: 1", "X-A: 2"))),
    ["pass", "pass"],
    "what was not signed may change",
  );
});

test("a message without signatures has a verdict all the same", async () => {
  assert.deepEqual(await verdicts(TEXT), [
    { method: "dkim", result: "none", reason: "The message has no DKIM signature." },
  ]);
});

/** A signature with other tags, and not signed anew: for what is judged before. */
async function retagged(from: string | RegExp, to: string): Promise<string> {
  const text = await signed(TEXT, {}, [RSA]);
  const changed = text.replace(from, to);
  assert.notEqual(changed, text);
  return changed;
}

test("what is judged before anything is asked for", async () => {
  const seconds = NOW / 1000;
  const rows: readonly [from: string | RegExp, to: string, expected: string][] = [
    ["v=1;", "v=1; x=5;", "neutral signature-malformed"],
    [/t=\d+;/, "x=5;", "policy expired"],
    [/t=\d+;/, `t=${seconds + 301};`, "policy from-the-future"],
    [/t=\d+;/, `t=${seconds + 300};`, "fail signature-differs"],
    ["a=rsa-sha256", "a=rsa-sha1", "fail sha1"],
    [/h=from[^;]*/, "h=to", "permerror from-not-signed"],
    ["v=1;", "v=1; i=a@example.org;", "permerror domain-mismatch"],
    [
      /d=example.com; s=r/,
      `d=${"x".repeat(60)}.${"y".repeat(60)}.example; s=${"z".repeat(60)}.${"z".repeat(60)}`,
      "permerror name-length",
    ],
    ["v=1", "v=2", "neutral signature-malformed"],
  ];
  for (const [from, to, expected] of rows) {
    const io = world(ZONE);
    const found = await verifyDkim(io, message(await retagged(from, to)), options());
    assert.deepEqual(words(found), [expected], to);
    assert.equal(io.asked.length, expected === "fail signature-differs" ? 1 : 0, "nothing is asked for in vain");
  }
});

test("a malformed signature says where in the message", async () => {
  const text = await retagged("a=rsa-sha256", "a=rsa-md5");
  const [verdict] = await verdicts(`X-First: 1\r\n${text}`);
  assert.ok(verdict?.result === "neutral");
  assert.equal(verdict.fieldOffset, 12);
  assert.equal(verdict.diagnostic?.offset, `X-First: 1\r\n${text}`.indexOf("rsa-md5"));
  assert.match(verdict.reason, /^The signature can't be read: algorithm-unknown at octet \d+ \(RFC 6376 3.3\)\.$/);
  assert.equal(verdict.claims, undefined);
});

test("keys: what DNS says and what the domain says (RFC 6376 6.1.2)", async () => {
  const name = "r._domainkey.example.com";
  const good = zoneOf([RSA]).get(name)!;
  const text = good.found === "records" ? good.records[0]! : "";
  const rows: readonly [answer: TestZone extends Map<string, infer A> ? A : never, expected: string][] = [
    [{ found: "no-name", authentic: false }, "permerror key-missing"],
    [{ found: "no-data", authentic: false }, "permerror key-missing"],
    [records(), "permerror key-missing"],
    [{ found: "failure", kind: "temporary", detail: "no answer" }, "temperror key-unavailable"],
    [{ found: "failure", kind: "bogus", detail: "forged" }, "temperror key-forged"],
    [records("v=DKIM1; p="), "permerror key-revoked"],
    [records("v=DKIM1; p"), "permerror key-malformed"],
    [records("v=DKIM1; p=AAAA"), "permerror key-malformed"],
    [records("v=spf1 -all"), "permerror key-malformed"],
    [records(text.replace("k=rsa", "k=ed25519")), "permerror key-type"],
    [records(text.replace("k=rsa", "k=rsa; h=sha1")), "permerror key-hash"],
    [records(text.replace("k=rsa", "k=rsa; h=sha1:sha256")), "pass"],
    [records(text.replace("k=rsa", "k=rsa; s=other")), "permerror key-service"],
    [records(text.replace("k=rsa", "k=rsa; s=other:email")), "pass"],
    [records(text.replace("k=rsa", "k=rsa; t=y:s")), "pass"],
    [records("v=spf1 -all", text), "pass"],
    [records("a", "b", "c", "d", text), "permerror key-malformed"],
  ];
  const whole = await signed(TEXT, {}, [RSA]);
  for (const [answer, expected] of rows) {
    assert.deepEqual(words(await verdicts(whole, new Map([[name, answer]]))), [expected], JSON.stringify(answer));
  }
  const [tried] = await verdicts(whole, new Map([[name, records(text.replace("k=rsa", "k=rsa; t=y"))]]));
  assert.equal(tried?.result === "pass" && tried.testing, "yes");
});

test("a key for the domain itself is not for names under it (t=s, RFC 6376 3.6.1)", async () => {
  const text = await signed(TEXT, {}, [RSA]);
  const zone: TestZone = new Map([["r._domainkey.example.com", records("v=DKIM1; t=s; p=AAAA")]]);
  const under = text.replace("v=1;", "v=1; i=a@sub.example.com;");
  assert.deepEqual(words(await verdicts(under, zone)), ["permerror key-identity"]);
});

test("small keys fail, and very large ones are not looked at (RFC 8301 3.2)", async () => {
  for (const [bits, expected] of [
    [768, "fail key-too-small"],
    [1024, "pass"],
  ] as const) {
    const key = testKey("small", "rsa", bits);
    const text = await signDkim(world(ZONE), signerOf([key]), message(TEXT), DOMAIN);
    assert.deepEqual(words(await verdicts(text + TEXT, zoneOf([key]))), [expected]);
  }
  const large = new Uint8Array(1500).fill(255);
  const crypto = {
    ...world(ZONE).crypto,
    publicKey: () => ({ type: "rsa", bits: 8193, verifies: () => true }) as const,
  };
  const zone: TestZone = new Map([["r._domainkey.example.com", records(`p=${Buffer.from(large).toString("base64")}`)]]);
  const found = await verifyDkim(
    { ...world(zone), crypto },
    message(await signed(TEXT, {}, [RSA])),
    options({ keys: openKeyCache(crypto) }),
  );
  assert.deepEqual(words(found), ["policy key-too-large"]);
});

test("l= is worth something where the whole body is signed, or where the caller says so (RFC 6376 8.2)", async () => {
  const text = await signed(TEXT, {}, [ED]);
  const octets = "Hello Bob,\r\n\r\nhow are you?\r\n".length;
  const rows: readonly [l: number, refused: string, accepted: string][] = [
    [octets, "fail signature-differs", "fail signature-differs"],
    [octets - 5, "policy body-length", "fail body-differs"],
    [octets + 1, "fail body-too-short", "fail body-too-short"],
  ];
  for (const [l, refused, accepted] of rows) {
    const changed = text.replace("v=1;", `v=1; l=${l};`);
    assert.deepEqual(words(await verdicts(changed)), [refused]);
    assert.deepEqual(words(await verdicts(changed, ZONE, { partialBody: "accept" })), [accepted]);
  }
});

test("at most eight signatures are looked at, and the rest are reported", async () => {
  const text = await signed(TEXT, {}, [ED]);
  const field = (at: number): string =>
    `DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=e${at}; h=from; bh=AAAA; b=AAAA\r\n`;
  const forged = Array.from({ length: 4000 }, (_, at) => field(at)).join("");
  const io = world(ZONE);
  const found = await verifyDkim(io, message(forged + text), options());
  assert.equal(found.length, 4001);
  assert.equal(io.asked.length, 8);
  assert.deepEqual(words(found.slice(7, 9)), ["permerror key-missing", "policy signatures-limit"]);
});

test("where fields were left out nothing passes: what follows them is no body", async () => {
  const text = await signed(TEXT, {}, [ED]);
  const long = "X-Long: 1\r\n".repeat(10_000);
  assert.deepEqual(
    words(await verdicts(text + long)),
    ["pass"].map(() => "fail body-differs"),
  );
  assert.deepEqual(words(await verdicts(text.replace("X-A: 1\r\n", long))), ["policy header-limit"]);
});

test("equal names are asked for once", async () => {
  const text = await signed(TEXT, {}, [ED]);
  const io = world(ZONE);
  assert.deepEqual(words(await verifyDkim(io, message(text.slice(0, text.indexOf("From:")) + text), options())), [
    "pass",
    "pass",
  ]);
  assert.deepEqual(io.asked, ["e._domainkey.example.com"]);
});

test("a name in h= stands for the fields from below, and never for the signature itself (RFC 6376 5.4.2)", async () => {
  const text = "From: b@example.com\r\nReceived: 1\r\nReceived: 2\r\n\r\n";
  const fields = ["from", "received", "dkim-signature"];
  const whole = await signed(text, { fields }, [ED]);
  assert.deepEqual(words(await verdicts(whole)), ["pass"]);
  assert.deepEqual(words(await verdicts(whole.replace("Received: 1", "Received: 0"))), ["pass"]);
  assert.deepEqual(words(await verdicts(whole.replace("Received: 2", "Received: 0"))), ["fail signature-differs"]);
  const [added] = await verdicts(`From: eve@example.net\r\n${whole}`);
  assert.deepEqual(added?.result === "pass" && added.addedFields, ["from"], "a second From is told");
});

test("the machine takes body and answers in any order", async () => {
  const whole = message(await signed(TEXT, {}, [ED]));
  const answer = ZONE.get("e._domainkey.example.com")!;
  const { crypto } = world(ZONE);
  for (const order of ["body first", "answer first"]) {
    const body = openBodyHashes(crypto);
    const machine = openVerification(crypto, { header: whole.header, body, now: NOW, keys: openKeyCache(crypto) });
    assert.deepEqual(machine.effects, [{ do: "lookup", id: 0, type: "TXT", name: "e._domainkey.example.com" }]);
    const takeAnswer = (): object => machine.take({ on: "answer", id: 0, answer });
    if (order === "answer first") assert.deepEqual(takeAnswer(), []);
    for (const octet of whole.body) body.feed(Uint8Array.of(octet));
    body.end();
    const then = machine.take({ on: "body" });
    const [report] = order === "answer first" ? then : machine.take({ on: "answer", id: 0, answer });
    assert.ok(report?.do === "report");
    assert.deepEqual(words(report.verdicts), ["pass"]);
    assert.throws(takeAnswer, /answered once/);
    assert.throws(() => machine.take({ on: "answer", id: 9, answer }), /to a question/);
  }
});

test("a header whose last line has no end is verified as it stands", async () => {
  const bytes = latin1Bytes("From: a@example.com");
  const fields = await signDkim(world(ZONE), signerOf([ED]), wholeMessage(bytes), DOMAIN);
  assert.deepEqual(words(await verdicts(`${fields}From: a@example.com`)), ["pass"]);
});

test("a signature is written as it was read, and its field is as long as was said", async () => {
  const text = await signed(TEXT, { lifetimeSeconds: 3600 }, [RSA]);
  const field = parseHeader(latin1Bytes(text)).header[0]!;
  const value = text.slice(field.valueOffset, field.length - 2);
  const read = parseSignature(value);
  assert.ok(read.ok);
  assert.equal(formatSignature(read.value), value);
  assert.equal(read.value.expiresAt, NOW / 1000 + 3600);
});
