import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { openKeyCache } from "@scop/dkim";
import { signDkim, verifyDkim, wholeMessage } from "@scop/dkim/run";
import { type AggregateReport, parseAggregateReport } from "@scop/dmarc/report";
import { fieldText, fileNameOf, firstField, parseMessage, partBytes, partsOf } from "@scop/mime";
import { type Store, StoreUnavailable } from "@scop/store";
import { latin1, latin1Bytes } from "@scop/wire";
import { HOUR, MINUTE } from "./servers.ts";
import { KEY_RECORD, signerOf } from "./signer.ts";
import { code, give, type Machine, type MachineSetup, type World, world } from "./world.ts";

const DAY = 24 * HOUR;
const TODAY = Date.UTC(2026, 0, 1) / DAY;
const FORGED = "198.51.100.1";

interface Pair {
  readonly here: World;
  /** Who sees mail of far.test and reports it. */
  readonly a: Machine;
  /** The server of far.test, where reports go. */
  readonly far: Machine;
}

/** Our server and that of far.test, which publishes `p=reject` and wants reports. */
async function pair(t: TestContext, rua = "mailto:r@far.test", setup: Partial<MachineSetup> = {}): Promise<Pair> {
  const here = world(t);
  here.zone.txt.set("far.test", ["v=spf1 ip4:192.0.2.200 -all"]);
  here.zone.txt.set("_dmarc.far.test", [`v=DMARC1; p=reject; rua=${rua}`]);
  here.zone.txt.set("s._domainkey.a.test", [KEY_RECORD]);
  const far = await here.machine({
    hostname: "mx.far.test",
    address: "192.0.2.9",
    domains: ["far.test"],
    accounts: ["r@far.test", "other@far.test"],
  });
  const a = await here.machine({
    hostname: "mx.a.test",
    address: "192.0.2.1",
    domains: ["a.test"],
    accounts: ["alice@a.test"],
    signer: signerOf(["a.test"]),
    config: { verify: { peers: "all" }, reports: { about: ["dmarc"], organization: "A & Sons" } },
    ...setup,
  });
  return { here, a, far };
}

async function send(machine: Machine, address = "192.0.2.200", from = "ann@far.test"): Promise<string> {
  const session = machine.session();
  const message = `From: ${from}\r\nTo: alice@a.test\r\nSubject: hello\r\n\r\nOne line.\r\n`;
  const facts = { ...session, remote: { ...session.remote, address: address as never } };
  return code(await give(machine.mta.receiver("mx"), facts, { from, to: ["alice@a.test"], message }));
}

/** The report in a message, and the message. */
function reportIn(text: string): {
  readonly report: AggregateReport;
  readonly fileName: string;
  readonly subject: string;
} {
  const message = parseMessage(latin1Bytes(text));
  const part = partsOf(message.root).find(each => fileNameOf(message, each)?.endsWith(".xml.gz"))!;
  const read = parseAggregateReport(gunzipSync(partBytes(message, part)).toString());
  assert.ok(read.ok && read.notes.length === 0, JSON.stringify(read));
  const subject = fieldText(message.bytes, firstField(message.header, "subject")!);
  return { report: read.value, fileName: fileNameOf(message, part)!, subject };
}

test("what was seen of a domain in a day comes to who it says, signed, and by itself", async t => {
  const { here, a, far } = await pair(t);
  assert.equal(await send(a), "250 2.0.0");
  assert.equal(await send(a), "250 2.0.0");
  assert.equal(await send(a, FORGED), "550 5.7.26");
  assert.equal(await send(a, "192.0.2.200", "ann@news.far.test"), "550 5.7.26");
  assert.equal(await send(a, FORGED, "ann@silent.test"), "250 2.0.0");
  a.mta.start();
  far.mta.start();
  await here.advance(DAY - MINUTE);
  assert.deepEqual(await far.inbox("r@far.test"), []);
  await here.advance(2 * HOUR);
  const [text, ...others] = await far.inbox("r@far.test");
  assert.equal(others.length, 0);
  const { report, fileName, subject } = reportIn(text!);
  const id = report.reportId;
  assert.match(id, /^[0-9a-f]{32}$/);
  const [begin, end] = [TODAY * 86_400, TODAY * 86_400 + 86_399];
  assert.equal(fileName, `a.test!far.test!${begin}!${end}!${id}.xml.gz`);
  assert.equal(subject, `Report Domain: far.test Submitter: a.test Report-ID: <${id}>`);
  assert.match(text!, /^Return-Path: <>\r\n/);
  const { records, ...rest } = report;
  assert.deepEqual(rest, {
    organization: "A & Sons",
    email: "postmaster@a.test",
    reportId: id,
    begin,
    end,
    domain: "far.test",
    policy: "reject",
    subdomainPolicy: undefined,
    missingPolicy: undefined,
    dkimAlignment: "relaxed",
    spfAlignment: "relaxed",
    testing: "no",
  });
  const rows = records.map(each =>
    [
      each.source,
      each.count,
      each.disposition,
      each.dkim,
      each.spf,
      each.headerFrom,
      each.envelopeFrom,
      each.spfResult,
    ].join(" "),
  );
  assert.deepEqual(rows.toSorted(), [
    "192.0.2.200 1 reject fail fail news.far.test news.far.test none",
    "192.0.2.200 2 pass fail pass far.test far.test pass",
    `${FORGED} 1 reject fail fail far.test far.test fail`,
  ]);
  const sent = text!.slice(text!.indexOf("DKIM-Signature:"));
  const verdicts = await verifyDkim(a.io, wholeMessage(latin1Bytes(sent)), { keys: openKeyCache(a.io.crypto) });
  assert.deepEqual(
    verdicts.map(verdict => [verdict.result, verdict.result === "pass" && verdict.domain]),
    [["pass", "a.test"]],
  );
  await here.advance(2 * DAY);
  assert.equal((await far.inbox("r@far.test")).length, 1, "once");
});

test("why something else was done than the domain asks for is told", async t => {
  const { here, a, far } = await pair(t, undefined, {
    config: { verify: { peers: "all", onReject: "quarantine" }, reports: { about: ["dmarc"] } },
  });
  here.zone.txt.set("_dmarc.odd.test", ["v=DMARC1; p=reject; t=y; rua=mailto:r@far.test"]);
  here.zone.txt.set("odd.test._report._dmarc.far.test", ["v=DMARC1"]);
  assert.equal(await send(a, FORGED), "250 2.0.0");
  assert.equal(await send(a, FORGED, "ann@odd.test"), "250 2.0.0");
  const outcomes = await a.mta.report({ before: TODAY + 1, mode: "send" });
  assert.deepEqual(
    outcomes.map(each => [each.domain, each.outcome, each.counted]),
    [
      ["far.test", "queued", 1],
      ["odd.test", "queued", 1],
    ],
  );
  a.mta.start();
  far.mta.start();
  await here.advance(MINUTE);
  const reports = (await far.inbox("r@far.test")).map(text => reportIn(text).report);
  const told = reports.map(({ domain, testing, records: [record] }) => [
    domain,
    testing,
    record!.disposition,
    record!.reasons.map(({ type }) => type).join(),
  ]);
  assert.deepEqual(told.toSorted(), [
    ["far.test", "no", "quarantine", "local_policy"],
    ["odd.test", "yes", "quarantine", "policy_test_mode"],
  ]);
});

test("signatures are told, those that say most first", async t => {
  const { here, a } = await pair(t);
  for (const domain of ["far.test", "else.test", "x.far.test"])
    here.zone.txt.set(`s._domainkey.${domain}`, [KEY_RECORD]);
  const message = latin1Bytes("From: ann@far.test\r\nSubject: hello\r\n\r\nOne line.\r\n");
  const sign = (domain: string): Promise<string> => signDkim(a.io, signerOf(), wholeMessage(message), domain);
  const signed = [
    await sign("missing.test"),
    await sign("else.test"),
    await sign("x.far.test"),
    await sign("far.test"),
  ];
  const letter = { from: "", to: ["alice@a.test"], message: `${signed.join("")}${latin1(message)}` };
  assert.equal(code(await give(a.mta.receiver("mx"), a.session(), letter)), "250 2.0.0");
  await a.mta.report({ before: TODAY + 1, mode: "send" });
  const [item] = await a.queue();
  const [record] = reportIn(latin1(await a.store.readBlob(item!.blob))).report.records;
  assert.deepEqual(
    record!.signatures.map(({ domain, selector, result }) => `${domain} ${selector} ${result}`),
    ["far.test s pass", "x.far.test s pass", "else.test s pass", "missing.test s permerror"],
  );
  assert.deepEqual([record!.envelopeFrom, record!.spfDomain, record!.dkim, record!.spf], ["", "", "pass", "fail"]);
});

test("a policy that changes within the day makes two reports", async t => {
  const { here, a } = await pair(t);
  await send(a);
  here.zone.txt.set("_dmarc.far.test", ["v=DMARC1; p=none; adkim=s; rua=mailto:r@far.test"]);
  await send(a);
  await a.mta.report({ before: TODAY + 1, mode: "send" });
  const texts = await Promise.all((await a.queue()).map(async item => a.store.readBlob(item.blob)));
  const policies = texts.map(bytes => reportIn(latin1(bytes)).report);
  assert.deepEqual(
    policies.map(({ policy, dkimAlignment, records }) => [policy, dkimAlignment, records.length]).toSorted(),
    [
      ["none", "strict", 1],
      ["reject", "relaxed", 1],
    ],
  );
});

const destinations: readonly (readonly [
  what: string,
  rua: string,
  consent: string | undefined,
  to: string,
  outcome: string,
])[] = [
  ["another organisation that consents", "mailto:x@else.test", "v=DMARC1", "x@else.test", "queued"],
  ["one that says nothing", "mailto:x@else.test", undefined, "", "nobody"],
  ["one that is too small", "mailto:r@far.test!1k,mailto:other@far.test!10m", undefined, "other@far.test", "queued"],
  ["nobody who takes so much, nor that it is there", "mailto:r@far.test!1", undefined, "", "nobody"],
];
for (const [what, rua, consent, to, outcome] of destinations) {
  test(`a report for ${what} goes to ${to || "nobody"}, and what it tells is forgotten`, async t => {
    const { here, a } = await pair(t, rua);
    if (consent !== undefined) here.zone.txt.set("far.test._report._dmarc.else.test", [consent]);
    await send(a);
    const looked = await a.mta.report({ before: TODAY + 1, mode: "look" });
    assert.equal(looked[0]?.outcome, outcome === "queued" ? "ready" : "nobody");
    assert.deepEqual([(await a.queue()).length, (await a.store.tallyDays("dmarc", TODAY + 1, 9)).length], [0, 1]);
    const [sent] = await a.mta.report({ before: TODAY + 1, mode: "send" });
    assert.equal(sent?.outcome, outcome);
    assert.equal((await a.queue()).map(item => item.recipient).join(), to);
    assert.deepEqual(await a.store.tallyDays("dmarc", TODAY + 1, 9), []);
    assert.deepEqual(await a.mta.report({ before: TODAY + 1, mode: "send" }), []);
  });
}

test("where nobody takes a report of its size, they are told that it was made", async t => {
  const { here, a, far } = await pair(t, "mailto:r@far.test!1k,mailto:other@far.test!1");
  await send(a);
  const [sent] = await a.mta.report({ before: TODAY + 1, mode: "send" });
  assert.deepEqual([sent?.outcome, sent?.to], ["queued", ["r@far.test"]]);
  assert.deepEqual(await a.store.tallyDays("dmarc", TODAY + 1, 9), []);
  a.mta.start();
  far.mta.start();
  await here.advance(MINUTE);
  const [text] = await far.inbox("r@far.test");
  const message = parseMessage(latin1Bytes(text!));
  assert.match(
    fieldText(message.bytes, firstField(message.header, "subject")!),
    /^Report Domain: far\.test Submitter: a\.test Report-ID: <[0-9a-f]{32}>$/,
  );
  assert.match(text!, /aggregate report about mail with far\.test[\s\S]*not attached: its [0-9]+ octets/);
  assert.ok(partsOf(message.root).every(part => fileNameOf(message, part) === undefined));
  assert.deepEqual(await far.inbox("other@far.test"), []);
});

test("what DNS does not answer waits, for a week", async t => {
  const { here, a } = await pair(t);
  await send(a);
  here.zone.failing.add("_dmarc.far.test");
  a.mta.start();
  await here.advance(5 * DAY);
  assert.equal((await a.store.tallyDays("dmarc", TODAY + 9, 9)).length, 1);
  here.zone.failing.delete("_dmarc.far.test");
  await here.advance(HOUR);
  assert.equal(here.counted.get('mta_reports_sent_total{"about":"dmarc","outcome":"queued"}'), 1);
  await send(a);
  here.zone.failing.add("_dmarc.far.test");
  await here.advance(10 * DAY);
  assert.deepEqual(await a.store.tallyDays("dmarc", TODAY + 99, 9), []);
});

test("a domain without keys sends no reports: they would be taken for forged", async t => {
  const { a } = await pair(t, undefined, { signer: signerOf([]) });
  await send(a);
  const [sent] = await a.mta.report({ before: TODAY + 1, mode: "send" });
  assert.equal(sent?.outcome, "unsigned");
  assert.equal((await a.store.tallyDays("dmarc", TODAY + 1, 9)).length, 1);
});

test("nothing is counted unless it is asked for", async t => {
  const { here, a } = await pair(t, undefined, { config: { verify: { peers: "all" } } });
  await send(a);
  await send(a, FORGED);
  await here.advance(MINUTE);
  assert.deepEqual(await a.store.tallyDays("dmarc", TODAY + 1, 9), []);
});

/** A store that refuses the transaction with a report, before or after it happened. */
function breaking(store: Store, at: "before" | "after", times: { left: number }): Store {
  const transaction = store.transaction.bind(store);
  store.transaction = async work => {
    const isReport = work.changes.some(({ change }) => change === "forget-tallies");
    if (!isReport || times.left === 0) return transaction(work);
    times.left -= 1;
    if (at === "after") await transaction(work);
    throw new StoreUnavailable("busy", "cut off");
  };
  return store;
}

for (const at of ["before", "after"] as const) {
  test(`a report that is cut off ${at} it is queued is neither lost nor sent twice`, async t => {
    const times = { left: 1 };
    const { here, a, far } = await pair(t, undefined, { disturb: store => breaking(store, at, times) });
    await send(a);
    a.mta.start();
    far.mta.start();
    await here.advance(2 * DAY);
    assert.equal(times.left, 0);
    assert.equal((await far.inbox("r@far.test")).length, 1);
  });
}

test("counts of refused mail wait for a store that can't", async t => {
  let isBroken = true;
  const { here, a } = await pair(t, undefined, {
    disturb: store => {
      const transaction = store.transaction.bind(store);
      store.transaction = async work => {
        if (isBroken && work.changes.some(({ change }) => change === "tally"))
          throw new StoreUnavailable("full", "no room");
        return transaction(work);
      };
      return store;
    },
  });
  for (let count = 0; count < 3; count += 1) assert.equal(await send(a, FORGED), "550 5.7.26");
  await here.advance(MINUTE);
  assert.deepEqual(await a.store.tallyDays("dmarc", TODAY + 1, 9), []);
  isBroken = false;
  await here.advance(MINUTE);
  const [day] = await a.store.tallyDays("dmarc", TODAY + 1, 9);
  assert.deepEqual(day, { day: TODAY, domain: "far.test", counted: 3 });
  assert.equal((await a.store.tallies("dmarc", TODAY, "far.test")).length, 1);
});

test("what waits is written at the end, and what the store can't take then is lost", async t => {
  let isBroken = false;
  const { here, a } = await pair(t, undefined, {
    disturb: store => {
      const transaction = store.transaction.bind(store);
      store.transaction = async work => {
        if (isBroken) throw new StoreUnavailable("closing", "over");
        return transaction(work);
      };
      return store;
    },
  });
  assert.equal(await send(a, FORGED), "550 5.7.26");
  await here.until(a.mta.stop());
  assert.equal((await a.store.tallyDays("dmarc", TODAY + 1, 9))[0]?.counted, 1);
  isBroken = true;
  await send(a, FORGED);
  await here.until(a.mta.stop());
  await here.advance(MINUTE);
  assert.equal((await a.store.tallyDays("dmarc", TODAY + 1, 9))[0]?.counted, 1);
  assert.ok(here.logged.filter(({ event }) => event === "counts for reports wait").length <= 1);
});
