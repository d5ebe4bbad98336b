import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { activateKeys, type KeyEntry, listKeys, makeKeys } from "@scop/node-host/dkim";
import type { LogLevel, Timers } from "@scop/platform";
import { type Simulation, simulation } from "@scop/sim";
import type { ScopConfig } from "../src/config.ts";
import { keyScheduleOf } from "../src/key-schedule.ts";
import { startKeyRotation } from "../src/server/key-rotation.ts";

const DOMAIN = "example.org";
const DAY_MS = 24 * 3_600_000;

/** A server whose hours pass as fast as its looks are done, with keys on a real disk. */
interface Server {
  readonly folder: string;
  readonly world: Simulation;
  /** Lets so many days pass. */
  days(count: number): Promise<void>;
  /** Ends the server and starts it again. */
  restart(): Promise<void>;
  /** Publishes the records of all keys, but for those of these states. */
  publish(...but: readonly KeyEntry["state"][]): Promise<void>;
  /** As in `rsa active`, a line for each key. */
  keys(): Promise<readonly string[]>;
  /** What was logged since it was asked last, as in `day 3: event`. */
  told(): readonly string[];
}

async function server(
  t: TestContext,
  dkim: ScopConfig["dkim"],
  domains: readonly string[] = [DOMAIN],
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "scop-rotation-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const world = simulation(1);
  const { clock, dns, timers } = world.platform("192.0.2.1");
  const begin = clock.now();
  const lines: string[] = [];
  const log = {
    write: (_level: LogLevel, event: string) => {
      lines.push(`day ${Math.floor((clock.now() - begin) / DAY_MS)}: ${event}`);
    },
  };
  // The disk is real, so time waits until a look is over.
  let lookIsOver = Promise.withResolvers<void>();
  const watched: Timers = {
    set: (afterMs, fire) => {
      const timer = timers.set(afterMs, () => {
        lookIsOver = Promise.withResolvers();
        fire();
      });
      lookIsOver.resolve();
      return timer;
    },
  };
  const start = (): { stop(): void } => {
    lookIsOver = Promise.withResolvers();
    const options = { folder, domains: async () => domains, schedule: keyScheduleOf({ dkim }) };
    return startKeyRotation({ clock, dns, timers: watched, log }, options);
  };
  await makeKeys(folder, DOMAIN, begin);
  let running = start();
  await lookIsOver.promise;
  return {
    folder,
    world,
    days: async count => {
      for (let hour = 0; hour < 24 * count; hour += 1) {
        await world.advance(3_600_000);
        await lookIsOver.promise;
      }
    },
    restart: async () => {
      running.stop();
      running = start();
      await lookIsOver.promise;
    },
    publish: async (...but) => {
      world.zone.txt.clear();
      for (const { selector, state, record } of await listKeys(folder, DOMAIN)) {
        if (!but.includes(state)) world.zone.txt.set(`${selector}._domainkey.${DOMAIN}`, [record]);
      }
    },
    keys: async () => (await listKeys(folder, DOMAIN)).map(({ type, state }) => `${type} ${state}`),
    told: () => lines.splice(0),
  };
}

const MADE = "new DKIM keys were made; publish their records";
const WAIT = "new DKIM keys wait until their records are published";
const TURNED = "new DKIM keys sign from now on; keep the records of the old ones";
const DONE = "old DKIM keys are done; their records may be removed";

test("keys are made ahead, sign when they are due, stay for the overlap, and are forgotten when their records are gone", async t => {
  const { publish, days, keys, told } = await server(t, { rotateAfterDays: 30, announceDays: 10, overlapDays: 5 });
  await publish();
  await days(19);
  assert.deepEqual([await keys(), told()], [["rsa active", "ed25519 active"], []]);
  await days(1);
  assert.deepEqual(await keys(), ["rsa active", "ed25519 active", "rsa next", "ed25519 next"]);
  assert.deepEqual(told(), [`day 20: ${MADE}`]);
  await publish();
  await days(9);
  assert.deepEqual(told(), []);
  assert.deepEqual((await keys()).slice(2), ["rsa next", "ed25519 next"], "published, and not due");
  await days(1);
  assert.deepEqual(await keys(), ["rsa old", "ed25519 old", "rsa active", "ed25519 active"]);
  assert.deepEqual(told(), [`day 30: ${TURNED}`]);
  await days(5);
  assert.deepEqual(await keys(), ["rsa retired", "ed25519 retired", "rsa active", "ed25519 active"]);
  assert.deepEqual(told(), [`day 35: ${DONE}`]);
  await days(2);
  assert.deepEqual((await keys()).slice(0, 2), ["rsa retired", "ed25519 retired"], "as long as somebody finds them");
  await publish("retired");
  await days(1);
  assert.deepEqual(await keys(), ["rsa active", "ed25519 active"]);
  assert.deepEqual(told(), []);
  await days(12);
  assert.deepEqual(told(), [`day 50: ${MADE}`]);
});

test("a key that nobody has published does not sign, however late it is; the operator is reminded each day", async t => {
  const { world, publish, days, keys, told } = await server(t, { rotateAfterDays: 2, announceDays: 1 });
  await publish();
  await days(1);
  await days(4);
  assert.deepEqual(told(), [`day 1: ${MADE}`, ...[2, 3, 4, 5].map(day => `day ${day}: ${WAIT}`)]);
  assert.deepEqual((await keys()).slice(2), ["rsa next", "ed25519 next"]);
  // One of two is not enough, nor one look, nor a server that does not answer.
  await publish();
  const [first, ...others] = [...world.zone.txt.keys()].slice(2);
  const [record] = world.zone.txt.get(first!)!;
  world.zone.txt.delete(first!);
  await days(1);
  world.zone.txt.set(first!, [record!]);
  world.zone.failing.add(others[0]!);
  await days(1);
  assert.deepEqual((await keys()).slice(2), ["rsa next", "ed25519 next"]);
  world.zone.failing.clear();
  await world.advance(3_600_000);
  assert.deepEqual((await keys()).slice(2), ["rsa next", "ed25519 next"], "seen once");
  await days(1);
  assert.deepEqual(await keys(), ["rsa old", "ed25519 old", "rsa active", "ed25519 active"]);
});

test("a server that starts goes on where it ended", async t => {
  const { publish, days, restart, keys, told } = await server(t, {
    rotateAfterDays: 10,
    announceDays: 4,
    overlapDays: 3,
  });
  const seen: string[] = [];
  for (let day = 0; day < 30; day += 1) {
    await publish("retired");
    await days(1);
    await restart();
    // Who starts is told again what waits.
    seen.push(...told().filter(line => !line.endsWith(WAIT)));
  }
  const rounds = [
    [6, MADE],
    [10, TURNED],
    [13, DONE],
    [16, MADE],
    [20, TURNED],
    [23, DONE],
    [26, MADE],
    [30, TURNED],
  ];
  assert.deepEqual(
    seen,
    rounds.map(([day, event]) => `day ${day}: ${event}`),
  );
  assert.equal((await keys()).length, 4);
});

test("without a schedule no key is made, and what a person has replaced is retired all the same", async t => {
  const { folder, world, publish, days, keys, told } = await server(t, {});
  await publish();
  await days(100);
  assert.deepEqual([await keys(), told()], [["rsa active", "ed25519 active"], []]);
  const now = world.platform("192.0.2.1").clock.now();
  await makeKeys(folder, DOMAIN, now);
  await publish();
  await days(1);
  assert.deepEqual((await keys()).slice(2), ["rsa next", "ed25519 next"], "a person says when");
  await activateKeys(folder, DOMAIN, now);
  await days(6);
  assert.deepEqual(told(), [`day 107: ${DONE}`]);
  assert.deepEqual(await keys(), ["rsa retired", "ed25519 retired", "rsa active", "ed25519 active"]);
});

test("a domain whose keys can't be read does not keep the others from it", async t => {
  const { folder, days, keys, told } = await server(t, { rotateAfterDays: 2, announceDays: 1 }, [
    "broken.example",
    DOMAIN,
  ]);
  await makeKeys(folder, "broken.example", 0);
  writeFileSync(join(folder, "broken.example", "keys.json"), "{");
  await days(1);
  assert.deepEqual(await keys(), ["rsa active", "ed25519 active", "rsa next", "ed25519 next"]);
  const lines = told();
  assert.equal(lines.filter(line => line.includes("can't be looked after")).length, 24);
  assert.ok(lines.includes(`day 1: ${MADE}`));
});
