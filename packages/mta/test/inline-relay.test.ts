import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "@scop/platform";
import { type Simulation, simulation } from "@scop/sim";
import { type MessageSink, type RecipientOutcome, type Reply, reply, type ServerHandler } from "@scop/smtp";
import { openSmtpClient, serveSmtp } from "@scop/smtp/run";
import { concat, latin1, latin1Bytes } from "@scop/wire";
import { createRelay } from "../src/inline-relay.ts";
import { mailbox } from "./fixtures.ts";

const HOP = "192.0.2.3";
const RELAY = "192.0.2.1";
const MESSAGE = latin1Bytes("Subject: hello\r\n\r\n.a dot\r\n");

/** The next hop: answers the recipient or the message so, and keeps what it took. */
interface Hop {
  readonly recipient?: Reply;
  readonly end?: Reply;
  readonly taken: string[];
}

function hopHandler(hop: Hop): ServerHandler {
  return {
    mail: async () => undefined,
    recipient: async () => hop.recipient,
    data: async (): Promise<MessageSink> => {
      const pieces: Uint8Array[] = [];
      return {
        write: bytes => {
          pieces.push(bytes);
          return undefined;
        },
        end: async () => {
          hop.taken.push(latin1(concat(pieces)));
          return hop.end ?? reply(250, "2.0.0", "Kept as 7");
        },
        abort: () => undefined,
      };
    },
  };
}

function listen(world: Simulation, address: string, handler: ServerHandler, recipients: number): void {
  const platform = world.platform(address);
  const options = { hostname: "mx.test", handler, authRequired: "no", tls: "none", limits: { recipients } } as const;
  world.network.listen(address, 25, (connection: Connection) => serveSmtp(platform, connection, options));
}

/** Sends one message through a relay to the hop, where there is one; answers what the sender heard. */
async function relayed(
  hop: Hop | undefined,
  options: { readonly budgetOctets?: number; readonly domains?: ReadonlySet<string>; readonly size?: number } = {},
): Promise<RecipientOutcome | undefined> {
  const world = simulation();
  const io = world.platform(RELAY);
  const { budgetOctets = 1000, domains, size } = options;
  const connect = (): Promise<Connection> => io.net.connect({ address: HOP, port: 25, timeoutMs: 1000 });
  if (hop !== undefined) listen(world, HOP, hopHandler(hop), 100);
  listen(
    world,
    RELAY,
    createRelay(io, { hostname: "mx.test", connect, tls: { mode: "none" }, budgetOctets, domains }),
    1,
  );
  const client = world.platform("192.0.2.2");
  const send = async (): Promise<RecipientOutcome | undefined> => {
    const connection = await client.net.connect({ address: RELAY, port: 25, timeoutMs: 1000 });
    const opened = await openSmtpClient(client, connection, { hostname: "b.test", tls: { mode: "none" } });
    if (!opened.ok) return undefined;
    const to = { kind: "mailbox", mailbox: mailbox("alice@a.test") } as const;
    const from = { kind: "mailbox", mailbox: mailbox("bob@b.test") } as const;
    const envelope = { reversePath: from, recipients: [to], eightBit: false, utf8: false, size };
    const [outcome] = await opened.client.send(envelope, [MESSAGE]);
    return outcome;
  };
  return world.until(send());
}

function said(outcome: RecipientOutcome | undefined): string {
  const answer = outcome?.outcome === "delivered" ? outcome.reply : undefined;
  const refusal = outcome !== undefined && "failure" in outcome ? outcome.failure : undefined;
  const heard = answer ?? (refusal?.kind === "reply" ? refusal.reply : undefined);
  return `${heard?.code} ${heard?.enhanced} ${heard?.lines.join(" ")}`;
}

test("the sender hears what the next hop said, which has the message below a Received field", async () => {
  const taken: string[] = [];
  assert.equal(said(await relayed({ taken })), "250 2.0.0 Kept as 7");
  assert.match(
    taken[0]!,
    /^Received: from b\.test \(\[192\.0\.2\.2\]\)\r\n\tby mx\.test with ESMTP id [0-9a-f]{16}\r\n/,
  );
  assert.match(taken[0]!, /\tfor <alice@a\.test>;\r\n\t[^\r\n]+\r\nSubject: hello\r\n\r\n\.a dot\r\n$/);
});

test("refusals of the next hop reach the sender as they are", async () => {
  const unknown = reply(550, "5.1.1", "No such user");
  const later = reply(451, "4.7.1", "Greylisted");
  assert.equal(said(await relayed({ recipient: unknown, taken: [] })), "550 5.1.1 No such user");
  assert.equal(said(await relayed({ end: later, taken: [] })), "451 4.7.1 Greylisted");
});

test("a 421 of the next hop is a 451 of ours, since our session goes on", async () => {
  assert.match(said(await relayed({ recipient: reply(421, "4.3.2", "Closing"), taken: [] })), /^451 4\.4\.2 /);
});

test("without its next hop it answers 451", async () => {
  assert.match(said(await relayed(undefined)), /^451 4\.4\.1 /);
});

test("beyond the budget it answers 452 4.3.1, whether the size was said before or not", async () => {
  const taken: string[] = [];
  assert.match(said(await relayed({ taken }, { budgetOctets: 10, size: MESSAGE.length })), /^452 4\.3\.1 /);
  assert.match(said(await relayed({ taken }, { budgetOctets: 10 })), /^452 4\.3\.1 /);
  assert.deepEqual(taken, []);
});

test("a domain that is not its own is refused", async () => {
  const taken: string[] = [];
  assert.match(said(await relayed({ taken }, { domains: new Set(["b.test"]) })), /^550 5\.7\.1 /);
  assert.match(said(await relayed({ taken }, { domains: new Set(["a.test"]) })), /^250 /);
});
