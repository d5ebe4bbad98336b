import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseZone, zoneDns } from "@scop/dns/zone";
import type { HttpsAnswer } from "@scop/platform";
import { utf8Bytes } from "@scop/wire";
import { checkPolicy, checkRecord } from "../src/published/check.ts";
import type { RecordToPublish } from "../src/published/records.ts";
import { stsPolicyText } from "../src/server/own-policy.ts";
import { scopIn } from "./scop-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "scop-dns-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const scop = scopIn(folder);

type Zone = Record<string, Record<string, unknown> | string>;

/** The zone that has each record, as an operator publishes it. */
function zoneOf(records: readonly RecordToPublish[]): Zone {
  const zone: Zone = { "mail.example.org": { A: ["192.0.2.1"] } };
  for (const { name, type, value } of records) {
    const words = value.split(" ");
    const [priority, weight, port] = words.map(Number);
    const entry =
      type === "MX"
        ? { preference: priority, exchange: words[1] }
        : type === "SRV"
          ? { priority, weight, port, target: words[3] }
          : value;
    const entries = (zone[name] ?? {}) as Record<string, unknown[]>;
    zone[name] = { ...entries, [type]: [...(entries[type] ?? []), entry] };
  }
  return zone;
}

interface Checked {
  readonly records: readonly (RecordToPublish & {
    readonly state: string;
    readonly found: readonly string[];
    readonly detail?: string;
  })[];
}

scop("domain add example.org");
const RECORDS: readonly RecordToPublish[] = JSON.parse(scop("dns example.org --json")[0]!.out).records;
const ASKED = zoneOf(RECORDS);
const [MX, SPF, RSA, ED25519] = RECORDS as readonly [
  RecordToPublish,
  RecordToPublish,
  RecordToPublish,
  RecordToPublish,
  ...RecordToPublish[],
];
const of = (purpose: RecordToPublish["purpose"], name = ""): RecordToPublish =>
  RECORDS.find(record => record.purpose === purpose && record.name.startsWith(name))!;

test("every record that is asked for is found as it is published; the policy is no record, and nobody answers for it here", () => {
  writeFileSync(join(folder, "zone.json"), JSON.stringify(ASKED));
  const [people, machines] = scop(
    "dns example.org --check --dns zone.json",
    "dns example.org --check --dns zone.json --json",
  );
  assert.equal(people!.status, 0, people!.out + people!.err);
  assert.match(people!.out, /^published as asked {2}example\.org\. MX$/m);
  assert.match(people!.out, /^could not be asked {2}https:\/\/mta-sts\.example\.org[^\n]*\n {4}.*open Internet$/m);
  assert.match(people!.out, /example\.org: 12 published as asked, 1 could not be asked\.$/m);
  const { records } = JSON.parse(machines!.out) as Checked;
  assert.deepEqual(
    records.map(record => `${record.name} ${record.state}`),
    [...RECORDS.map(({ name }) => `${name} published`), "https://mta-sts.example.org/.well-known/mta-sts.txt unknown"],
  );
});

test("what is missing or differs is told with both, and the exit status is 1", () => {
  const { "_dmarc.example.org": _gone, ...left } = ASKED;
  const spf = { ...(ASKED["example.org"] as object), TXT: ["v=spf1 ip4:192.0.2.7 -all", "another text"] };
  writeFileSync(join(folder, "wrong.json"), JSON.stringify({ ...left, "example.org": spf }));
  const [people, machines] = scop(
    "dns example.org --check --dns wrong.json",
    "dns example.org --check --dns wrong.json --json",
  );
  assert.equal(people!.status, 1);
  assert.match(
    people!.out,
    /^differs +example\.org\. TXT\n {4}asked for: v=spf1 mx -all\n {4}found: {5}v=spf1 ip4:192\.0\.2\.7 -all\n {4}it lacks mx$/m,
  );
  assert.match(people!.out, /^missing +_dmarc\.example\.org\. TXT\n {4}asked for: v=DMARC1; p=none; rua=/m);
  assert.match(people!.err, /is not published as asked/);
  assert.equal(machines!.status, 1);
  const states = (JSON.parse(machines!.out) as Checked).records.map(({ state }) => state);
  assert.deepEqual(
    ["differs", "missing", "published", "unknown"].map(word => states.filter(state => state === word).length),
    [1, 1, 10, 1],
  );
});

test("what is done may be removed, and is not asked for", () => {
  const index = join(folder, "data/dkim/example.org/keys.json");
  const keys = readFileSync(index, "utf8");
  writeFileSync(index, keys.replace('"active"', '"retired"'));
  const [shown, checked, json] = scop(
    "dns example.org",
    "dns example.org --check --dns zone.json",
    "dns example.org --json",
  );
  writeFileSync(index, keys);
  assert.match(shown!.out, new RegExp(`^; DKIM: .* may be removed\\.\\n; ${RSA.name}\\. TXT$`, "m"));
  assert.match(checked!.out, new RegExp(`^may be removed +${RSA.name}\\. TXT$`, "m"));
  assert.match(checked!.out, / 11 published as asked, /);
  assert.equal(checked!.status, 0);
  const { records, remove } = JSON.parse(json!.out);
  assert.deepEqual([records.length, remove.map(({ name }: RecordToPublish) => name)], [RECORDS.length - 1, [RSA.name]]);
});

test("a file that is no zone is wrong use", () => {
  writeFileSync(join(folder, "no-zone.json"), "[]");
  const [ran] = scop("dns example.org --check --dns no-zone.json");
  assert.equal(ran!.status, 2);
  assert.match(ran!.err, /no-zone\.json: the zone should be an object by name/);
});

const key = (text: string): string => RSA.value.replace("v=DKIM1;", `v=DKIM1; ${text};`);
const srv = (port: number, target: string, priority = 0): object => ({ priority, weight: 1, port, target });
const mail = { "mail.example.org": { A: ["192.0.2.1"] } };
const mx = (...exchanges: readonly (readonly [number, string])[]): object => ({
  "example.org": { MX: exchanges.map(([preference, exchange]) => ({ preference, exchange })) },
});

/** What stands at the name of the record, and what that comes to. */
const rows: readonly (readonly [record: RecordToPublish, stands: unknown, expected: string])[] = [
  [SPF, { TXT: ["V=SPF1 include:_spf.example.net +MX -ALL"] }, "published: it also has include:_spf.example.net"],
  [SPF, { TXT: ["v=spf1 mx ~all"] }, "differs: it lacks -all"],
  [SPF, { TXT: ["v=spf1 -all mx"] }, "differs: nobody reads mx behind all"],
  [SPF, { TXT: ["v=spf1 mx -all", "v=spf1 -all"] }, "differs: there are 2 such records where one belongs"],
  [SPF, { TXT: ["v=spf1 mxx -all"] }, "differs: it is malformed: "],
  [SPF, { TXT: ["another text"] }, "missing"],
  [SPF, { A: ["192.0.2.1"] }, "missing"],
  [SPF, "TIMEOUT", "unknown: the zone says TIMEOUT"],
  [SPF, "BOGUS", "unknown: DNSSEC calls the answer forged: the zone says BOGUS"],
  [RSA, { TXT: [RSA.value.replace("v=DKIM1; ", "")] }, "published"],
  [RSA, { TXT: [ED25519.value] }, "differs: it is another key"],
  [RSA, { TXT: ["v=DKIM1; k=rsa; p="] }, "differs: it says that the key was revoked"],
  [RSA, { TXT: ["v=DKIM1; k=rsa"] }, "differs: it is malformed: "],
  [RSA, { TXT: [key("t=y:s")] }, "differs: t=y: others take it for a trial"],
  [RSA, { TXT: [key("h=sha1")] }, "differs: it is not for SHA-256"],
  [RSA, { TXT: [key("s=other")] }, "differs: it is not for mail"],
  [RSA, { TXT: [key("s=email; h=sha1:sha256; t=s")] }, "published"],
  [of("dmarc"), { TXT: ["v=DMARC1; p=reject; rua=mailto:postmaster@example.org"] }, "published: its policy is reject"],
  [of("dmarc"), { TXT: ["v=DMARC1; p=none"] }, "differs: reports do not go to mailto:postmaster@example.org"],
  [of("dmarc"), { TXT: ["v=DMARC1; q=none"] }, "differs: it has no valid p"],
  [of("mta-sts"), { TXT: ["v=STSv1; id=20260101;"] }, "differs: another id: "],
  [of("mta-sts"), { TXT: ["v=STSv1; id=;"] }, "differs: it is malformed"],
  [of("tls-rpt"), { TXT: ["v=TLSRPTv1;rua=mailto:postmaster@example.org,https://r.example"] }, "published"],
  [of("tls-rpt"), { TXT: ["v=TLSRPTv1;rua=mailto:x@example.org"] }, "differs: reports do not go to postmaster@"],
  [of("service", "_imaps"), { SRV: [srv(2993, "MAIL.example.org", 7)] }, "published"],
  [
    of("service", "_imaps"),
    { SRV: [srv(2993, "mail.example.org"), srv(993, "b.example", 9)] },
    "published: others are",
  ],
  [of("service", "_imaps"), { SRV: [srv(993, "mail.example.org")] }, "differs: it is elsewhere"],
  [of("service", "_imaps"), { SRV: [srv(0, ".")] }, "differs: it is elsewhere"],
  [of("service", "_imaps"), { SRV: [srv(2993, "mail.example.org", 1), srv(993, "b.example")] }, "differs: others come"],
  [of("service", "_imaps"), "TIMEOUT", "unknown"],
  [of("web-host", "autoconfig"), { CNAME: ["Mail.Example.org"] }, "published"],
  [of("web-host", "autoconfig"), { CNAME: ["www.example.org"] }, "differs: it leads elsewhere"],
  [of("web-host", "autoconfig"), { A: ["192.0.2.9"] }, "published: it has addresses of its own"],
  [of("web-host", "autoconfig"), { TXT: ["x"] }, "missing"],
];

const exchangers: readonly (readonly [zone: object, expected: string])[] = [
  [{ ...mail, ...mx([20, "mail.example.org"]) }, "published"],
  [{ ...mail, ...mx([20, "b.example"], [10, "mail.example.org"]) }, "published: others take its mail too"],
  [{ ...mail, ...mx([20, "mail.example.org"], [10, "b.example"]) }, "differs: others come before mail.example.org"],
  [{ ...mail, ...mx([10, "b.example"]) }, "differs: mail.example.org is not among them"],
  [{ ...mail, ...mx([0, "."]) }, "differs: mail.example.org is not among them"],
  [mx([10, "mail.example.org"]), "differs: mail.example.org has no A or AAAA record"],
  [{ "mail.example.org": "TIMEOUT", ...mx([10, "mail.example.org"]) }, "unknown: mail.example.org: "],
  [{ "example.org": "TIMEOUT" }, "unknown"],
  [{}, "missing"],
];

async function finding(record: RecordToPublish, zone: unknown): Promise<string> {
  const read = parseZone(zone);
  assert.ok(read.ok, JSON.stringify(read));
  const { state, detail } = await checkRecord(zoneDns(read.zone), record);
  return detail === undefined ? state : `${state}: ${detail}`;
}

for (const [record, stands, expected] of rows) {
  test(`${record.name.replace(/^\d+/, "DAY")} ${JSON.stringify(stands).slice(0, 90)} is ${expected}`, async () => {
    const found = await finding(record, { [record.name]: stands });
    assert.equal(found.slice(0, Math.max(expected.length, found.indexOf(":"))), expected);
  });
}

for (const [zone, expected] of exchangers) {
  test(`MX in ${JSON.stringify(zone)} is ${expected}`, async () => {
    const found = await finding(MX, zone);
    assert.equal(found.slice(0, Math.max(expected.length, found.indexOf(":"))), expected);
  });
}

const POLICY = stsPolicyText({ hostname: "mail.example.org", certificate: "self-signed" });
const served = (body: string, status = 200, contentType = "text/plain"): HttpsAnswer => ({
  got: "response",
  status,
  contentType,
  body: utf8Bytes(body),
});

const policies: readonly (readonly [answer: HttpsAnswer, expected: string])[] = [
  [served(POLICY), "published"],
  [served(POLICY.replaceAll("\r\n", "\n")), "published"],
  [served(POLICY.replace("testing", "enforce")), "differs: it is another policy"],
  [served("hello"), "differs: sts-field"],
  [served(POLICY, 200, "text/html"), "differs: not text/plain"],
  [served("", 404), "missing"],
  [served("", 301), "differs: HTTP 301"],
  [{ got: "failure", kind: "certificate", detail: "of another name" }, "differs: nobody believes the certificate"],
  [{ got: "failure", kind: "other", detail: "refused" }, "unknown: refused"],
];

for (const [answer, expected] of policies) {
  test(`a policy by ${JSON.stringify(answer).slice(0, 60)} is ${expected}`, async () => {
    const read = parseZone({ "mta-sts.example.org": { A: ["192.0.2.1"] } });
    assert.ok(read.ok);
    const io = { dns: zoneDns(read.zone), https: { get: async () => answer } };
    const { state, detail } = await checkPolicy(io, "example.org", POLICY);
    assert.ok(`${state}: ${detail}`.startsWith(expected), `${state}: ${detail}`);
    assert.equal((await checkPolicy(io, "example.net", POLICY)).state, "missing");
  });
}
