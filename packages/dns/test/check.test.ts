import assert from "node:assert/strict";
import { test } from "node:test";
import { type DnsCheck, type DnsQuestion, openCheck, runCheck } from "@scop/dns/check";
import { withBudget } from "@scop/dns/run";
import { parseZone, zoneDns } from "@scop/dns/zone";
import type { Dns, DnsAnswer, Timers } from "@scop/platform";
import { simulation, virtualTime } from "@scop/sim";
import { parseIp } from "@scop/wire";

const zone = parseZone({
  "a.test": { TXT: ["text"], A: ["192.0.2.1"], AAAA: ["2001:db8::1"], MX: [{ preference: 1, exchange: "mx.a.test" }] },
  "\\032b\\\\.test": { TXT: ["odd"] },
  "1.2.0.192.in-addr.arpa": { PTR: ["a.test"] },
});
assert.ok(zone.ok);
const dns = zoneDns(zone.zone);

function* askAll(questions: readonly DnsQuestion[]): DnsCheck<readonly string[]> {
  const found: string[] = [];
  for (const question of questions) {
    const answer = yield question;
    found.push(answer.found === "records" ? answer.records.join(",") : answer.found);
  }
  return found;
}

test("a check is given what its questions ask for", async () => {
  const address = parseIp("192.0.2.1");
  assert.ok(address.ok);
  const questions: readonly DnsQuestion[] = [
    { type: "TXT", name: "a.test" },
    { type: "A", name: "a.test" },
    { type: "AAAA", name: "a.test" },
    { type: "MX", name: "a.test" },
    { type: "PTR", address: address.value.text },
    { type: "TXT", name: " b\\.test" },
    { type: "TXT", name: "no.test" },
    { type: "MX", name: "no.test" },
  ];
  assert.deepEqual(await runCheck(dns, openCheck(askAll(questions))), [
    "text",
    "192.0.2.1",
    "2001:db8::1",
    "mx.a.test",
    "a.test",
    "odd",
    "no-name",
    "no-name",
  ]);
});

test("an answer to another question is a mistake of the program", () => {
  const machine = openCheck(askAll([{ type: "TXT", name: "a.test" }]));
  assert.throws(() => machine.take({ on: "answer", id: 2, answer: { found: "no-name", authentic: false } }));
});

function budgeted(of: Dns, questionsMax: number): Dns {
  return withBudget(simulation(1).platform("192.0.2.1"), of, { questionsMax, timeMsMax: 1_000 });
}

test("a budget ends look-ups, not the check", async () => {
  const names = ["a.test", "b.test", "a.test", "c.test", "d.test"];
  const questions = names.map((name): DnsQuestion => ({ type: "TXT", name }));
  const found = await runCheck(budgeted(dns, 2), openCheck(askAll(questions)));
  assert.deepEqual(found, ["text", "no-name", "text", "failure", "failure"]);
});

test("what is not answered in time ends together, and a later answer changes nothing", async () => {
  const { clock, timers, advance } = virtualTime();
  let set = 0;
  const counting: Timers = {
    set: (afterMs, fire) => {
      set += 1;
      return timers.set(afterMs, fire);
    },
  };
  const slow = (afterMs: number): Promise<DnsAnswer<string>> =>
    new Promise(resolve => timers.set(afterMs, () => resolve({ found: "no-data", authentic: false })));
  const of: Dns = { ...dns, txt: name => slow(Number(name)) };
  const io = { clock, timers: counting };
  const once = withBudget(io, of, { questionsMax: 9, timeMsMax: 1_000 });
  const asked = ["100", "999", "1001", "5000"].map(name => once.txt(name));
  assert.equal(set, 1, "one timer for all");
  await advance(1_000);
  assert.deepEqual(
    (await Promise.all(asked)).map(({ found }) => found),
    ["no-data", "no-data", "failure", "failure"],
  );
  await advance(10_000);
  assert.equal((await once.txt("1")).found, "failure", "the time is over");
  const again = withBudget(io, of, { questionsMax: 9, timeMsMax: 1_000 });
  const first = again.txt("600");
  await advance(600);
  assert.equal((await first).found, "no-data");
  const second = again.txt("500");
  await advance(400);
  assert.equal((await second).found, "failure", "it has what the first one left");
});

test("every look-up costs of the budget, that of addresses twice", async () => {
  const address = parseIp("192.0.2.1");
  assert.ok(address.ok);
  const asks: readonly ((of: Dns) => Promise<{ readonly found: string }>)[] = [
    of => of.mx("a.test"),
    of => of.a("a.test"),
    of => of.aaaa("a.test"),
    of => of.txt("a.test"),
    of => of.ptr(address.value.text),
    of => of.cname("a.test"),
    of => of.srv("a.test"),
    of => of.tlsa("a.test"),
  ];
  for (const ask of asks) {
    const once = budgeted(dns, 1);
    assert.notEqual((await ask(once)).found, "failure");
    assert.equal((await once.txt("other.test")).found, "failure");
  }
  assert.equal((await budgeted(dns, 1).addresses("a.test")).found, "failure");
  assert.equal((await budgeted(dns, 2).addresses("a.test")).found, "records");
});
