import assert from "node:assert/strict";
import { test } from "node:test";
import { simulation } from "@scop/sim";
import { serveSmtp } from "@scop/smtp/run";
import { refuse } from "../../src/mail/index.ts";
import { handlerOf } from "../../src/mail/receiver.ts";
import { senderOver } from "../../src/mail/sender.ts";
import { HELLO } from "./raw.ts";

test("a receiver is told who answers for a message, and refuses what nobody does", async () => {
  const { network, zone, platform, until } = simulation();
  zone.txt.set("example.com", ["v=spf1 ip4:192.0.2.100 -all"]);
  zone.txt.set("_dmarc.example.com", ["v=DMARC1; p=reject"]);
  zone.addresses.set("mx.example.org", ["192.0.2.1"]);
  zone.mx.set("example.org", [{ preference: 10, exchange: "mx.example.org" }]);
  const seen: unknown[] = [];
  const handler = handlerOf(
    {
      hostname: "mx.example.org",
      onMessage: async ({ message, verify }) => {
        const { spf, dkim, arc, dmarc } = await verify(await message.bytes());
        seen.push([spf.result, dkim.length, arc.result, dmarc.result]);
        if (dmarc.result === "fail") return refuse("Nobody answers for it", "5.7.26");
        return undefined;
      },
    },
    platform("192.0.2.1"),
  );
  network.listen("192.0.2.1", 25, connection =>
    serveSmtp(platform("192.0.2.1"), connection, {
      hostname: "mx.example.org",
      handler,
      authRequired: "no",
      tls: "none",
    }),
  );
  const send = async (from: string) => {
    const sender = senderOver(platform(from), { hostname: "client.example.com" });
    const report = await until(sender.send({ from: "ann@example.com", to: ["bob@example.org"], message: HELLO }));
    await until(sender.close());
    return report;
  };
  assert.equal((await send("192.0.2.100")).delivered.length, 1);
  const [forged] = (await send("192.0.2.66")).failed;
  assert.equal(forged?.status, "5.7.26");
  assert.deepEqual(seen, [
    ["pass", 1, "none", "pass"],
    ["fail", 1, "none", "fail"],
  ]);
});
