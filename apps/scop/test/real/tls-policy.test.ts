import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect as connectTcp, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseResolver } from "@scop/dns";
import { createMta, type Mta } from "@scop/mta";
import { nodePlatform, type TlsIdentity } from "@scop/node-host";
import { selfSigned } from "@scop/node-host/self-signed";
import type { Net, Platform } from "@scop/platform";
import type { Change, Store } from "@scop/store";
import { openSqliteStore } from "@scop/store/sqlite";
import { parseStsPolicy, type StsMemory } from "@scop/tls-policy";
import { utf8Bytes } from "@scop/wire";
import { runPostfix, SERVICES } from "../../../../bench/peers/postfix.ts";
import { NO_VERIFIER } from "../../../../packages/mta/test/fixtures.ts";
import { endpoint, give } from "../../../../packages/mta/test/world.ts";
import { freePorts } from "../../crash/server-process.ts";
import { type DnsLab, labMissing, startDnsLab } from "./dns-lab.ts";
import { maildirMessages } from "./maildir.ts";
import { missing } from "./program.ts";

const skip =
  labMissing() ||
  missing("postconf", "-d", /mail_version/) ||
  (process.getuid?.() === 0 ? false : "Postfix can only be started by root");

/** Names that stand in the certificate of the mail server and of the web server. */
const NAMES = ["mx.good", "mx.ta", "mx.strip", "mx.wrong"].map(name => `${name}.safe.test`);
const OPEN_NAMES = [
  "mx.sts",
  "mx.stripped",
  "mx.old",
  "mta-sts.sts",
  "mta-sts.stripped",
  "mta-sts.old",
  "mta-sts.other",
];
const identity = await selfSigned({
  names: [...NAMES, ...OPEN_NAMES.map(name => `${name}.open.test`)],
  now: Date.now(),
});

/** Where the mail server is, and where somebody sits before it who takes STARTTLS out. */
const HONEST = "127.0.0.2";
const STRIPPED = "127.0.0.3";

function keyHash(own: TlsIdentity): string {
  const key = new X509Certificate(own.certificate).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("hex");
}

function exchanger(domain: string, address: string): readonly string[] {
  return [`${domain} IN MX 1 mx.${domain}`, `mx.${domain} IN A ${address}`];
}

function tlsa(domain: string, data: string): string {
  return `_25._tcp.mx.${domain} IN TLSA ${data}`;
}

function sts(domain: string): readonly string[] {
  return [`_mta-sts.${domain} IN TXT "v=STSv1; id=2;"`, `mta-sts.${domain} IN A 127.0.0.1`];
}

const RIGHT = keyHash(identity);
const ZONES = [
  {
    origin: "safe.test",
    records: [
      ...[...exchanger("good", HONEST), tlsa("good", `3 1 1 ${RIGHT}`)],
      ...[...exchanger("ta", HONEST), tlsa("ta", `2 1 1 ${RIGHT}`)],
      ...[...exchanger("wrong", HONEST), tlsa("wrong", `3 1 1 ${"00".repeat(32)}`)],
      ...[...exchanger("strip", STRIPPED), tlsa("strip", `3 1 1 ${RIGHT}`)],
    ],
    is: "signed",
  },
  {
    origin: "open.test",
    records: [
      ...exchanger("plain", HONEST),
      ...exchanger("control", STRIPPED),
      ...[...exchanger("sts", HONEST), ...sts("sts")],
      ...[...exchanger("stripped", STRIPPED), ...sts("stripped")],
      ...[...exchanger("other", HONEST), ...sts("other")],
      ...[...exchanger("old", STRIPPED), ...sts("old")],
    ],
    is: "unsigned",
  },
  { origin: "forged.test", records: exchanger("mail", STRIPPED), is: { tampered: STRIPPED, to: "127.0.0.4" } },
  { origin: "expired.test", records: exchanger("mail", STRIPPED), is: "expired" },
] as const;

/** Domains and how their mail ends: under TLS, in the clear, or waiting with a reason. */
const ENDS: readonly (readonly [what: string, domain: string, end: "secured" | "clear" | RegExp])[] = [
  ["no policy", "plain.open.test", "secured"],
  ["no policy, STARTTLS taken out: the laboratory sees what is in the clear", "control.open.test", "clear"],
  ["DANE-EE", "good.safe.test", "secured"],
  ["DANE-TA", "ta.safe.test", "secured"],
  ["a wrong TLSA record", "wrong.safe.test", /TLS failed.*DANE/],
  ["DANE, STARTTLS taken out", "strip.safe.test", /lacks STARTTLS.*DANE/],
  ["MTA-STS", "sts.open.test", "secured"],
  ["MTA-STS, STARTTLS taken out", "stripped.open.test", /lacks STARTTLS.*MTA-STS/],
  ["MTA-STS, a certificate for others", "other.open.test", /TLS failed.*MTA-STS/],
  ["MTA-STS whose remembered policy has expired, STARTTLS taken out", "old.open.test", /lacks STARTTLS.*MTA-STS/],
  ["a zone whose data was changed", "mail.forged.test", /DNS failed/],
  ["a zone whose signatures have expired", "mail.expired.test", /DNS failed/],
];

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Somebody on the way who takes STARTTLS out of what the server says. */
function stripper(port: number): Server {
  return createServer(client => {
    const server = connectTcp(port, "127.0.0.1");
    server.on("data", said => {
      const text = said.toString("latin1").replace(/250-STARTTLS\r\n/g, "");
      client.write(text.replace(/250-([^\r\n]*)\r\n250 STARTTLS\r\n/g, "250 $1\r\n"), "latin1");
    });
    client.on("data", asked => server.write(asked));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on("close", () => other.destroy());
      one.on("error", () => other.destroy());
    }
  });
}

/** Serves the policy of whichever domain is asked for. */
function policyServer(): Server {
  return createHttpsServer({ cert: identity.certificate, key: identity.key }, (asked, response) => {
    const domain = (asked.headers.host ?? "").replace(/^mta-sts\./, "").replace(/:\d+$/, "");
    response.setHeader("content-type", "text/plain");
    response.end(`version: STSv1\r\nmode: enforce\r\nmx: mx.${domain}\r\nmax_age: 86400\r\n`);
  });
}

function expiredMemory(): StsMemory {
  const policy = parseStsPolicy(utf8Bytes("version: STSv1\nmode: none\nmax_age: 60\n"));
  assert.ok(policy.ok);
  return { policy: { value: policy.value, id: "1", fetchedAt: Date.now() - 61_000 }, failedAt: undefined };
}

async function startReceiver(folder: string, port: number): Promise<{ stop(): Promise<void> }> {
  const own = join(folder, "postfix");
  await mkdir(own);
  await writeFile(join(folder, "tls.pem"), `${identity.key}${identity.certificate}`, { mode: 0o600 });
  await writeFile(join(folder, "boxes"), ENDS.map(([, domain]) => `user@${domain} Maildir/\n`).join(""));
  const settings = {
    myhostname: "mx.lab.test",
    virtual_mailbox_domains: ENDS.map(([, domain]) => domain).join(" "),
    virtual_mailbox_maps: `texthash:${join(folder, "boxes")}`,
    virtual_mailbox_base: folder,
    virtual_uid_maps: "static:65534",
    virtual_gid_maps: "static:65534",
    smtpd_tls_chain_files: join(folder, "tls.pem"),
    smtpd_tls_security_level: "may",
    smtpd_tls_received_header: "yes",
  };
  const services = [...SERVICES, "virtual unix - n n - - virtual", "tlsmgr unix - - n 1000? 1 tlsmgr"];
  const running = await runPostfix(own, settings, services, port);
  if (typeof running === "string") throw new Error(running);
  return running;
}

/** Port 25 of the addresses of the laboratory is a high port of loopback. */
function labNet(net: Net, ports: ReadonlyMap<string, number>): Net {
  return {
    connect: to =>
      net.connect({ ...to, address: "127.0.0.1", port: to.port === 25 ? (ports.get(to.address) ?? 1) : to.port }),
  };
}

async function startSender(folder: string, io: Platform): Promise<{ mta: Mta; store: Store }> {
  const store = await openSqliteStore({
    folder,
    now: io.clock.now,
    owner: "daemon",
    fatal: error => assert.fail(error),
  });
  const changes: readonly Change[] = [
    { change: "add-domain", domain: "sender.test" },
    { change: "add-account", address: "alice@sender.test", verifier: NO_VERIFIER, mailboxes: [] },
  ];
  assert.ok((await store.transaction({ changes })).ok);
  const stsMemories = new Map<string, StsMemory>([["old.open.test", expiredMemory()]]);
  return { mta: createMta(io, store, { hostname: "mx.sender.test", stsMemories }), store };
}

async function submit(mta: Mta, domain: string): Promise<void> {
  const message = `From: alice@sender.test\r\nTo: user@${domain}\r\nSubject: to ${domain}\r\n\r\nHi\r\n`;
  const session = {
    ...{ remote: endpoint("127.0.0.1", 50_000), local: endpoint("127.0.0.1", 587), tls: undefined },
    ...{ helo: "client.test", extended: true, identity: "alice@sender.test" },
  };
  const letter = { from: "alice@sender.test", to: [`user@${domain}`], message };
  assert.equal((await give(mta.receiver("submission"), session, letter)).code, 250);
}

const ARRIVAL_MS_MAX = 30_000;
const POLL_MS = 100;

describe("mail keeps the policies of its destinations, with nsd, unbound and Postfix", { skip }, () => {
  const stops: (() => unknown)[] = [];
  let maildir: string;
  let store: Store;

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), "scop-tls-"));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755);
    maildir = join(folder, "Maildir");
    await mkdir(maildir);
    await chmod(maildir, 0o777);
    const lab: DnsLab = await startDnsLab(ZONES, identity);
    stops.push(lab.stop);
    const { smtp } = await freePorts();
    stops.push((await startReceiver(folder, smtp)).stop);
    const strip = stripper(smtp);
    const web = policyServer();
    const ports = new Map([[HONEST, smtp]]);
    ports.set(STRIPPED, await listening(strip)).set("127.0.0.4", ports.get(STRIPPED)!);
    const httpsPort = await listening(web);
    stops.push(
      () => strip.close(),
      () => web.close(),
    );
    const resolvers = [parseResolver(lab.resolver)!];
    const platform = nodePlatform({ resolvers, trust: identity.certificate, httpsPort });
    const sender = await startSender(join(folder, "store"), { ...platform, net: labNet(platform.net, ports) });
    store = sender.store;
    stops.push(
      () => store.close(),
      () => sender.mta.stop(),
    );
    for (const [, domain] of ENDS) await submit(sender.mta, domain);
    sender.mta.start();
    await tried();
  });
  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  /** Waits until each message was tried once and what was taken has arrived. */
  async function tried(): Promise<void> {
    const waiting = ENDS.filter(([, , end]) => end instanceof RegExp).length;
    for (let waited = 0; waited < ARRIVAL_MS_MAX; waited += POLL_MS) {
      const queue = await store.queue({ limit: 100 });
      const arrived = await maildirMessages(maildir);
      const isTried = queue.length === waiting && queue.every(item => item.attempts > 0);
      if (isTried && arrived.length === ENDS.length - waiting) return;
      await sleep(POLL_MS);
    }
  }

  async function endOf(domain: string): Promise<string> {
    const arrived = (await maildirMessages(maildir)).map(message => message.toString("latin1"));
    const message = arrived.find(text => text.includes(`Subject: to ${domain}\r\n`));
    if (message !== undefined) return /\(using TLSv1\.[23] /.test(message) ? "secured" : "clear";
    const item = (await store.queue({ limit: 100 })).find(each => each.recipient === `user@${domain}`);
    return item?.lastReply ?? "lost";
  }

  for (const [what, domain, end] of ENDS) {
    it(`${what}: ${end instanceof RegExp ? "waits, with the reason" : end}`, async () => {
      const found = await endOf(domain);
      if (typeof end === "string") assert.equal(found, end);
      else assert.match(found, end);
    });
  }

  it("nothing went in the clear but the control, and nothing is lost", async () => {
    const ends = await Promise.all(ENDS.map(([, domain]) => endOf(domain)));
    assert.equal(ends.filter(end => end === "clear").length, 1);
    assert.ok(!ends.includes("lost"));
  });
});
