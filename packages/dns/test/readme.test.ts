import assert from "node:assert/strict";
import { test } from "node:test";
import { parseZone, zoneDns } from "@scop/dns/zone";

test("README example", async () => {
  const read = parseZone({
    "example.org": { TXT: ["v=spf1 mx -all"], MX: [{ preference: 10, exchange: "mx.example.org" }] },
    "slow.example.org": "TIMEOUT",
  });
  assert.ok(read.ok);
  const dns = zoneDns(read.zone);
  assert.deepEqual(await dns.txt("Example.ORG"), { found: "records", records: ["v=spf1 mx -all"], authentic: false });
  assert.deepEqual(await dns.mx("www.example.org"), { found: "no-name", authentic: false });
});
