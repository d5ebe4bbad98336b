import assert from "node:assert/strict";
import { test } from "node:test";
import { type Simulation, simulation } from "@scop/sim";
import type { StsMemory } from "@scop/tls-policy";
import { tlsPolicies } from "@scop/tls-policy/run";
import { utf8Bytes } from "@scop/wire";
import { SUBJECT } from "./subject.ts";

const URL_OF = "mta-sts.example.org/.well-known/mta-sts.txt";

function publish(world: Simulation, id: string, mode = "enforce"): void {
  world.zone.txt.set("_mta-sts.example.org", [`v=STSv1; id=${id};`]);
  const body = utf8Bytes(`version: STSv1\nmode: ${mode}\nmx: mx.example.org\nmax_age: 86400\n`);
  world.web.set(URL_OF, { got: "response", status: 200, contentType: "text/plain", body });
}

/** A world that counts what is fetched. */
function counted(): { world: Simulation; io: Parameters<typeof tlsPolicies>[0]; fetched: () => number } {
  const world = simulation();
  const platform = world.platform("192.0.2.1");
  let fetched = 0;
  const https: Pick<typeof platform.https, "get"> = {
    get: request => {
      fetched += 1;
      return platform.https.get(request);
    },
  };
  return { world, io: { ...platform, https }, fetched: () => fetched };
}

test("a policy is fetched once for questions at the same time, and once while it lives", async () => {
  const { world, io, fetched } = counted();
  publish(world, "1");
  const policies = tlsPolicies(io);
  const [one, other] = await Promise.all([policies.sts("example.org"), policies.sts("example.org")]);
  assert.equal(one, other);
  assert.equal((await policies.sts("example.org")).policy?.mode, "enforce");
  assert.equal(fetched(), 1);
  publish(world, "2", "none");
  assert.equal((await policies.sts("example.org")).policy?.mode, "none");
  assert.equal(fetched(), 2);
});

test("what is remembered elsewhere outlasts the process, and the loss of DNS", async () => {
  const { world, io, fetched } = counted();
  publish(world, "1");
  const kept = new Map<string, StsMemory>();
  await tlsPolicies(io, kept).sts("example.org");
  world.zone.failing.add("_mta-sts.example.org");
  world.web.clear();
  const again = tlsPolicies(io, kept);
  assert.equal((await again.decide(SUBJECT)).requirement.tls, "verified");
  await world.advance(86_399_000);
  assert.equal((await again.decide(SUBJECT)).requirement.tls, "verified");
  await world.advance(1_000);
  assert.equal((await again.decide(SUBJECT)).requirement.tls, "opportunistic");
  assert.equal(fetched(), 1);
});

test("where DANE asks for a match, nothing is fetched", async () => {
  const { world, io, fetched } = counted();
  publish(world, "1");
  const data = new Uint8Array(32);
  world.zone.tlsa.set("_25._tcp.mx.example.org", [{ usage: 3, selector: 1, matching: 1, data }]);
  for (const name of ["mx.example.org", "_25._tcp.mx.example.org"]) world.zone.authentic.add(name);
  world.zone.addresses.set("mx.example.org", ["192.0.2.2"]);
  const { requirement } = await tlsPolicies(io).decide(SUBJECT);
  assert.equal(requirement.tls, "dane");
  assert.equal(fetched(), 0);
  world.zone.bogus.add("_25._tcp.mx.example.org");
  assert.equal((await tlsPolicies(io).decide(SUBJECT)).requirement.tls, "unusable");
});
