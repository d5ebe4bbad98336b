import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { deflateRawSync, gzipSync } from "node:zlib";
import { scopIn } from "./scop-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "scop-reports-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const scop = scopIn(folder);

const XML = `<feedback><report_metadata><org_name>Example</org_name><date_range><begin>1795392000</begin><end>1795478399</end></date_range></report_metadata>
<policy_published><domain>a.test</domain><p>reject</p></policy_published>
<record><row><source_ip>192.0.2.1</source_ip><count>2</count><policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>
<identifiers><header_from>a.test</header_from></identifiers></record>
<record><row><source_ip>192.0.2.9</source_ip><count>70</count><policy_evaluated><disposition>reject</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
<identifiers><header_from>a.test</header_from></identifiers></record></feedback>`;

/** A zip archive of one file, as its directory describes it. */
function zip(content: Buffer, method: 0 | 8): Buffer {
  const packed = method === 0 ? content : deflateRawSync(content);
  const name = Buffer.from("report.xml");
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32LE(packed.length, 0);
  sizes.writeUInt32LE(content.length, 4);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(method, 8);
  sizes.copy(local, 18);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(method, 10);
  sizes.copy(entry, 20);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return Buffer.concat([local, name, packed, entry, name, end]);
}

function attached(type: string, content: Buffer): string {
  const head = ["From: a@b.test", "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="x"', "", "--x"];
  const part = [
    `Content-Type: ${type}`,
    "Content-Transfer-Encoding: base64",
    "",
    content.toString("base64"),
    "--x--",
    "",
  ];
  return [...head, ...part].join("\r\n");
}

const xml = Buffer.from(XML);
const files: Readonly<Record<string, Buffer | string>> = {
  "r.xml": XML,
  "r.xml.gz": gzipSync(xml),
  "r.zip": zip(xml, 8),
  "stored.zip": zip(xml, 0),
  "gz.eml": attached("application/gzip", gzipSync(xml)),
  "zip.eml": attached("application/zip", zip(xml, 8)),
};
for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);

test("reports are shown from whatever they come in, the sources with most mail first", () => {
  const names = Object.keys(files);
  for (const [index, { status, out, err }] of scop(...names.map(name => `reports ${name}`)).entries()) {
    assert.equal(status, 0, `${names[index]}: ${err}`);
    assert.match(out, /a\.test {2}p=reject, seen by Example, 2026-11-23 00:00:00Z to 2026-11-23 23:59:59Z/);
    assert.match(out, /70 +192\.0\.2\.9 +fail +fail +fail +reject +a\.test\n2 +192\.0\.2\.1 +pass +pass +fail +none/);
  }
  const [json] = scop("reports r.xml gz.eml --json");
  const reports = JSON.parse(json!.out);
  assert.deepEqual(
    reports.map((each: { readonly kind: string }) => each.kind),
    ["dmarc", "dmarc"],
  );
  assert.equal(reports[1].report.records.length, 2);
});

test("reports about TLS are shown too", () => {
  const report = {
    "organization-name": "Example",
    "date-range": { "start-datetime": "2026-11-23T00:00:00Z", "end-datetime": "2026-11-23T23:59:59Z" },
    "contact-info": "a@b.test",
    "report-id": "1",
    policies: [
      {
        policy: { "policy-type": "sts", "policy-string": [], "policy-domain": "a.test", "mx-host": ["mx.a.test"] },
        summary: { "total-successful-session-count": 7, "total-failure-session-count": 3 },
        "failure-details": [{ "result-type": "certificate-expired", "failed-session-count": 3 }],
      },
    ],
  };
  writeFileSync(join(folder, "tls.json"), JSON.stringify(report));
  const packed = gzipSync(JSON.stringify(report));
  writeFileSync(join(folder, "tls.eml"), attached("application/tlsrpt+gzip", packed));
  for (const ran of scop("reports tls.json", "reports tls.eml")) {
    assert.equal(ran.status, 0, ran.err);
    assert.match(ran.out, /a\.test +sts +7 +3 +certificate-expired \(3\)/);
  }
});

test("what is no report is named, and a bomb does not go off", () => {
  const bomb = Buffer.alloc(80 * 1024 * 1024, 60);
  const cut = zip(xml, 8).subarray(0, 200);
  for (const [name, content] of Object.entries({
    "bomb.gz": gzipSync(bomb),
    "bomb.zip": zip(bomb, 8),
    "cut.zip": cut,
    "cut.gz": gzipSync(xml).subarray(0, 60),
    "text.eml": "From: a@b.test\r\n\r\nhello\r\n",
    "html.xml": "<html></html>",
    "bad.json": "{}",
  }))
    writeFileSync(join(folder, name), content);
  const rows: readonly (readonly [file: string, status: number, says: RegExp])[] = [
    ["bomb.gz", 1, /bomb\.gz can't be unpacked/],
    ["bomb.zip", 1, /bomb\.zip can't be unpacked/],
    ["cut.zip", 1, /cut\.zip can't be unpacked: the archive has no directory/],
    ["cut.gz", 1, /cut\.gz can't be unpacked/],
    ["text.eml", 1, /text\.eml has no report/],
    ["html.xml", 1, /html\.xml is no report: report-malformed at 0/],
    ["bad.json", 1, /bad\.json is no report/],
    ["missing.xml", 2, /missing\.xml can't be read/],
  ];
  const runs = scop(...rows.map(([file]) => `reports ${file}`));
  for (const [index, [file, status, says]] of rows.entries()) {
    assert.equal(runs[index]!.status, status, file);
    assert.match(runs[index]!.err, says);
  }
});
