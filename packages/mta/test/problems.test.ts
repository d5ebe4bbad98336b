import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, type Script, scriptedServer } from "./scripted-server.ts";
import { A, against, field, MINUTE, SECOND, started, submit } from "./servers.ts";
import { world } from "./world.ts";

const PROBLEMS: readonly (readonly [what: string, script: Script, is: "retry" | "failed", says: RegExp])[] = [
  ["450 to RCPT", { answer: says("RCPT", "450 4.2.1 greylisted") }, "retry", /greylisted/u],
  ["550 to RCPT", { answer: says("RCPT", "550 5.1.1 who?") }, "failed", /5\.1\.1/u],
  ["552 to RCPT", { answer: says("RCPT", "552 5.2.2 too many") }, "retry", /too many/u],
  ["451 to MAIL", { answer: says("MAIL", "451 4.7.1 slow down") }, "retry", /slow down/u],
  ["550 to MAIL", { answer: says("MAIL", "550 5.7.1 no") }, "failed", /5\.7\.1/u],
  ["554 to the message", { final: () => "554 5.6.0 bad" }, "failed", /5\.6\.0/u],
  ["452 to the message", { final: () => "452 4.3.1 full" }, "retry", /full/u],
  ["a reply without an enhanced code", { final: () => "554 bad" }, "failed", /5\.0\.0/u],
  ["an end instead of a reply to the message", { final: () => "close" }, "retry", /./u],
  ["nonsense instead of a greeting", { greeting: "hello" }, "retry", /./u],
  ["554 as greeting", { greeting: "554 5.3.2 go away" }, "retry", /./u],
  ["silence", { greeting: "silence" }, "retry", /./u],
];

function says(verb: string, answer: Answer): (line: string) => Answer | undefined {
  return line => (line.startsWith(verb) ? answer : undefined);
}

for (const [what, script, is, pattern] of PROBLEMS) {
  test(`${what} leads to ${is === "retry" ? "a later attempt" : "a report"}`, async t => {
    const { here, a } = await against(t, script);
    await submit(a, ["carol@c.test"]);
    await here.advance(6 * MINUTE);
    const [item] = await a.queue();
    const [report] = await a.inbox("alice@a.test");
    assert.equal(item !== undefined, is === "retry");
    assert.equal(report !== undefined, is === "failed");
    assert.match(item?.lastReply ?? field(report, "Status")!, pattern);
  });
}

test("a greylisted message is taken at the next attempt", async t => {
  let attempts = 0;
  const { here, a, heard } = await against(t, {
    answer: line => {
      if (line.startsWith("RCPT")) attempts += 1;
      return line.startsWith("RCPT") && attempts === 1 ? "450 4.2.1 later" : undefined;
    },
  });
  await submit(a, ["carol@c.test"]);
  await here.advance(7 * MINUTE);
  assert.equal(heard.messages.length, 1);
  assert.deepEqual(await a.queue(), []);
});

test("when the first exchanger refuses, is dead or busy, the next one is tried at once", async t => {
  const { here, a, heard } = await against(t, {});
  const busy = scriptedServer({ greeting: "421 4.3.2 busy" });
  here.network.listen("192.0.2.4", 25, busy.accept);
  here.network.dead("192.0.2.5", true);
  here.zone.addresses.set("refuses.c.test", ["192.0.2.9"]);
  here.zone.addresses.set("busy.c.test", ["192.0.2.4"]);
  here.zone.addresses.set("dead.c.test", ["192.0.2.5"]);
  const names = ["refuses.c.test", "busy.c.test", "nameless.c.test", "dead.c.test", "mx.c.test"];
  here.zone.mx.set(
    "c.test",
    names.map((exchange, preference) => ({ preference, exchange })),
  );
  await submit(a, ["carol@c.test"]);
  await here.advance(31 * SECOND);
  assert.equal(busy.heard.connections, 1);
  assert.equal(heard.messages.length, 1);
  assert.deepEqual(await a.queue(), []);
});

test("no more than ten addresses are tried in one attempt", async t => {
  const { here, a } = await against(t, {});
  const tried: string[] = [];
  const addresses = Array.from({ length: 30 }, (_, index) => `198.51.100.${index}`);
  for (const address of addresses) {
    here.network.listen(address, 25, connection => {
      tried.push(connection.local.address);
      connection.abort();
    });
  }
  here.zone.addresses.set("mx.c.test", addresses);
  await submit(a, ["carol@c.test"]);
  await here.advance(MINUTE);
  assert.deepEqual(tried, addresses.slice(0, 10));
});

test("when TLS is offered and fails, the mail goes in the clear, unless TLS is required", async t => {
  const script: Script = {
    extensions: ["STARTTLS", "8BITMIME"],
    answer: line => (line === "STARTTLS" ? "tls-failure" : undefined),
  };
  const opportunistic = await against(t, script);
  await submit(opportunistic.a, ["carol@c.test"]);
  await opportunistic.here.advance(SECOND);
  assert.equal(opportunistic.heard.messages.length, 1);
  assert.equal(opportunistic.heard.connections, 2);
  assert.ok([...opportunistic.here.counted.keys()].some(name => name.startsWith("mta_tls_fallbacks_total")));
  const transports = new Map([["c.test", { host: "192.0.2.3", port: 25, tls: "require" as const }]]);
  const strict = await against(t, script, { config: { transports } });
  await submit(strict.a, ["carol@c.test"]);
  await strict.here.advance(SECOND);
  assert.equal(strict.heard.messages.length, 0);
  assert.equal((await strict.a.queue())[0]!.attempts, 1);
});

test("an octet above 127 needs 8BITMIME and an international address needs SMTPUTF8, or a report says so", async t => {
  const { here, a, heard } = await against(t, { extensions: ["PIPELINING"] });
  await submit(a, ["carol@c.test"], "eight bit", "\xe4\r\n");
  await here.advance(SECOND);
  await submit(a, ["j\u00f6rg@c.test"]);
  await here.advance(SECOND);
  const reports = await a.inbox("alice@a.test");
  assert.deepEqual(
    reports.map(report => field(report, "Status")),
    ["5.6.3", "5.6.7"],
  );
  assert.equal(heard.messages.length, 0);
  assert.deepEqual(await a.queue(), []);
});

test("destinations without a way are reported with the reason", async t => {
  const here = world(t);
  const a = await started(here, A);
  here.zone.mx.set("null.test", [{ preference: 0, exchange: "" }]);
  here.zone.mx.set("me.test", [{ preference: 0, exchange: "mx.a.test" }]);
  here.zone.failing.add("slow.test");
  for (const domain of ["none.test", "null.test", "me.test", "slow.test"]) await submit(a, [`x@${domain}`]);
  await here.advance(SECOND);
  const reports = await a.inbox("alice@a.test");
  assert.deepEqual(reports.map(report => field(report, "Status")).toSorted(), ["5.1.10", "5.1.2", "5.4.6"]);
  const [item] = await a.queue();
  assert.equal(item!.destination, "slow.test");
  assert.match(item!.lastReply, /name servers/u);
});
