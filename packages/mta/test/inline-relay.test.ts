import assert from "node:assert/strict";
import { test } from "node:test";
import { openKeyCache } from "@scop/dkim";
import { signDkim, wholeMessage } from "@scop/dkim/run";
import type { Connection } from "@scop/platform";
import { type Simulation, simulation } from "@scop/sim";
import { type MessageSink, type RecipientOutcome, type Reply, reply, type ServerHandler } from "@scop/smtp";
import { openSmtpClient, serveSmtp } from "@scop/smtp/run";
import { concat, latin1, latin1Bytes } from "@scop/wire";
import { createRelay } from "../src/inline-relay.ts";
import { mailbox } from "./fixtures.ts";
import { KEY_RECORD, signerOf } from "./signer.ts";

const HOP = "192.0.2.3";
const RELAY = "192.0.2.1";
const MESSAGE = latin1Bytes("Subject: hello\r\n\r\n.a dot\r\n");
const FROM_B = latin1Bytes(
  `From: bob@b.test\r\nAuthentication-Results: MX.test; dkim=pass\r\nSubject: hello\r\n\r\n${"a  line of the body \r\n".repeat(3000)}`,
);

/** What b.test says about itself, and that it wants all else refused. */
function publish(zone: Simulation["zone"]): void {
  zone.txt.set("b.test", ["v=spf1 ip4:192.0.2.2 -all"]);
  zone.txt.set("_dmarc.b.test", ["v=DMARC1; p=reject"]);
  zone.txt.set("s._domainkey.b.test", [KEY_RECORD]);
}

const SETTINGS = {
  verify: { receivedSpf: "yes", onReject: "reject", onQuarantine: "quarantine", trustedSealers: [] },
  reports: { about: [] },
} as const;

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
  options: {
    readonly budgetOctets?: number;
    readonly domains?: ReadonlySet<string>;
    readonly size?: number;
    readonly pieces?: readonly Uint8Array[];
    readonly verifies?: (zone: Simulation["zone"]) => void;
  } = {},
): Promise<RecipientOutcome | undefined> {
  const world = simulation();
  const io = world.platform(RELAY);
  const { budgetOctets = 100_000, domains, size, pieces = [MESSAGE], verifies } = options;
  verifies?.(world.zone);
  const verify = verifies === undefined ? undefined : { io, settings: SETTINGS, keys: openKeyCache(io.crypto) };
  const connect = (): Promise<Connection> => io.net.connect({ address: HOP, port: 25, timeoutMs: 1000 });
  if (hop !== undefined) listen(world, HOP, hopHandler(hop), 100);
  listen(
    world,
    RELAY,
    createRelay(io, { hostname: "mx.test", connect, tls: { mode: "none" }, budgetOctets, domains, verify }),
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
    const [outcome] = await opened.client.send(envelope, pieces);
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

test("what was found out about a message stands before it, and its octets stay but those that say they are ours", async () => {
  const taken: string[] = [];
  const io = simulation().platform("192.0.2.2");
  const signed = latin1Bytes(latin1(FROM_B).replace(/Authentication-Results.*\r\n/, ""));
  const field = await signDkim(io, signerOf(), wholeMessage(signed), "b.test");
  // A header that is cut into pieces, and a body behind it.
  const [head, tail] = [latin1Bytes(field.slice(0, 30)), concat([latin1Bytes(field.slice(30)), FROM_B])];
  assert.equal(said(await relayed({ taken }, { pieces: [head, tail], verifies: publish })), "250 2.0.0 Kept as 7");
  assert.match(
    taken[0]!,
    /^Received-SPF: pass.*\r\n(?:\s.*\r\n)*Received: from b\.test.*\r\n(?:\s.*\r\n)+Authentication-Results: mx\.test;/,
  );
  const [results = ""] = /^Authentication-Results: mx\.test(?:[^\r]|\r\n\s)*/m.exec(taken[0]!) ?? [];
  for (const word of ["spf=pass", "dkim=pass", "dmarc=pass"]) assert.match(results, new RegExp(word));
  assert.ok(taken[0]!.endsWith(`\r\n${field}${latin1(signed)}`));
});

test("a message that nobody answers for is refused here, and the next hop hears nothing of it", async () => {
  const taken: string[] = [];
  const others = (zone: Simulation["zone"]): void => {
    publish(zone);
    zone.txt.set("b.test", ["v=spf1 -all"]);
  };
  assert.match(said(await relayed({ taken }, { pieces: [FROM_B], verifies: others })), /^550 5\.7\.26 .*b\.test/);
  assert.deepEqual(taken, []);
});
