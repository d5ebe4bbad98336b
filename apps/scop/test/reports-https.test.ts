import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseZone, zoneDns } from "@scop/dns/zone";
import { createMta, type Mta } from "@scop/mta";
import { nodePlatform } from "@scop/node-host";
import { folderSigner, makeKeys } from "@scop/node-host/dkim";
import { selfSigned } from "@scop/node-host/self-signed";
import { openSqliteStore } from "@scop/store/sqlite";
import { runLines } from "./run-scop.ts";

const DAY = Math.floor(Date.now() / 86_400_000) - 1;
const folder = mkdtempSync(join(tmpdir(), "scop-reports-https-"));
const identity = await selfSigned({ names: ["rua.b.test"], now: Date.now() });
const given: { readonly url: string; readonly type: string; readonly body: Buffer }[] = [];
const web = createServer({ cert: identity.certificate, key: identity.key }, async (asked, response) => {
  const pieces: Buffer[] = [];
  for await (const piece of asked) pieces.push(piece);
  given.push({ url: asked.url ?? "", type: asked.headers["content-type"] ?? "", body: Buffer.concat(pieces) });
  response.writeHead(asked.url === "/full" ? 503 : 201).end();
});
web.listen(0, "127.0.0.1");
await once(web, "listening");
const at = web.address();
assert.ok(at !== null && typeof at !== "string");
const httpsPort = at.port;

const store = await openSqliteStore({
  folder,
  now: Date.now,
  owner: "daemon",
  synchronous: "NORMAL",
  fatal: error => assert.fail(error),
});
const policy = { policy: "no-policy-found", text: [], domain: "b.test", hosts: ["mx.b.test"] };
const key = JSON.stringify({ version: 1, policy });
const result = await store.transaction({
  changes: [
    { change: "add-domain", domain: "a.test" },
    { change: "tally", about: "tls", day: DAY, domain: "b.test", key, by: 3 },
  ],
});
assert.ok(result.ok);
const keys = join(folder, "dkim");
await makeKeys(keys, "a.test", Date.now());
const read = parseZone({
  "_smtp._tls.b.test": { TXT: ["v=TLSRPTv1; rua=https://other.b.test/r,https://rua.b.test/full,https://rua.b.test/r"] },
  "rua.b.test": { A: ["127.0.0.1"] },
  "other.b.test": { A: ["127.0.0.1"] },
});
assert.ok(read.ok);
const dns = zoneDns(read.zone);
after(async () => {
  web.close();
  web.closeAllConnections();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function reporter(options: { readonly trust?: string; readonly httpsPort?: number }): Mta {
  const settings = { hostname: "mx.a.test", reports: { about: ["tls"] } } as const;
  return createMta(nodePlatform({ dns, ...options }), store, settings, folderSigner(keys));
}

const unreached: readonly (readonly [title: string, options: Parameters<typeof reporter>[0]])[] = [
  ["whose certificates nobody vouches for", { httpsPort }],
  ["that are not on the open Internet", { trust: identity.certificate }],
];
for (const [title, options] of unreached) {
  test(`web servers ${title} get no report`, async () => {
    const [outcome] = await reporter(options).report({ before: DAY + 1, mode: "send" });
    assert.deepEqual([outcome?.outcome, outcome?.to, given], ["unposted", [], []]);
  });
}

test("a report about TLS comes to the web server that takes it, and is read there", async () => {
  const mta = reporter({ trust: identity.certificate, httpsPort });
  const [outcome] = await mta.report({ before: DAY + 1, mode: "send" });
  assert.deepEqual([outcome?.outcome, outcome?.to], ["posted", ["https://rua.b.test/r"]]);
  assert.deepEqual(
    given.map(({ url, type }) => `${url} ${type}`),
    ["/full application/tlsrpt+gzip", "/r application/tlsrpt+gzip"],
  );
  const file = join(folder, "report.json.gz");
  writeFileSync(file, given[1]!.body);
  const [shown] = await runLines(`reports ${file}`);
  assert.match(shown!, /TLS, seen by a\.test/);
  assert.match(shown!, /b\.test +no-policy-found +3 +0/);
  assert.deepEqual(await mta.report({ before: DAY + 1, mode: "send" }), []);
});
