import assert from "node:assert/strict";
import { test } from "node:test";
import type { DnsAnswer, HttpsAnswer } from "@scop/platform";
import { GROWTH_MAX, growth } from "@scop/sim";
import {
  discoverSts,
  formatStsPolicy,
  formatStsRecord,
  isStsHost,
  NO_MEMORY,
  parseStsPolicy,
  parseStsRecord,
  type StsMemory,
  type StsOutcome,
  type StsPolicy,
} from "@scop/tls-policy";
import { stsPolicyOf } from "@scop/tls-policy/arbitrary";
import { latin1Bytes } from "@scop/wire";
import fc from "fast-check";

const records: readonly (readonly [texts: readonly string[], id: string | undefined])[] = [
  [["v=STSv1; id=20160831085700Z;"], "20160831085700Z"],
  [["v=STSv1;id=1"], "1"],
  [["v=STSv1 ; id = 1 ; x=y;"], "1"],
  [["v=STSv1; x=; id=1"], "1"],
  [["v=STSv1; id=1; id=2"], "1"],
  [["other", "v=STSv1; id=1;", "v=spf1 -all"], "1"],
  [["v=STSv1; id=1", "v=STSv1; id=2"], undefined],
  [["v=STSv1"], undefined],
  [["v=STSv1;"], undefined],
  [["v=STSv1; id="], undefined],
  [["v=STSv1; id=a-b"], undefined],
  [[`v=STSv1; id=${"a".repeat(32)}`], "a".repeat(32)],
  [[`v=STSv1; id=${"a".repeat(33)}`], undefined],
  [["v=STSv1; junk; id=1"], undefined],
  [["v=STSv1; =x; id=1"], undefined],
  [["v=STSv1;; id=1"], undefined],
  [["v=STSv2; id=1"], undefined],
  [["V=STSv1; id=1"], undefined],
  [[" v=STSv1; id=1"], undefined],
  [[], undefined],
];

for (const [texts, id] of records) {
  test(`the record ${JSON.stringify(texts)} has the id ${id}`, () => {
    const record = parseStsRecord(texts);
    assert.equal(record.is === "record" ? record.id : undefined, id);
  });
}

function policyOf(text: string): StsPolicy {
  const read = parseStsPolicy(latin1Bytes(text));
  assert.ok(read.ok, JSON.stringify(read));
  return read.value;
}

const POLICY =
  "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n";

test("the policy of RFC 8461 A.2 is read, in any order and with LF alone", () => {
  const policy = policyOf(POLICY);
  assert.deepEqual(policy, {
    mode: "enforce",
    maxAgeS: 604_800,
    names: [
      { is: "host", domain: "mail.example.com" },
      { is: "below", domain: "example.net" },
      { is: "host", domain: "backupmx.example.com" },
    ],
  });
  const lines = POLICY.trimEnd().split("\r\n");
  assert.deepEqual(policyOf(`${[lines[5], lines[2], lines[3], lines[4], lines[1], lines[0]].join("\n")}`), policy);
  assert.deepEqual(policyOf(`${POLICY}mode: none\r\nversion: STSv2\r\nmax_age: 1\r\nnew: thing\r\n\r\n`), policy);
});

const hosts: readonly (readonly [host: string, is: boolean])[] = [
  ["mail.example.com", true],
  ["MAIL.Example.COM", true],
  ["a.example.net", true],
  ["example.net", false],
  ["b.a.example.net", false],
  ["example.com", false],
  ["mail.example.com.evil.example", false],
  ["", false],
  ["net", false],
];

for (const [host, is] of hosts) {
  test(`${host} is ${is ? "" : "not "}a host of the policy`, () => assert.equal(isStsHost(policyOf(POLICY), host), is));
}

test("ages are a year at most", () =>
  assert.equal(policyOf(POLICY.replace("604800", "9999999999")).maxAgeS, 31_557_600));

test("a policy of mode none needs no host", () =>
  assert.deepEqual(policyOf("version: STSv1\nmode: none\nmax_age: 1"), { mode: "none", maxAgeS: 1, names: [] }));

test("hosts that are no names are left out, with a note", () => {
  const read = parseStsPolicy(latin1Bytes(POLICY.replace("*.example.net", "*.*.net")));
  assert.ok(read.ok);
  assert.equal(read.value.names.length, 2);
  assert.deepEqual(read.notes, [{ code: "sts-mx", offset: 53, length: 7, rule: "RFC 8461 3.2" }]);
});

const refused: readonly (readonly [text: string, code: string, offset: number])[] = [
  ["", "sts-version", 0],
  [POLICY.replace("STSv1", "STSv2"), "sts-version", 0],
  [POLICY.replace("enforce", "Enforce"), "sts-mode", 16],
  [POLICY.replace("mode:", "node:"), "sts-mode", 115],
  [POLICY.replace("604800", "-1"), "sts-max-age", 98],
  [POLICY.replace("604800", "99999999999"), "sts-max-age", 98],
  [POLICY.replaceAll("mx:", "my:"), "sts-mx", 115],
  [POLICY.replace("mode: enforce", "<html>"), "sts-field", 16],
  [`: x\n${POLICY}`, "sts-field", 0],
  ["x".repeat(65_537), "sts-length", 65_536],
];

for (const [text, code, offset] of refused) {
  test(`${JSON.stringify(text.slice(0, 40))} is refused: ${code}`, () => {
    const read = parseStsPolicy(latin1Bytes(text));
    assert.ok(!read.ok);
    assert.deepEqual([read.error.code, read.error.offset], [code, offset]);
  });
}

test("what is written is read again, and no octets throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40, size: "max" }), octets => {
      const policy = stsPolicyOf(octets);
      const read = parseStsPolicy(formatStsPolicy(policy));
      assert.ok(read.ok);
      assert.deepEqual(read.value, policy);
      parseStsPolicy(octets);
    }),
  );
  assert.deepEqual(parseStsRecord([formatStsRecord("20260101")]), { is: "record", id: "20260101" });
});

for (const [title, piece] of [
  ["hosts", "mx: a.example\n"],
  ["hosts that are none", "mx: ..\n"],
  ["keys that nobody knows", "x:\n"],
  ["empty lines", "\n"],
  ["white space", " "],
] as const) {
  test(`eight times as many ${title} take less than sixteen times as long`, () => {
    const make = (octets: number): Uint8Array =>
      latin1Bytes(
        `version: STSv1\nmode: enforce\nmax_age: 1\nmx: a.example\n${piece.repeat((octets - 60) / piece.length)}`,
      );
    const found = growth<Uint8Array>(bytes => void parseStsPolicy(bytes), make(8_192), make(65_536), GROWTH_MAX);
    assert.ok(found < GROWTH_MAX, `${found.toFixed(1)} times as long`);
  });
}

const NOW = Date.UTC(2026, 0, 1);
const RECORD: DnsAnswer<string> = { found: "records", records: ["v=STSv1; id=2"], authentic: false };
const LOST: DnsAnswer<string> = { found: "failure", kind: "temporary", detail: "lost" };
const ABSENT: DnsAnswer<string> = { found: "no-name", authentic: false };

function document(text: string, status = 200, contentType = "text/plain; charset=utf-8"): HttpsAnswer {
  return { got: "response", status, contentType, body: latin1Bytes(text) };
}

function remembered(id: string, ageS: number): StsMemory {
  return {
    policy: {
      value: policyOf(POLICY.replace("mail.example.com", "old.example.com")),
      id,
      fetchedAt: NOW - 1_000 * ageS,
    },
    failedAt: undefined,
  };
}

/** Discovers with these answers; what was asked, and the outcome. */
function discover(
  memory: StsMemory,
  answer: DnsAnswer<string>,
  fetched: HttpsAnswer = document(POLICY),
): { readonly asked: readonly string[]; readonly outcome: StsOutcome } {
  const machine = discoverSts("example.com", memory, NOW);
  const asked: string[] = [];
  let step = machine.next();
  while (step.done !== true) {
    const question = step.value;
    asked.push(question.do === "lookup" ? question.name : `${question.host}${question.path}`);
    step = machine.next(question.do === "lookup" ? { on: "answer", answer } : { on: "fetched", answer: fetched });
  }
  return { asked, outcome: step.value };
}

const BOTH = ["_mta-sts.example.com", "mta-sts.example.com/.well-known/mta-sts.txt"];

test("a new policy is fetched and remembered", () => {
  const { asked, outcome } = discover(NO_MEMORY, RECORD);
  assert.deepEqual(asked, BOTH);
  assert.equal(outcome.policy?.mode, "enforce");
  assert.deepEqual(outcome.memory, { policy: { value: outcome.policy, id: "2", fetchedAt: NOW }, failedAt: undefined });
});

test("a policy with the same id is not fetched again while it lives, and one with another is", () => {
  const same = discover(remembered("2", 604_799), RECORD);
  assert.equal(same.asked.length, 1);
  assert.ok(isStsHost(same.outcome.policy!, "old.example.com"));
  assert.equal(discover(remembered("2", 604_800), RECORD).asked.length, 2);
  const other = discover(remembered("1", 1), RECORD);
  assert.equal(other.asked.length, 2);
  assert.ok(isStsHost(other.outcome.policy!, "mail.example.com"));
});

test("a policy that lives outlasts the loss of DNS, of the record and of the web server", () => {
  const lost: readonly (readonly [DnsAnswer<string>, HttpsAnswer?])[] = [
    [LOST],
    [ABSENT],
    [{ found: "failure", kind: "bogus", detail: "forged" }],
    [{ found: "records", records: ["v=STSv1; id=1", "v=STSv1; id=2"], authentic: false }],
    [RECORD, { got: "failure", kind: "other", detail: "gone" }],
    [RECORD, document("<html>", 404)],
  ];
  for (const [answer, fetched] of lost) {
    const { outcome } = discover(remembered("1", 604_799), answer, fetched);
    assert.equal(outcome.policy?.mode, "enforce");
    assert.equal(discover(remembered("1", 604_800), answer, fetched).outcome.policy, undefined);
  }
});

test("a clock that went back does not make a policy live for ever", () =>
  assert.equal(discover(remembered("1", -1), LOST).outcome.policy, undefined));

const failures: readonly (readonly [fetched: HttpsAnswer, type: string])[] = [
  [{ got: "failure", kind: "certificate", detail: "x" }, "sts-webpki-invalid"],
  [{ got: "failure", kind: "other", detail: "x" }, "sts-policy-fetch-error"],
  [document(POLICY, 302), "sts-policy-fetch-error"],
  [document(POLICY, 200, "text/html"), "sts-policy-invalid"],
  [document(POLICY, 200, "text/plainer"), "sts-policy-invalid"],
  [document("mode: none"), "sts-policy-invalid"],
];

for (const [fetched, type] of failures) {
  test(`a policy that can't be had is a ${type}, and not asked for again within five minutes`, () => {
    const { outcome } = discover(NO_MEMORY, RECORD, fetched);
    assert.equal(outcome.policy, undefined);
    assert.equal(outcome.failure?.type, type);
    assert.equal(outcome.memory.failedAt, NOW);
    const again = discover({ policy: undefined, failedAt: NOW - 299_999 }, RECORD);
    assert.equal(again.asked.length, 1);
    assert.equal(again.outcome.failure?.type, "sts-policy-fetch-error");
    assert.equal(discover({ policy: undefined, failedAt: NOW - 300_000 }, RECORD).outcome.policy?.mode, "enforce");
  });
}
