import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDmarc } from "@scop/dmarc/run";
import { parseZone, zoneDns } from "@scop/dns/zone";

test("README example", async () => {
  const zone = parseZone({ "_dmarc.example.org": { TXT: ["v=DMARC1; p=reject"] } });
  assert.ok(zone.ok);
  const verdict = await checkDmarc(
    { dns: zoneDns(zone.zone) },
    {
      fromDomains: ["news.example.org"],
      spfDomain: "example.net",
      dkimDomains: ["mail.example.org"],
      spfUnsureDomain: undefined,
      dkimUnsureDomains: [],
    },
  );
  assert.equal(verdict.result, "pass");
  assert.equal(verdict.reason, "mail.example.org has signed it, which answers for news.example.org.");
});
