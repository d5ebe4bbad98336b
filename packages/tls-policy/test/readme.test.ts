import assert from "node:assert/strict";
import { test } from "node:test";
import { simulation } from "@scop/sim";
import { tlsPolicies } from "@scop/tls-policy/run";
import { utf8Bytes } from "@scop/wire";

const POLICY = "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 604800\n";

test("README example", async () => {
  const world = simulation();
  world.zone.txt.set("_mta-sts.example.org", ["v=STSv1; id=1;"]);
  const body = utf8Bytes(POLICY);
  world.web.set("mta-sts.example.org/.well-known/mta-sts.txt", {
    got: "response",
    status: 200,
    contentType: "text/plain",
    body,
  });
  const policies = tlsPolicies(world.platform("192.0.2.1"));
  const host = { domain: "example.org", port: 25, exchangers: "insecure", addresses: "insecure" } as const;
  const good = await policies.decide({ ...host, host: "mx.example.org" });
  assert.deepEqual(good.requirement, { tls: "verified", because: "mta-sts" });
  const other = await policies.decide({ ...host, host: "mx.evil.example" });
  assert.equal(other.requirement.tls, "unusable");
});
