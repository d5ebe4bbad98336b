import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { scopIn } from "./scop-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "scop-auth-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const scop = scopIn(folder);

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

const MESSAGE = "From: Ann <ann@example.org>\nTo: b@c.test\nSubject: x\n\nHello\n";
const FROM = "--ip 192.0.2.1 --helo mx.example.org --mail-from ann@example.org --dns zone.json";

test("what we sign is a pass, what was changed is a fail, and each has a reason", () => {
  write("message.eml", MESSAGE);
  const [, published, signed] = scop("domain add example.org", "dns example.org --json", "sign message.eml");
  write("signed.eml", signed!.out);
  write("changed.eml", signed!.out.replace("Hello", "Hallo"));
  const records = JSON.parse(published!.out).records as readonly { name: string; type: string; value: string }[];
  const names = Object.fromEntries(
    records.filter(each => each.type === "TXT").map(each => [each.name, { TXT: [each.value] }]),
  );
  write(
    "zone.json",
    JSON.stringify({
      ...names,
      "example.org": { TXT: ["v=spf1 -all"] },
      "_dmarc.example.org": { TXT: ["v=DMARC1; p=reject"] },
    }),
  );
  const runs = scop(`auth signed.eml ${FROM}`, `auth changed.eml ${FROM}`, `auth message.eml ${FROM} --json`);
  assert.deepEqual(
    runs.map(run => run.status),
    [0, 0, 0],
  );
  const found = runs.map(run => JSON.parse(run.out));
  const words = found.map(({ spf, dkim, arc, dmarc }) => [
    spf.result,
    dkim.map((verdict: { readonly result: string }) => verdict.result).join(),
    arc.result,
    dmarc.result,
  ]);
  assert.deepEqual(words, [
    ["fail", "pass,pass", "none", "pass"],
    ["fail", "fail,fail", "none", "fail"],
    ["fail", "none", "none", "fail"],
  ]);
  for (const { spf, dkim, arc, dmarc, iprev } of found) {
    for (const { reason } of [spf, ...dkim, arc, dmarc, iprev]) assert.match(reason, /^[A-Z0-9a-z].*\.$/);
  }
  assert.match(found[0].field, /^Authentication-Results: .*; spf=fail/);
});

const SLOW = { "example.org": "TIMEOUT", "_dmarc.example.org": "BOGUS" };

test("what DNS does not say is a temperror", () => {
  write("zone.json", JSON.stringify(SLOW));
  const [ran] = scop(`auth message.eml ${FROM} --now 2026-11-26T12:00:00+01:00`);
  const { spf, dmarc } = JSON.parse(ran!.out);
  assert.deepEqual([spf.result, dmarc.result, dmarc.code], ["temperror", "temperror", "dns-forged"]);
});

test("wrong use is named", () => {
  write("bad.json", '{"a.test": 1}');
  const rows: readonly (readonly [line: string, says: RegExp])[] = [
    ["auth message.eml --ip 192.0.2 --helo a --mail-from a@b.test", /--ip 192\.0\.2: not an IP address/],
    ["auth message.eml --ip 192.0.2.1 --helo a --mail-from nobody", /--mail-from nobody: not an address/],
    ["auth message.eml --ip 192.0.2.1 --helo a --mail-from <> --now today", /--now today: not a time/],
    ["auth message.eml --ip 192.0.2.1 --helo a --mail-from <> --dns message.eml", /message\.eml is not JSON/],
    ["auth message.eml --ip 192.0.2.1 --helo a --mail-from <> --dns bad.json", /bad\.json: "a\.test" should be/],
    ["auth no.eml --ip 192.0.2.1 --helo a --mail-from <>", /no\.eml can't be read/],
    ["auth message.eml --ip 192.0.2.1", /required option '--helo/],
  ];
  const runs = scop(...rows.map(([line]) => line));
  for (const [index, [line, says]] of rows.entries()) {
    assert.equal(runs[index]!.status, 2, line);
    assert.match(runs[index]!.err, says);
  }
});
