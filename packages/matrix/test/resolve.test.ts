import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { parseServerName, resolveServer, type ServerName, type WellKnownMemory } from "@scop/matrix/resolve";
import { serverPlaces } from "@scop/matrix/resolve/run";
import type { HttpsAnswer, SrvRecord } from "@scop/platform";
import { seededRandom, simulation } from "@scop/sim";
import { utf8Bytes } from "@scop/wire";
import fc from "fast-check";

const HOUR = 3_600_000;
const WELL_KNOWN = "/.well-known/matrix/server";

function nameOf(text: string): ServerName {
  const read = parseServerName(text);
  assert.ok(read.ok, text);
  return read.value;
}

function response(body: string, more: object = {}): HttpsAnswer {
  return { got: "response", status: 200, contentType: "text/html", body: utf8Bytes(body), ...more };
}

const delegates = (server: string, more: object = {}): HttpsAnswer =>
  response(JSON.stringify({ "m.server": server }), more);
const moved = (location: string, status = 302): HttpsAnswer => response("", { status, location });
const LOST: HttpsAnswer = { got: "failure", kind: "other", detail: "nobody listens" };

/** What there is outside: documents by URL without scheme, SRV records by name. */
interface Outside {
  readonly web?: Readonly<Record<string, HttpsAnswer>>;
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>;
}

const at = (target: string, port: number, priority = 0, weight = 0): SrvRecord => ({ target, port, priority, weight });

interface Asked {
  readonly memory: WellKnownMemory | undefined;
  /** Where to connect, `Host` field and certificate, by what. */
  readonly place: string;
  readonly questions: readonly string[];
}

/** Resolves a name, and keeps what was asked. */
function ask(name: string, outside: Outside, memory?: WellKnownMemory, now = 0): Asked {
  const machine = resolveServer(nameOf(name), { memory, now, random: seededRandom(1) });
  const questions: string[] = [];
  let step = machine.next();
  while (step.done !== true) {
    const question = step.value;
    if (question.do === "fetch") {
      assert.deepEqual([question.octetsMax, question.timeoutMs], [51_200, 30_000]);
      const url = `${question.host}${question.port === undefined ? "" : `:${question.port}`}${question.path}`;
      questions.push(url);
      step = machine.next({ on: "fetched", answer: outside.web?.[url] ?? LOST });
    } else {
      questions.push(question.name);
      const records = outside.srv?.[question.name];
      const authentic = false;
      const answer =
        records === undefined
          ? ({ found: "no-name", authentic } as const)
          : ({ found: "records", records, authentic } as const);
      step = machine.next({ on: "answer", answer });
    }
  }
  const { endpoints, hostField, certificateFor, foundBy } = step.value.place;
  const places = endpoints.map(({ host, port }) => `${host} ${port}`).join(", ");
  return {
    memory: step.value.memory,
    place: `${places} as ${hostField} for ${certificateFor} by ${foundBy}`,
    questions,
  };
}

const own = `example.org${WELL_KNOWN}`;
const fed = "_matrix-fed._tcp.";
const old = "_matrix._tcp.";

const STEPS: readonly (readonly [
  step: string,
  name: string,
  outside: Outside,
  place: string,
  questions: readonly string[],
])[] = [
  ["1, IPv4", "192.0.2.1", {}, "192.0.2.1 8448 as 192.0.2.1 for 192.0.2.1 by address", []],
  ["1, IPv4 with port", "192.0.2.1:80", {}, "192.0.2.1 80 as 192.0.2.1:80 for 192.0.2.1 by address", []],
  ["1, IPv6", "[2001:DB8::1]", {}, "2001:db8::1 8448 as [2001:DB8::1] for 2001:db8::1 by address", []],
  ["1, IPv6 with port", "[::1]:80", {}, "::1 80 as [::1]:80 for ::1 by address", []],
  ["2, a port", "example.org:80", {}, "example.org 80 as example.org:80 for example.org by port", []],
  [
    "3.1, to an address",
    "example.org",
    { web: { [own]: delegates("192.0.2.1") } },
    "192.0.2.1 8448 as 192.0.2.1 for 192.0.2.1 by address",
    [own],
  ],
  [
    "3.1, to an address with port",
    "example.org",
    { web: { [own]: delegates("[::2]:1") } },
    "::2 1 as [::2]:1 for ::2 by address",
    [own],
  ],
  [
    "3.2, to a port",
    "example.org",
    { web: { [own]: delegates("m.example.net:443") } },
    "m.example.net 443 as m.example.net:443 for m.example.net by port",
    [own],
  ],
  [
    "3.3, to what SRV says",
    "example.org",
    { web: { [own]: delegates("m.example.net") }, srv: { [`${fed}m.example.net`]: [at("x.example.net", 7)] } },
    "x.example.net 7 as m.example.net for m.example.net by matrix-fed",
    [own, `${fed}m.example.net`],
  ],
  [
    "3.4, to what the old SRV says",
    "example.org",
    { web: { [own]: delegates("m.example.net") }, srv: { [`${old}m.example.net`]: [at("x.example.net", 7)] } },
    "x.example.net 7 as m.example.net for m.example.net by matrix",
    [own, `${fed}m.example.net`, `${old}m.example.net`],
  ],
  [
    "3.5, to 8448",
    "example.org",
    { web: { [own]: delegates("m.example.net") } },
    "m.example.net 8448 as m.example.net for m.example.net by default",
    [own, `${fed}m.example.net`, `${old}m.example.net`],
  ],
  [
    "4, SRV",
    "example.org",
    { srv: { [`${fed}example.org`]: [at("x.example.net", 7)], [`${old}example.org`]: [at("y.example.net", 8)] } },
    "x.example.net 7 as example.org for example.org by matrix-fed",
    [own, `${fed}example.org`],
  ],
  [
    "5, the old SRV",
    "example.org",
    { srv: { [`${old}example.org`]: [at("y.example.net", 8)] } },
    "y.example.net 8 as example.org for example.org by matrix",
    [own, `${fed}example.org`, `${old}example.org`],
  ],
  [
    "6, 8448",
    "example.org",
    {},
    "example.org 8448 as example.org for example.org by default",
    [own, `${fed}example.org`, `${old}example.org`],
  ],
  [
    "4, several in order of priority",
    "example.org",
    { srv: { [`${fed}example.org`]: [at("c", 3, 20), at("a", 1, 5), at("b", 2, 10)] } },
    "a 1, b 2, c 3 as example.org for example.org by matrix-fed",
    [own, `${fed}example.org`],
  ],
  [
    "4, nowhere",
    "example.org",
    { srv: { [`${fed}example.org`]: [at("", 0)] } },
    " as example.org for example.org by matrix-fed",
    [own, `${fed}example.org`],
  ],
];

describe("where a server is, step", () => {
  for (const [step, name, outside, place, questions] of STEPS) {
    it(step, () => {
      const asked = ask(name, outside);
      assert.equal(asked.place, place);
      assert.deepEqual(asked.questions, questions);
    });
  }
});

const WITHOUT_DELEGATION: readonly (readonly [says: string, answer: HttpsAnswer])[] = [
  ["nobody listens", LOST],
  ["another certificate", { got: "failure", kind: "certificate", detail: "expired" }],
  ["not found", response("{}", { status: 404 })],
  ["no JSON", response("<html>")],
  ["no object", response('["m.server"]')],
  ["no server in it", response("{}")],
  ["a number", response('{"m.server":8448}')],
  ["a name of no server", response('{"m.server":"https://example.org"}')],
  ["a port that can't be", response('{"m.server":"example.org:99999"}')],
  ["a host that some take for an address", response('{"m.server":"0x7f.1"}')],
  ["a redirect without a place", response("", { status: 301 })],
  ["one that leaves HTTPS", moved("http://example.org/x")],
  ["one to another scheme", moved("file:///etc/passwd")],
  ["one to itself", moved(WELL_KNOWN)],
];

describe("a well-known answer that delegates to nobody is remembered for an hour", () => {
  for (const [says, answer] of WITHOUT_DELEGATION) {
    it(says, () => {
      const { memory, place, questions } = ask("example.org", { web: { [own]: answer } });
      assert.equal(place, "example.org 8448 as example.org for example.org by default");
      assert.deepEqual(memory, { delegated: undefined, fetchedAt: 0, until: HOUR });
      assert.ok(questions.length <= 8, `${questions.length}`);
      assert.deepEqual(ask("example.org", {}, memory, HOUR - 1).questions, [`${fed}example.org`, `${old}example.org`]);
      assert.equal(ask("example.org", {}, memory, HOUR).questions[0], own);
    });
  }
});

const REDIRECTS: readonly (readonly [location: string, next: string])[] = [
  ["https://www.example.org/w", "www.example.org/w"],
  ["HTTPS://www.example.org", "www.example.org/"],
  ["https://www.example.org:444/w?x#y", "www.example.org:444/w?x"],
  ["https://www.example.org?x", "www.example.org/?x"],
  ["//www.example.org/w", "www.example.org/w"],
  ["/w", "example.org/w"],
  ["https://[2001:db8::1]/w", "2001:db8::1/w"],
];

describe("redirects are followed, each as a question of its own", () => {
  for (const [location, next] of REDIRECTS) {
    it(location, () => {
      for (const status of [301, 302, 303, 307, 308]) {
        const asked = ask("example.org", {
          web: { [own]: moved(location, status), [next]: delegates("m.example.net:1") },
        });
        assert.deepEqual(asked.questions, [own, next]);
        assert.match(asked.place, /^m\.example\.net 1 /);
      }
    });
  }

  it("five, and no more", () => {
    const chain = (length: number): Outside => {
      const hops = Array.from({ length }, (_, hop) => [hop === 0 ? own : `example.org/${hop}`, moved(`/${hop + 1}`)]);
      return { web: { ...Object.fromEntries(hops), [`example.org/${length}`]: delegates("m.example.net:1") } };
    };
    assert.match(ask("example.org", chain(5)).place, /^m\.example\.net 1 /);
    assert.match(ask("example.org", chain(6)).place, /^example\.org 8448 /);
  });
});

const LIFETIMES: readonly (readonly [cacheControl: string | undefined, ms: number])[] = [
  [undefined, 24 * HOUR],
  ["public", 24 * HOUR],
  ["max-age=7200", 2 * HOUR],
  ['public, Max-Age="7200"', 2 * HOUR],
  ["max-age=999999999", 48 * HOUR],
  ["max-age=1", HOUR / 12],
  ["no-store", HOUR / 12],
  ["max-age=7200, no-cache", HOUR / 12],
  ["max-age=-1", 24 * HOUR],
  ["max-age=99999999999999999999", 24 * HOUR],
];

describe("a well-known answer lives", () => {
  for (const [cacheControl, ms] of LIFETIMES) {
    it(`${ms / 1_000} s where the server says ${cacheControl}`, () => {
      const more = cacheControl === undefined ? {} : { cacheControl };
      const { memory } = ask("example.org", { web: { [own]: delegates("m.example.net:1", more) } }, undefined, 1_000);
      assert.equal(memory?.until, 1_000 + ms);
      assert.deepEqual(ask("example.org", {}, memory, ms + 999).questions, []);
      assert.equal(ask("example.org", {}, memory, ms + 1_000).questions[0], own);
      // A clock that went back says nothing about what was fetched after it.
      assert.equal(ask("example.org", {}, memory, 0).questions[0], own);
    });
  }
});

test("where the web server is down, what it said before counts, for 48 hours in all", () => {
  let { memory } = ask("example.org", { web: { [own]: delegates("m.example.net:1") } });
  for (let hour = 24; hour < 48; hour += 1) {
    const again = ask("example.org", { web: { [own]: response("", { status: 503 }) } }, memory, hour * HOUR);
    assert.deepEqual([again.questions.length, again.place.slice(0, 15)], [1, "m.example.net 1"]);
    memory = again.memory;
  }
  assert.match(ask("example.org", {}, memory, 48 * HOUR).place, /by default$/);
  assert.match(
    ask("example.org", { web: { [own]: response("", { status: 404 }) } }, memory, 48 * HOUR - 1).place,
    /^m\.example\.net/,
  );
});

const NAMES: readonly (readonly [text: string, host: string | undefined, port?: number])[] = [
  ["example.org", "example.org"],
  ["localhost", "localhost"],
  ["EXAMPLE.org:8448", "EXAMPLE.org", 8448],
  ["1.2.3.4:1", "1.2.3.4", 1],
  ["[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]"],
  ["a".repeat(255), "a".repeat(255)],
  ["a".repeat(256), undefined],
  ["", undefined],
  [":80", undefined],
  ["example.org:", undefined],
  ["example.org:0", undefined],
  ["example.org:65536", undefined],
  ["example.org:000080", undefined],
  ["example.org:80:80", undefined],
  ["exa mple.org", undefined],
  ["example.org/x", undefined],
  ["user@example.org", undefined],
  ["exämple.org", undefined],
  ["::1", undefined],
  ["[::1", undefined],
  ["[::1]x", undefined],
  ["[fe80::1%eth0]", undefined],
  ["[1.2.3.4]", undefined],
  ["[example.org]", undefined],
  ["1.2.3", undefined],
  ["0177.0.0.1", undefined],
  ["2130706433", undefined],
  ["0x7f000001", undefined],
  ["256.1.1.1", undefined],
];

describe("the name of a server", () => {
  for (const [text, host, port] of NAMES) {
    it(`${text.slice(0, 30)}: ${host === undefined ? "none" : "is one"}`, () => {
      const read = parseServerName(text);
      assert.equal(read.ok ? read.value.host : undefined, host);
      if (read.ok) assert.equal(read.value.port, port);
    });
  }

  it("property: nothing throws, and what is read is what was written", () => {
    const texts = fc.stringMatching(/^[[\]:.a0x-]{0,12}$/);
    fc.assert(
      fc.property(texts, text => {
        const read = parseServerName(text);
        if (!read.ok) return;
        const { host, port } = read.value;
        assert.equal(text.length >= host.length && text.startsWith(host), true);
        assert.equal(port === undefined, text === host);
      }),
    );
  });
});

test("among places of one priority the weight decides by chance, and all of them are there", () => {
  const records = [at("light", 1, 0, 1), at("heavy", 2, 0, 9), at("none", 3, 0, 0), at("later", 4, 1, 100)];
  const first = new Map<string, number>();
  for (let seed = 0; seed < 1_000; seed += 1) {
    const machine = resolveServer(nameOf("example.org"), {
      memory: { delegated: undefined, fetchedAt: 0, until: 1 },
      now: 0,
      random: seededRandom(seed),
    });
    machine.next();
    const end = machine.next({ on: "answer", answer: { found: "records", records, authentic: false } });
    assert.ok(end.done === true);
    const hosts = end.value.place.endpoints.map(({ host }) => host);
    assert.deepEqual([[...hosts].sort(), hosts[3]], [["heavy", "later", "light", "none"], "later"]);
    first.set(hosts[0]!, (first.get(hosts[0]!) ?? 0) + 1);
  }
  const [light, heavy, none] = ["light", "heavy", "none"].map(host => first.get(host) ?? 0);
  assert.ok(heavy! > 700 && light! > 40 && none! > 40, JSON.stringify([...first]));
});

test("of a thousand places sixteen are tried", () => {
  const records = Array.from({ length: 1_000 }, (_, port) => at("x", port + 1, port % 3, 1));
  const { place } = ask("example.org", { srv: { [`${fed}example.org`]: records } });
  assert.equal(place.split(",").length, 16);
});

test("the driver asks once for questions at the same time, and once while the answer lives", async () => {
  const world = simulation();
  const platform = world.platform("192.0.2.1");
  let fetched = 0;
  const https: typeof platform.https = {
    ...platform.https,
    get: request => {
      fetched += 1;
      return platform.https.get(request);
    },
  };
  world.web.set(own, delegates("m.example.net", { cacheControl: "max-age=3600" }));
  world.zone.srv.set(`${fed}m.example.net`, [at("x.example.net", 7)]);
  const places = serverPlaces({ ...platform, https });
  const [one, other] = await Promise.all([places.find(nameOf("example.org")), places.find(nameOf("example.org"))]);
  assert.equal(one, other);
  assert.deepEqual(one.endpoints, [{ host: "x.example.net", port: 7 }]);
  assert.equal(one.delegated?.text, "m.example.net");
  await places.find(nameOf("EXAMPLE.ORG"));
  assert.equal(fetched, 1);
  await world.advance(HOUR);
  world.web.set(own, delegates("n.example.net:1"));
  assert.deepEqual((await places.find(nameOf("example.org"))).endpoints, [{ host: "n.example.net", port: 1 }]);
  assert.equal(fetched, 2);
  assert.equal((await places.find(nameOf("192.0.2.7"))).foundBy, "address");
});

test("what DNS can't say is taken for nothing, as the certificate decides in the end", async () => {
  const world = simulation();
  world.zone.failing.add(`${fed}example.org`);
  world.zone.bogus.add(`${old}example.org`);
  const place = await serverPlaces(world.platform("192.0.2.1")).find(nameOf("example.org"));
  assert.deepEqual([place.endpoints, place.foundBy], [[{ host: "example.org", port: 8448 }], "default"]);
});
