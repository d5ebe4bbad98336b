import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Quota } from "@scop/store";
import { code, give, type Letter, type Machine, type World, world } from "./world.ts";

const TEXT = `Subject: hello\r\n\r\n${"0123456789abcdef\r\n".repeat(100)}`;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Alice has an alias of her own and one with bob; the usual limit is 5,000 octets, two messages of `TEXT`. */
async function server(t: TestContext, quota: Quota = { octets: 5000, messages: undefined }): Promise<Machine & World> {
  const here = world(t);
  const machine = await here.machine({
    hostname: "mx.a.test",
    address: "192.0.2.1",
    domains: ["a.test"],
    accounts: ["alice@a.test", "bob@a.test", "eve@a.test"],
    aliases: { "team@a.test": ["alice@a.test", "bob@a.test"], "me@a.test": ["alice@a.test"] },
    config: { quota },
  });
  return { ...here, ...machine };
}

async function send(machine: Machine, to: readonly string[], letter: Partial<Letter> = {}): Promise<string> {
  const whole = { from: "eve@a.test", to, message: TEXT, ...letter };
  return code(await give(machine.mta.receiver("mx"), machine.session(), whole));
}

async function setQuota(machine: Machine, address: string, quota: Quota): Promise<void> {
  const account = (await machine.store.accountByAddress(address))!.id;
  assert.ok((await machine.store.transaction({ changes: [{ change: "set-quota", account, quota }] })).ok);
}

/** How many messages each has. */
async function counts(machine: Machine): Promise<readonly number[]> {
  return Promise.all(["alice", "bob"].map(async name => (await machine.inbox(`${name}@a.test`)).length));
}

async function fill(machine: Machine): Promise<void> {
  for (let count = 0; count < 2; count += 1) assert.equal(await send(machine, ["alice@a.test"]), "250 2.0.0");
}

test("a mailbox that is full refuses for now, and takes mail again when there is room", async t => {
  const machine = await server(t);
  await fill(machine);
  assert.equal(await send(machine, ["alice@a.test"]), "452 4.2.2", "at the end of the message");
  assert.equal(await send(machine, ["alice@a.test"], { parameters: { size: 2000 } }), "452 4.2.2", "at RCPT");
  assert.equal(await send(machine, ["me@a.test"], { parameters: { size: 2000 } }), "452 4.2.2", "by another name");
  assert.deepEqual([await counts(machine), await machine.queue()], [[2, 0], []]);
  await setQuota(machine, "alice@a.test", { octets: 10_000, messages: undefined });
  assert.equal(await send(machine, ["alice@a.test"], { parameters: { size: 2000 } }), "250 2.0.0");
  await setQuota(machine, "alice@a.test", { octets: undefined, messages: 3 });
  assert.equal(await send(machine, ["alice@a.test"], { message: "Subject: x\r\n\r\n" }), "452 4.2.2", "too many");
});

test("a message that never fits is refused for good", async t => {
  const machine = await server(t);
  const message = TEXT.repeat(3);
  assert.equal(await send(machine, ["alice@a.test"], { message }), "552 5.2.2", "at the end of the message");
  assert.equal(await send(machine, ["alice@a.test"], { message, parameters: { size: 5500 } }), "552 5.2.2", "at RCPT");
  assert.equal(
    await send(machine, ["alice@a.test"], { message: "Subject: x\r\n\r\n" }),
    "452 4.2.2",
    "not for good: its size was not said",
  );
  assert.equal(await send(machine, ["alice@a.test"], { message: "Subject: x\r\n\r\n" }), "250 2.0.0");
});

test("one recipient without room does not make two copies for another", async t => {
  const machine = await server(t);
  await fill(machine);
  assert.equal(await send(machine, ["bob@a.test", "alice@a.test"]), "452 4.2.2");
  assert.deepEqual(await counts(machine), [2, 0], "nobody got it");
  assert.equal(await send(machine, ["alice@a.test"], { parameters: { size: 2000 } }), "452 4.2.2", "refused alone");
  assert.equal(await send(machine, ["bob@a.test"], { parameters: { size: 2000 } }), "250 2.0.0");
  assert.deepEqual(await counts(machine), [2, 1]);
});

test("of an alias, who is full waits in the queue and gets the message when there is room", async t => {
  const machine = await server(t);
  await fill(machine);
  assert.equal(await send(machine, ["team@a.test"]), "452 4.2.2", "nobody knew");
  assert.equal(await send(machine, ["team@a.test"]), "250 2.0.0");
  assert.deepEqual(await counts(machine), [2, 1]);
  assert.deepEqual(
    (await machine.queue()).map(item => item.recipient),
    ["alice@a.test"],
  );
  machine.mta.start();
  await machine.advance(MINUTE);
  const [item] = await machine.queue();
  assert.match(item!.lastReply, /full/);
  await setQuota(machine, "alice@a.test", { octets: 10_000, messages: undefined });
  await machine.advance(DAY);
  assert.deepEqual([await counts(machine), await machine.queue()], [[3, 1], []]);
  assert.match((await machine.inbox("alice@a.test"))[2]!, /^Return-Path: <eve@a\.test>\r\n/);
});

test("who stays full too long is told of to the sender", async t => {
  const machine = await server(t);
  await fill(machine);
  await send(machine, ["team@a.test"]);
  await send(machine, ["team@a.test"]);
  machine.mta.start();
  await machine.advance(8 * DAY);
  assert.deepEqual([await counts(machine), await machine.queue()], [[2, 1], []]);
  const reports = await machine.inbox("eve@a.test");
  assert.match(reports.at(-1)!, /alice@a\.test[\s\S]*4\.2\.2/);
});
