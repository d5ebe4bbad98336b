import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { selfSigned } from "@scop/node-host/self-signed";
import { scopIn } from "../scop-lines.ts";
import { type DnsLab, labMissing, startDnsLab } from "./dns-lab.ts";

const skip = labMissing();

const folder = mkdtempSync(join(tmpdir(), "scop-dns-check-"));
const scop = scopIn(folder);
let lab: DnsLab | undefined;
after(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the command shows to publish for a domain is what the name server is given, comments and all. */
function zoneOf(domain: string): readonly string[] {
  const [, shown] = scop(`domain add ${domain}`, `dns ${domain}`);
  assert.equal(shown!.status, 0, shown!.err);
  return [...shown!.out.split("\n"), "mail IN A 192.0.2.1"];
}

if (!skip) {
  const wrong = zoneOf("wrong.test")
    .filter(line => !line.startsWith("_dmarc."))
    .map(line => line.replace("v=spf1 mx -all", "v=spf1 +all").replace(/(_domainkey\.\S+ TXT .*p=)[^"]*(".*)/, "$1$2"));
  lab = await startDnsLab(
    [
      { origin: "own.test", records: zoneOf("own.test"), is: "signed" },
      { origin: "wrong.test", records: wrong, is: "unsigned" },
      { origin: "expired.test", records: zoneOf("expired.test"), is: "expired" },
    ],
    await selfSigned({ names: ["dns.lab.test"], now: Date.now() }),
  );
  writeFileSync(join(folder, "scop.config.ts"), `export default { resolvers: [${JSON.stringify(lab.resolver)}] };\n`);
}

/** Each thing that was asked for, with what was found of it. */
function checked(domain: string): { readonly status: number | null; readonly states: ReadonlyMap<string, string> } {
  const [ran] = scop(`dns ${domain} --check --json`);
  const { records } = JSON.parse(ran!.out) as {
    readonly records: readonly { readonly name: string; readonly type: string; readonly state: string }[];
  };
  return { status: ran!.status, states: new Map(records.map(({ name, type, state }) => [`${name} ${type}`, state])) };
}

/** All but the policy, which is asked of a web server on the open Internet. */
function recordsOf(states: ReadonlyMap<string, string>): readonly (readonly [record: string, state: string])[] {
  return [...states].filter(([record]) => !record.startsWith("https:"));
}

test("a zone of nsd made of what the command shows has everything that it asks for", { skip }, () => {
  const { status, states } = checked("own.test");
  assert.equal(status, 0);
  const records = recordsOf(states);
  assert.equal(records.length, 12);
  assert.deepEqual(
    records.filter(([, state]) => state !== "published"),
    [],
  );
});

test("what differs in the zone and what is missing is found", { skip }, () => {
  const { status, states } = checked("wrong.test");
  assert.equal(status, 1);
  const odd = recordsOf(states).filter(([, state]) => state !== "published");
  assert.deepEqual(odd.map(([record, state]) => `${record.replace(/^.*(?=\._domainkey)/, "*")} ${state}`).sort(), [
    "*._domainkey.wrong.test TXT differs",
    "*._domainkey.wrong.test TXT differs",
    "_dmarc.wrong.test TXT missing",
    "wrong.test TXT differs",
  ]);
});

test("what DNSSEC calls forged could not be asked, and nothing is said to be missing", { skip }, () => {
  const { status, states } = checked("expired.test");
  assert.equal(status, 0);
  assert.deepEqual(new Set([...states.values()]), new Set(["unknown"]));
});
