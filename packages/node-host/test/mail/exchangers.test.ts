import assert from "node:assert/strict";
import { test } from "node:test";
import { simulation } from "@scop/sim";
import { reply, type ServerHandler } from "@scop/smtp";
import { serveSmtp } from "@scop/smtp/run";
import { senderOver } from "../../src/mail/sender.ts";
import { HELLO } from "./raw.ts";

/** A world where each domain has an exchanger of its own, and nobody is at home at `dead.test`. */
function world() {
  const { network, zone, platform, until } = simulation();
  const heard: string[] = [];
  let open = 0;
  let most = 0;
  const serve = (address: string, hostname: string): void => {
    const handler: ServerHandler = {
      mail: async () => undefined,
      recipient: async () => undefined,
      data: async (_session, { recipients }) => ({
        write: () => undefined,
        end: async () => {
          for (const path of recipients)
            heard.push(`${hostname} ${path.kind === "mailbox" ? path.mailbox.localPart : path.kind}`);
          return reply(250, "2.0.0", "Taken");
        },
        abort: () => undefined,
      }),
    };
    network.listen(address, 25, async connection => {
      open += 1;
      most = Math.max(most, open);
      await serveSmtp(platform(address), connection, { hostname, handler, authRequired: "no", tls: "none" });
      open -= 1;
    });
  };
  for (const [name, address] of [
    ["a", "192.0.2.1"],
    ["b", "192.0.2.2"],
    ["c", "192.0.2.3"],
  ] as const) {
    zone.mx.set(`${name}.test`, [{ preference: 10, exchange: `mx.${name}.test` }]);
    zone.addresses.set(`mx.${name}.test`, [address]);
    serve(address, `mx.${name}.test`);
  }
  zone.mx.set("dead.test", [{ preference: 10, exchange: "mx.dead.test" }]);
  zone.addresses.set("mx.dead.test", ["192.0.2.9"]);
  zone.mx.set("null.test", [{ preference: 0, exchange: "" }]);
  return { io: platform("192.0.2.100"), until, heard, most: () => most };
}

test("each domain's recipients go to its own exchanger, and one that is dead costs the others nothing", async () => {
  const { io, until, heard } = world();
  const sender = senderOver(io, { hostname: "c.example" });
  const to = ["u1@a.test", "u2@b.test", "u3@dead.test", "u4@a.test", "u5@null.test", "u6@nowhere.test"];
  const { delivered, failed } = await until(sender.send({ from: "ann@example.com", to, message: HELLO }));
  assert.deepEqual(
    delivered.map(({ recipient, host }) => [recipient, host]),
    [
      ["u1@a.test", "mx.a.test"],
      ["u2@b.test", "mx.b.test"],
      ["u4@a.test", "mx.a.test"],
    ],
  );
  assert.deepEqual(
    failed.map(({ recipient, lasting, status }) => [recipient, lasting, status]),
    [
      ["u3@dead.test", "temporary", "4.4.1"],
      ["u5@null.test", "permanent", "5.1.10"],
      ["u6@nowhere.test", "permanent", "5.1.2"],
    ],
  );
  assert.deepEqual(heard.sort(), ["mx.a.test u1", "mx.a.test u4", "mx.b.test u2"]);
  await until(sender.close());
});

test("destinations take turns where connections are few", async () => {
  const { io, until, heard, most } = world();
  const sender = senderOver(io, { hostname: "c.example", limits: { connectionsMax: 1, messagesPerConnectionMax: 2 } });
  const send = (to: string) => sender.send({ from: "ann@example.com", to: [to], message: HELLO });
  const all = Array.from({ length: 30 }, (_, index) => send(`u${index}@${"abc"[index % 3]}.test`));
  const reports = await until(Promise.all(all));
  assert.deepEqual(
    reports.flatMap(({ failed }) => failed),
    [],
  );
  assert.equal(heard.length, 30);
  assert.equal(most(), 1);
  // Nobody waited until all of another destination was done
  assert.equal(new Set(heard.slice(0, 6).map(line => line.split(" ")[0])).size, 3);
  await until(sender.close());
});
