import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom, simulation } from "@scop/sim";
import fc from "fast-check";
import { findRoute, type Route, routeByMx } from "../src/routing.ts";

const NO_TRANSPORTS = { hostname: "mx.us.test", transports: new Map(), relay: undefined };

function world(): ReturnType<typeof simulation> {
  const sim = simulation();
  const mx = (domain: string, ...records: readonly (readonly [number, string])[]): void =>
    void sim.zone.mx.set(
      domain,
      records.map(([preference, exchange]) => ({ preference, exchange })),
    );
  mx("two.test", [20, "b.two.test"], [10, "A.two.test"]);
  mx("null.test", [0, ""]);
  mx("dot.test", [0, "."]);
  mx("backup.test", [10, "main.backup.test"], [20, "MX.us.test"], [30, "worse.backup.test"], [20, "equal.backup.test"]);
  mx("ours.test", [10, "mx.us.test"], [20, "b.ours.test"]);
  sim.zone.addresses.set("bare.test", ["192.0.2.9"]);
  sim.zone.failing.add("slow.test");
  return sim;
}

function text(route: Route): string {
  if (route.to === "nowhere") return `${route.lasting} ${route.status}`;
  return route.hops.map(hop => `${hop.host}:${hop.port}${hop.literal ? "!" : ""}`).join(" ");
}

const ROWS: readonly (readonly [what: string, destination: string, is: string])[] = [
  ["lower preference first", "two.test", "a.two.test:25 b.two.test:25"],
  ["a null MX", "null.test", "permanent 5.1.10"],
  ["a null MX with its dot", "dot.test", "permanent 5.1.10"],
  ["only what is better than us", "backup.test", "main.backup.test:25"],
  ["nothing is better than us", "ours.test", "permanent 5.4.6"],
  ["no MX: the domain itself", "bare.test", "bare.test:25"],
  ["no such domain", "none.test", "permanent 5.1.2"],
  ["DNS does not answer", "slow.test", "temporary 4.4.3"],
  ["an IPv4 literal", "[192.0.2.1]", "192.0.2.1:25!"],
  ["an IPv6 literal", "[IPv6:2001:db8::1]", "2001:db8::1:25!"],
];

for (const [what, destination, is] of ROWS) {
  test(`routes by ${what}: ${destination}`, async () => {
    const sim = world();
    assert.equal(text(await findRoute(sim.platform("192.0.2.1"), NO_TRANSPORTS, destination)), is);
  });
}

const TRANSPORTS = new Map([
  ["two.test", { host: "exact.us.test", port: 2525 }],
  [".two.test", { host: "wild.us.test", port: 26 }],
  [".test", { host: "192.0.2.77", port: 27 }],
]);

const TRANSPORT_ROWS: readonly (readonly [what: string, destination: string, is: string])[] = [
  ["the exact domain", "two.test", "exact.us.test:2525"],
  ["the nearest parent", "deep.sub.two.test", "wild.us.test:26"],
  ["a further parent, by number", "null.test", "192.0.2.77:27!"],
  ["the relay for the rest", "example.org", "relay.us.test:587"],
  ["the relay for literals too", "[192.0.2.1]", "relay.us.test:587"],
];

for (const [what, destination, is] of TRANSPORT_ROWS) {
  test(`takes the transport of ${what}: ${destination}`, async () => {
    const settings = { hostname: "mx.us.test", transports: TRANSPORTS, relay: { host: "relay.us.test", port: 587 } };
    assert.equal(text(await findRoute(world().platform("192.0.2.1"), settings, destination)), is);
  });
}

test("equal preferences are tried in a random order, all of them, never before better ones", () => {
  const record = fc.record({
    preference: fc.integer({ min: 0, max: 3 }),
    exchange: fc.stringMatching(/^[a-z]{3}\.test$/u),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(record, { minLength: 1, selector: each => each.exchange }),
      fc.nat(),
      (records, seed) => {
        const route = routeByMx(records, "mx.us.test", seededRandom(seed), "dns");
        assert.equal(route.to, "hops");
        const hosts = route.to === "hops" ? route.hops.map(hop => hop.host) : [];
        assert.deepEqual(hosts.toSorted(), records.map(each => each.exchange).toSorted());
        const preferences = hosts.map(host => records.find(each => each.exchange === host)!.preference);
        assert.deepEqual(
          preferences,
          preferences.toSorted((a, b) => a - b),
        );
      },
    ),
  );
  const equal = ["a.test", "b.test"].map(exchange => ({ preference: 1, exchange }));
  const firsts = new Set(
    Array.from({ length: 50 }, (_, seed) => {
      const route = routeByMx(equal, "mx.us.test", seededRandom(seed), "dns");
      return route.to === "hops" ? route.hops[0]!.host : "";
    }),
  );
  assert.equal(firsts.size, 2);
});
