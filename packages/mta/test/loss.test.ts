import assert from "node:assert/strict";
import { test } from "node:test";
import { createMta } from "../src/index.ts";
import { type Answer, scriptedServer } from "./scripted-server.ts";
import { code, give, world } from "./world.ts";

const HOUR = 3_600_000;
const MESSAGES = 30;
/** Worlds of the test; `SCOP_LOSS_SEEDS` asks for more. */
const SEEDS = Number(process.env["SCOP_LOSS_SEEDS"] ?? 3);

/** What a server of bad character answers. */
const MOODS: readonly (Answer | undefined)[] = [
  undefined,
  undefined,
  undefined,
  "451 4.3.0 later",
  "close",
  "421 4.3.2 bye",
  "550 5.7.1 no",
  "silence",
];

/** How many reports a message ended with, in all worlds. */
const seen = new Set<number>();

for (let seed = 1; seed <= SEEDS; seed += 1) {
  test(`whatever the network does, each accepted message arrives or is reported (seed ${seed})`, async t => {
    const here = world(t, seed, { latencyMs: 50, pieceOctetsMax: 200 });
    const mood = (): Answer | undefined => MOODS[here.random.integer(MOODS.length)];
    const { heard, accept } = scriptedServer({ answer: mood, final: mood });
    here.network.listen("192.0.2.3", 25, accept);
    here.zone.mx.set("c.test", [{ preference: 10, exchange: "mx.c.test" }]);
    here.zone.addresses.set("mx.c.test", ["192.0.2.3"]);
    const machine = await here.machine({
      hostname: "mx.a.test",
      address: "192.0.2.1",
      domains: ["a.test"],
      accounts: ["alice@a.test"],
    });
    let mta = machine.mta;
    mta.start();
    const session = machine.session({ identity: "alice@a.test" });
    for (let number = 0; number < MESSAGES; number += 1) {
      const message = `From: alice@a.test\r\nSubject: number-${number}.\r\n\r\nHi\r\n`;
      const letter = { from: "alice@a.test", to: [`u${number}@c.test`], message };
      assert.equal(code(await give(mta.receiver("submission"), session, letter)), "250 2.0.0");
      await here.advance(here.random.integer(20_000));
      if (here.random.integer(4) > 0) continue;
      await here.until(mta.stop());
      assert.equal((await machine.store.queueCounts()).leased, 0);
      mta = createMta(machine.io, machine.store, { hostname: "mx.a.test" });
      mta.start();
      here.network.dead("192.0.2.3", here.random.integer(2) === 0);
    }
    here.network.dead("192.0.2.3", false);
    await here.advance(6 * 24 * HOUR);
    await here.until(mta.stop());
    assert.deepEqual(await machine.queue(), []);
    const reports = (await machine.inbox("alice@a.test")).filter(text => text.includes("\r\nAction: failed\r\n"));
    const ends = Array.from({ length: MESSAGES }, (_, number) => {
      const isThis = (text: string): boolean => text.includes(`Subject: number-${number}.`);
      return { arrived: heard.messages.filter(isThis).length, reported: reports.filter(isThis).length };
    });
    assert.ok(
      ends.every(end => end.arrived + end.reported >= 1 && end.reported <= 1),
      JSON.stringify(ends),
    );
    for (const end of ends) seen.add(end.reported);
  });
}

test("in these worlds some messages arrived and some were reported", () => {
  assert.deepEqual([...seen].sort(), [0, 1]);
});
