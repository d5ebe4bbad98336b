import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { openKeyCache } from "@scop/dkim";
import { verifyDkim, wholeMessage } from "@scop/dkim/run";
import { contentTypeOf, fileNameOf, parseMessage, partBytes, partsOf } from "@scop/mime";
import { parseTlsReport, type TlsReport } from "@scop/tls-policy";
import { latin1Bytes } from "@scop/wire";
import { AUTHORITY, CERTIFICATE, GOOD, publishDane, publishSts, show, tlsa, WRONG } from "./policies.ts";
import { A, B, field, HOUR, MINUTE, SECOND, started, submit } from "./servers.ts";
import { KEY_RECORD, signerOf } from "./signer.ts";
import { type Machine, type MachineSetup, type World, world } from "./world.ts";

const DAY = 24 * HOUR;
const TODAY = Date.UTC(2026, 0, 1) / DAY;
const REPORTER = {
  ...A,
  signer: signerOf(["a.test"]),
  config: { reports: { about: ["tls"], organization: "A & Sons" }, hold: [{ destination: "c.test" }] },
} satisfies MachineSetup;

/** The report in a message. */
function reportIn(text: string): TlsReport {
  const message = parseMessage(latin1Bytes(text));
  const part = partsOf(message.root).find(each => contentTypeOf(message, each).value === "application/tlsrpt+gzip")!;
  const read = parseTlsReport(gunzipSync(partBytes(message, part)));
  assert.ok(read.ok && read.notes.length === 0, JSON.stringify(read));
  return read.value;
}

/** Policies of a report: type, domain, sessions that went well, and the others by how they failed. */
function told(report: TlsReport): readonly string[] {
  return report.policies.map(({ policy, domain, successful, failures }) =>
    [policy, domain, successful, ...failures.map(failure => `${failure.result}:${failure.sessions}`)].join(" "),
  );
}

const rows: readonly (readonly [
  title: string,
  tls: "offered" | "none",
  set: (here: World) => unknown,
  told: readonly string[],
])[] = [
  ["no policy", "offered", () => undefined, ["no-policy-found b.test 1"]],
  ["no policy, a certificate that nobody believes", "offered", here => show(here), ["no-policy-found b.test 1"]],
  ["STARTTLS taken out", "none", () => undefined, ["no-policy-found b.test 0 starttls-not-supported:1"]],
  ["MTA-STS", "offered", here => [publishSts(here, "enforce"), show(here, "mx.b.test")], ["sts b.test 1"]],
  [
    "MTA-STS, and STARTTLS taken out",
    "none",
    here => publishSts(here, "enforce"),
    ["sts b.test 0 starttls-not-supported:1"],
  ],
  [
    "MTA-STS, and a certificate that nobody believes",
    "offered",
    here => [publishSts(here, "enforce"), show(here)],
    ["sts b.test 0 certificate-not-trusted:1"],
  ],
  [
    "MTA-STS, and a certificate for another host",
    "offered",
    here => [publishSts(here, "enforce"), show(here, "mx.c.test")],
    ["sts b.test 0 certificate-host-mismatch:1"],
  ],
  [
    "MTA-STS that names other hosts",
    "offered",
    here => publishSts(here, "enforce", "mx.c.test"),
    ["sts b.test 0 validation-failure:1"],
  ],
  [
    "MTA-STS on trial, and a certificate for another host",
    "offered",
    here => [publishSts(here, "testing"), show(here, "mx.c.test")],
    ["sts b.test 0 certificate-host-mismatch:1"],
  ],
  [
    "MTA-STS on trial, and all is well",
    "offered",
    here => [publishSts(here, "testing"), show(here, "mx.b.test")],
    ["sts b.test 1"],
  ],
  [
    "MTA-STS on trial that names other hosts",
    "offered",
    here => [publishSts(here, "testing", "mx.c.test"), show(here, "mx.b.test")],
    ["sts b.test 0 validation-failure:1"],
  ],
  [
    "MTA-STS that can't be fetched",
    "offered",
    here => [publishSts(here, "enforce"), here.web.clear()],
    ["no-policy-found b.test 1", "sts b.test 0 sts-policy-fetch-error:1"],
  ],
  ["DANE", "offered", here => [publishDane(here, WRONG, GOOD), show(here)], ["tlsa mx.b.test 1"]],
  [
    "DANE-EE of another certificate",
    "offered",
    here => [publishDane(here, WRONG), show(here)],
    ["tlsa mx.b.test 0 validation-failure:1"],
  ],
  [
    "DANE-TA for another name",
    "offered",
    here => [publishDane(here, tlsa(2, AUTHORITY)), show(here, "mx.c.test")],
    ["tlsa mx.b.test 0 validation-failure:1"],
  ],
  [
    "DANE that can't be used",
    "offered",
    here => [publishDane(here, tlsa(0, CERTIFICATE)), show(here)],
    ["tlsa mx.b.test 1"],
  ],
  [
    "TLSA records that are forged",
    "offered",
    here => [publishDane(here, GOOD), here.zone.bogus.add("_25._tcp.mx.b.test")],
    ["tlsa mx.b.test 0 dnssec-invalid:1"],
  ],
  ["a host that does not answer", "offered", here => here.network.dead(B.address, true), []],
];

for (const [title, tls, set, expected] of rows) {
  test(`${title}: ${expected.join(" and ") || "nothing"} is told`, async t => {
    const here = world(t);
    const a = await started(here, REPORTER);
    await started(here, { ...B, tls });
    here.zone.txt.set("_smtp._tls.b.test", ["v=TLSRPTv1; rua=mailto:reports@c.test"]);
    set(here);
    await submit(a, ["bob@b.test"]);
    await here.advance(40 * SECOND);
    const outcomes = await here.until(a.mta.report({ before: TODAY + 1, mode: "send" }));
    const sent = (await a.queue()).filter(item => item.destination === "c.test");
    assert.equal(sent.length, expected.length > 0 ? 1 : 0, JSON.stringify(outcomes));
    if (sent[0] === undefined) return;
    const text = Buffer.from(await a.store.readBlob(sent[0].blob)).toString("latin1");
    assert.deepEqual(told(reportIn(text)).toSorted(), expected);
  });
}

test("what became of a day's sessions comes to who it says, signed, in the form of RFC 8460", async t => {
  const here = world(t);
  const a = await started(here, REPORTER);
  const b = await started(here, B);
  here.zone.txt.set("s._domainkey.a.test", [KEY_RECORD]);
  here.zone.txt.set("_smtp._tls.b.test", ["v=TLSRPTv1; rua=https://b.test/r,mailto:ben@b.test"]);
  publishSts(here, "testing");
  show(here, "mx.c.test");
  await submit(a, ["bob@b.test"]);
  await here.advance(MINUTE);
  show(here, "mx.b.test");
  await submit(a, ["bob@b.test"]);
  await here.advance(DAY + 2 * HOUR);
  const [text, ...others] = await b.inbox("ben@b.test");
  assert.equal(others.length, 0);
  const report = reportIn(text!);
  const [begin, end] = [TODAY * DAY, TODAY * DAY + DAY - 1000];
  assert.deepEqual(
    [report.organization, report.contact, report.from, report.to],
    ["A & Sons", "postmaster@a.test", begin, end],
  );
  const [policy] = report.policies;
  assert.deepEqual(policy, {
    policy: "sts",
    text: ["version: STSv1", "mode: testing", "mx: mx.b.test", "max_age: 86400"],
    domain: "b.test",
    hosts: ["mx.b.test"],
    successful: 1,
    failed: 1,
    failures: [
      {
        result: "certificate-host-mismatch",
        sessions: 1,
        sendingIp: A.address,
        receivingHost: "mx.b.test",
        receivingIp: B.address,
        information: undefined,
        reason: undefined,
      },
    ],
  });
  assert.equal(field(text, "TLS-Report-Domain"), "b.test");
  assert.equal(field(text, "TLS-Report-Submitter"), "a.test");
  assert.match(text!, /^Return-Path: <>\r\n/);
  assert.match(text!, /^Content-Type: multipart\/report; report-type=tlsrpt;/m);
  const subject = text!.replace(/\r\n(?=[ \t])/g, "");
  assert.match(
    subject,
    new RegExp(`^Subject: Report Domain: b\\.test Submitter: a\\.test Report-ID: <${report.id}@a\\.test>`, "m"),
  );
  const message = parseMessage(latin1Bytes(text!));
  const name = partsOf(message.root)
    .map(part => fileNameOf(message, part))
    .find(each => each !== undefined);
  assert.equal(name, `a.test!b.test!${begin / 1000}!${end / 1000}!${report.id}.json.gz`);
  const sent = text!.slice(text!.indexOf("DKIM-Signature:"));
  const [verdict] = await verifyDkim(a.io, wholeMessage(latin1Bytes(sent)), { keys: openKeyCache(a.io.crypto) });
  assert.equal(verdict!.result, "pass");
});

test("who wants no reports about TLS gets none", async t => {
  const { here, a } = await counted(t, "ftp://b.test/r");
  const [outcome] = await here.until(a.mta.report({ before: TODAY + 1, mode: "send" }));
  assert.equal(outcome?.outcome, "nobody");
  assert.deepEqual(await a.store.tallyDays("tls", TODAY + 9, 9), []);
});

/** A server that has a session with b.test to report. */
async function counted(t: TestContext, rua: string): Promise<{ readonly here: World; readonly a: Machine }> {
  const here = world(t);
  const a = await started(here, REPORTER);
  await started(here, B);
  here.zone.txt.set("_smtp._tls.b.test", [`v=TLSRPTv1; rua=${rua}`]);
  await submit(a, ["bob@b.test"]);
  await here.advance(MINUTE);
  return { here, a };
}

function answers(here: World, url: string, status: number): void {
  here.web.set(url, { got: "response", status, contentType: "", body: new Uint8Array() });
}

const URLS = "https://dead.test/r,https://full.test/r,https://b.test/r?x,https://c.test/r";

test("a report is given to the first web server that takes it, and then no more", async t => {
  const { here, a } = await counted(t, URLS);
  answers(here, "full.test/r", 503);
  answers(here, "b.test/r?x", 201);
  answers(here, "c.test/r", 200);
  const [looked] = await here.until(a.mta.report({ before: TODAY + 1, mode: "look" }));
  assert.deepEqual([looked?.outcome, looked?.to.join()], ["ready", URLS]);
  assert.equal(here.posted.length, 0);
  const [sent] = await here.until(a.mta.report({ before: TODAY + 1, mode: "send" }));
  assert.deepEqual([sent?.outcome, sent?.to], ["posted", ["https://b.test/r?x"]]);
  assert.deepEqual(
    here.posted.map(({ host, path, contentType }) => `${host} ${path} ${contentType}`),
    ["dead.test /r", "full.test /r", "b.test /r?x"].map(place => `${place} application/tlsrpt+gzip`),
  );
  const read = parseTlsReport(gunzipSync(here.posted[2]!.body));
  assert.ok(read.ok);
  assert.deepEqual(told(read.value), ["no-policy-found b.test 1"]);
  assert.deepEqual(
    (await a.queue()).filter(item => item.destination !== "b.test"),
    [],
  );
  assert.deepEqual(await here.until(a.mta.report({ before: TODAY + 1, mode: "send" })), []);
});

test("a report that no web server takes is offered again for a day, and then forgotten", async t => {
  const { here, a } = await counted(t, "https://full.test/r");
  answers(here, "full.test/r", 302);
  const [sent] = await here.until(a.mta.report({ before: TODAY + 1, mode: "send" }));
  assert.deepEqual([sent?.outcome, sent?.to], ["unposted", []]);
  await here.advance(2 * DAY - 2 * MINUTE);
  assert.equal((await a.store.tallyDays("tls", TODAY + 9, 9)).length, 1);
  assert.ok(here.posted.length > 24, `${here.posted.length}`);
  await here.advance(2 * HOUR);
  assert.deepEqual(await a.store.tallyDays("tls", TODAY + 9, 9), []);
});

test("who takes reports by HTTPS and by mail gets them by mail", async t => {
  const { here, a } = await counted(t, "https://b.test/r,mailto:ben@c.test");
  answers(here, "b.test/r", 200);
  const [sent] = await here.until(a.mta.report({ before: TODAY + 1, mode: "send" }));
  assert.deepEqual([sent?.outcome, sent?.to, here.posted], ["queued", ["ben@c.test"], []]);
});

test("nothing is counted of hosts that the operator chose, nor where it is not asked for", async t => {
  const here = world(t);
  const transports = new Map([["b.test", { host: B.address, port: 25 }]]);
  const chosen = await started(here, { ...REPORTER, config: { ...REPORTER.config, transports } });
  await started(here, B);
  await submit(chosen, ["bob@b.test"]);
  await here.advance(MINUTE);
  assert.deepEqual(await chosen.store.tallyDays("tls", TODAY + 9, 9), []);
});
