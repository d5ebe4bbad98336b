import assert from "node:assert/strict";
import { test } from "node:test";
import type { StsMemory } from "@scop/tls-policy";
import { AUTHORITY, CERTIFICATE, GOOD, publishDane, publishSts, show, tlsa, WRONG } from "./policies.ts";
import { A, B, field, HOUR, MINUTE, SECOND, started, submit } from "./servers.ts";
import { type World, world } from "./world.ts";

/** How a message to bob arrives: under TLS, in the clear, or not, with what the queue says then. */
type Outcome = "secured" | "clear" | RegExp;

const rows: readonly (readonly [
  title: string,
  tls: "offered" | "none",
  set: (here: World) => unknown,
  outcome: Outcome,
])[] = [
  ["no policy, and STARTTLS taken out", "none", () => undefined, "clear"],
  ["no policy, and a certificate that nobody believes", "offered", here => show(here), "secured"],
  ["MTA-STS", "offered", here => [publishSts(here, "enforce"), show(here, "mx.b.test")], "secured"],
  [
    "MTA-STS, and STARTTLS taken out",
    "none",
    here => publishSts(here, "enforce"),
    /lacks STARTTLS.*its MTA-STS policy/,
  ],
  [
    "MTA-STS, and a certificate that nobody believes",
    "offered",
    here => [publishSts(here, "enforce"), show(here)],
    /TLS failed.*MTA-STS/,
  ],
  [
    "MTA-STS, and a certificate for another host",
    "offered",
    here => [publishSts(here, "enforce"), show(here, "mx.c.test")],
    /TLS failed.*MTA-STS/,
  ],
  [
    "MTA-STS that names other hosts",
    "offered",
    here => publishSts(here, "enforce", "mx.c.test"),
    /mx\.b\.test is not among/,
  ],
  ["MTA-STS on trial, and STARTTLS taken out", "none", here => publishSts(here, "testing"), "clear"],
  [
    "MTA-STS that can't be fetched for the first time",
    "none",
    here => [publishSts(here, "enforce"), here.web.clear()],
    "clear",
  ],
  [
    "DANE-EE, whatever the certificate says",
    "offered",
    here => [publishDane(here, WRONG, GOOD), show(here)],
    "secured",
  ],
  [
    "DANE-EE of another certificate",
    "offered",
    here => [publishDane(here, WRONG), show(here, "mx.b.test")],
    /TLS failed.*DANE/,
  ],
  ["DANE, and STARTTLS taken out", "none", here => publishDane(here, GOOD), /lacks STARTTLS.*DANE/],
  ["DANE-TA", "offered", here => [publishDane(here, tlsa(2, AUTHORITY)), show(here, "mx.b.test")], "secured"],
  [
    "DANE-TA for the recipient's domain",
    "offered",
    here => [publishDane(here, tlsa(2, AUTHORITY)), show(here, "b.test")],
    "secured",
  ],
  [
    "DANE-TA for another name",
    "offered",
    here => [publishDane(here, tlsa(2, AUTHORITY)), show(here, "mx.c.test")],
    /TLS failed.*DANE/,
  ],
  ["DANE that can't be used", "offered", here => [publishDane(here, tlsa(0, CERTIFICATE)), show(here)], "secured"],
  [
    "DANE that can't be used, and STARTTLS taken out",
    "none",
    here => publishDane(here, tlsa(0, CERTIFICATE)),
    /lacks STARTTLS.*DANE/,
  ],
  [
    "DANE of a zone that nobody vouches for",
    "none",
    here => [publishDane(here, WRONG), here.zone.authentic.clear()],
    "clear",
  ],
  [
    "TLSA records that are forged",
    "offered",
    here => [publishDane(here, GOOD), here.zone.bogus.add("_25._tcp.mx.b.test")],
    /DNSSEC says forged/,
  ],
  [
    "TLSA records that can't be had",
    "offered",
    here => [publishDane(here, GOOD), here.zone.failing.add("_25._tcp.mx.b.test")],
    /DNS failed/,
  ],
  ["addresses that are forged", "offered", here => void here.zone.bogus.add("mx.b.test"), /DNS failed/],
  ["exchangers that are forged", "offered", here => void here.zone.bogus.add("b.test"), /DNS failed/],
  [
    "DANE that fails, and MTA-STS that would not",
    "offered",
    here => [publishSts(here, "enforce"), publishDane(here, WRONG), show(here, "mx.b.test")],
    /TLS failed.*DANE/,
  ],
];

for (const [title, tls, set, outcome] of rows) {
  test(`${title}: ${outcome instanceof RegExp ? "the message waits, with the reason" : outcome}`, async t => {
    const here = world(t);
    const a = await started(here, A);
    const b = await started(here, { ...B, tls });
    set(here);
    await submit(a, ["bob@b.test"]);
    await here.advance(10 * MINUTE);
    const received = (await b.inbox("bob@b.test")).map(message =>
      / with ESMTPS /.test(message) ? "secured" : "clear",
    );
    const waiting = await a.queue();
    if (outcome instanceof RegExp) {
      assert.deepEqual(received, []);
      assert.match(waiting[0]!.lastReply, outcome);
    } else {
      assert.deepEqual(received, [outcome]);
      assert.deepEqual(waiting, []);
    }
  });
}

test("a policy outlasts the loss of DNS and of its document, but not its age", async t => {
  const here = world(t);
  const kept = new Map<string, StsMemory>();
  const a = await started(here, { ...A, config: { stsMemories: kept } });
  const b = await started(here, B);
  publishSts(here, "enforce");
  show(here, "mx.b.test");
  await submit(a, ["bob@b.test"]);
  await here.advance(MINUTE);
  assert.equal((await b.inbox("bob@b.test")).length, 1);
  assert.equal(kept.get("b.test")?.policy?.value.mode, "enforce");
  here.zone.failing.add("_mta-sts.b.test");
  here.web.clear();
  show(here, "mx.evil.test");
  await submit(a, ["bob@b.test"]);
  await here.advance(23 * HOUR);
  assert.equal((await b.inbox("bob@b.test")).length, 1);
  // The sender is told that it takes long, and why.
  const [report] = await a.inbox("alice@a.test");
  assert.equal(field(report, "Action"), "delayed");
  assert.match(report!.replace(/\r\n\s+/g, " "), /in the clear, since its MTA-STS policy asks for TLS/);
  await here.advance(5 * HOUR);
  assert.equal((await b.inbox("bob@b.test")).length, 2);
});

test("a second exchanger takes the mail where the first one's policy can't be kept", async t => {
  const here = world(t);
  const a = await started(here, A);
  const b = await started(here, B);
  here.zone.mx.set("b.test", [
    { preference: 5, exchange: "mx.evil.test" },
    { preference: 10, exchange: "mx.b.test" },
  ]);
  here.zone.addresses.set("mx.evil.test", ["192.0.2.66"]);
  publishSts(here, "enforce");
  show(here, "mx.b.test");
  await submit(a, ["bob@b.test"]);
  await here.advance(10 * SECOND);
  assert.equal((await b.inbox("bob@b.test")).length, 1);
  assert.equal(here.counted.get('mta_tls_policies_total{"policy":"mta-sts","result":"failed"}'), 1);
  assert.equal(here.counted.get('mta_tls_policies_total{"policy":"mta-sts","result":"met"}'), 1);
});
