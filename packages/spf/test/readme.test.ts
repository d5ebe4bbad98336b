import assert from "node:assert/strict";
import { test } from "node:test";
import { parseZone, zoneDns } from "@scop/dns/zone";
import { checkSpf } from "@scop/spf/run";
import { parseIp } from "@scop/wire";

const clock = { now: () => 0, monotonic: () => 0 };

test("README example", async () => {
  const zone = parseZone({ "example.org": { TXT: ["v=spf1 ip4:192.0.2.0/24 -all"] } });
  const address = parseIp("198.51.100.7");
  assert.ok(zone.ok && address.ok);
  const verdict = await checkSpf(
    { dns: zoneDns(zone.zone), clock },
    {
      address: address.value,
      helo: "mail.example.net",
      sender: { localPart: "ann", domain: "example.org" },
      receiver: "mx.example.com",
    },
  );
  assert.equal(verdict.result, "fail");
  assert.equal(verdict.reason, 'example.org says with "-all" that 198.51.100.7 may not send for it.');
});
