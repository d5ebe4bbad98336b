import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { parseForwardPath, parseReversePath } from "@scop/address";
import type { Signer } from "@scop/dkim";
import type { Endpoint, IpText, Platform, TlsInfo } from "@scop/platform";
import { type Simulation, simulation, type Weather } from "@scop/sim";
import type {
  Envelope,
  Extension,
  MailParameters,
  MessageSink,
  RecipientParameters,
  Reply,
  ServerHandler,
  SessionFacts,
} from "@scop/smtp";
import { serveSmtp } from "@scop/smtp/run";
import type { Change, QueueRecord, Store } from "@scop/store";
import { openSqliteStore } from "@scop/store/sqlite";
import { latin1, latin1Bytes } from "@scop/wire";
import { createMta, type Mta, type MtaConfig } from "../src/index.ts";
import { NO_VERIFIER } from "./fixtures.ts";

/** One server: its store, its stages, and its place in the network. */
export interface Machine {
  readonly hostname: string;
  readonly address: string;
  readonly io: Platform;
  readonly store: Store;
  readonly mta: Mta;
  readonly world: Simulation;
  /** What a client at this address is, without having logged in. */
  session(facts?: Partial<SessionFacts>): SessionFacts;
  /** The messages in the INBOX of an account, oldest first, one character an octet. */
  inbox(address: string): Promise<readonly string[]>;
  queue(): Promise<readonly QueueRecord[]>;
}

/** How a machine is set up. */
export interface MachineSetup {
  readonly hostname: string;
  readonly address: string;
  readonly domains: readonly string[];
  readonly accounts: readonly string[];
  readonly aliases?: Readonly<Record<string, readonly string[]>>;
  readonly config?: Partial<MtaConfig>;
  readonly signer?: Signer;
  /** Default `offered`. `none`: somebody on the way takes STARTTLS out of what the server says. */
  readonly tls?: "offered" | "none";
  readonly extensions?: readonly Extension[];
  /** Changes the store before the stages get it. */
  readonly disturb?: (store: Store) => Store;
}

/** A simulated world whose machines end with the test. */
export interface World extends Simulation {
  machine(setup: MachineSetup): Promise<Machine>;
}

export function world(t: TestContext, seed = 1, weather?: Weather): World {
  const sim = simulation(seed, weather);
  return { ...sim, machine: setup => machine(t, sim, setup) };
}

async function machine(t: TestContext, sim: Simulation, setup: MachineSetup): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), "scop-mta-"));
  const io = sim.platform(setup.address);
  const real = await openSqliteStore({
    folder,
    now: io.clock.now,
    owner: "daemon",
    // No test here cuts the power, and thousands of syncs take their time.
    synchronous: "NORMAL",
    fatal: error => t.diagnostic(`the store failed, seed ${sim.seed}: ${error.message}`),
  });
  const store = setup.disturb?.(real) ?? real;
  const changes: Change[] = [
    ...setup.domains.map((domain): Change => ({ change: "add-domain", domain })),
    ...setup.accounts.map(
      (address): Change => ({ change: "add-account", address, verifier: NO_VERIFIER, mailboxes: [] }),
    ),
    ...Object.entries(setup.aliases ?? {}).map(
      ([address, targets]): Change => ({ change: "put-alias", address, targets }),
    ),
  ];
  const result = await real.transaction({ changes });
  if (!result.ok) throw new Error(`setup refused: ${result.refusal} at ${result.at}`);
  const mta = createMta(
    io,
    store,
    { hostname: setup.hostname, verify: { peers: "none" }, ...setup.config },
    setup.signer,
  );
  for (const domain of setup.domains) sim.zone.mx.set(domain, [{ preference: 10, exchange: setup.hostname }]);
  sim.zone.addresses.set(setup.hostname, [setup.address]);
  const handler = mta.receiver("mx");
  const unlisten = sim.network.listen(setup.address, 25, connection => {
    void serveSmtp(io, connection, {
      hostname: setup.hostname,
      handler,
      authRequired: "no",
      tls: setup.tls ?? "offered",
      ...(setup.extensions === undefined ? {} : { extensions: setup.extensions }),
    });
  });
  t.after(async () => {
    unlisten();
    await sim.until(mta.stop());
    await real.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    hostname: setup.hostname,
    address: setup.address,
    io,
    store: real,
    mta,
    world: sim,
    session: (facts = {}) => ({
      remote: endpoint("192.0.2.200", 50_000),
      local: endpoint(setup.address, 25),
      tls: undefined,
      helo: "client.example",
      extended: true,
      identity: undefined,
      ...facts,
    }),
    inbox: address => inbox(real, address),
    queue: () => real.queue({ limit: 1000 }),
  };
}

export const TLS: TlsInfo = { protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", verified: false };

export function endpoint(address: string, port: number): Endpoint {
  return { address: address as IpText, port };
}

async function inbox(store: Store, address: string): Promise<readonly string[]> {
  const account = await store.accountByAddress(address);
  const mailbox = account && (await store.mailboxByName(account.id, "INBOX"));
  if (!mailbox) throw new Error(`no INBOX of ${address}`);
  const entries = await store.entries(mailbox.id);
  return Promise.all(entries.map(async entry => latin1(await store.readBlob(entry.blob))));
}

/** What a client says, and how it cuts the message. */
export interface Letter {
  readonly from: string;
  readonly to: readonly string[];
  readonly message: string | Uint8Array;
  readonly parameters?: Partial<MailParameters>;
  /** What is said about some of the recipients. */
  readonly dsn?: Readonly<Record<string, RecipientParameters>>;
  readonly pieceOctets?: number;
}

/** A session with one message, as the server's machine would hold it with the stage; answers the first refusal or the end. */
export async function give(handler: ServerHandler, session: SessionFacts, letter: Letter): Promise<Reply> {
  const parameters: MailParameters = { size: undefined, body: "8bitmime", utf8: false, ...letter.parameters };
  const reverse = parseReversePath(`<${letter.from}>`);
  if (!reverse.ok) throw new Error(`not a reverse-path: ${letter.from}`);
  const refused = await handler.mail(session, reverse.value.path, parameters);
  if (refused) return refused;
  let envelope: Envelope = { reversePath: reverse.value.path, parameters, recipients: [], recipientParameters: [] };
  for (const to of letter.to) {
    const path = parseForwardPath(`<${to}>`);
    if (!path.ok) throw new Error(`not a forward-path: ${to}`);
    const asked = letter.dsn?.[to] ?? {};
    const no = await handler.recipient(session, path.value.path, envelope, asked);
    if (no) return no;
    envelope = {
      ...envelope,
      recipients: [...envelope.recipients, path.value.path],
      recipientParameters: [...envelope.recipientParameters, asked],
    };
  }
  const sink = await handler.data(session, envelope);
  return "write" in sink ? pour(sink, letter) : sink;
}

async function pour(sink: MessageSink, letter: Letter): Promise<Reply> {
  const bytes = typeof letter.message === "string" ? latin1Bytes(letter.message) : letter.message;
  const piece = letter.pieceOctets ?? 65_536;
  for (let at = 0; at < bytes.length; at += piece) await sink.write(bytes.slice(at, at + piece));
  return sink.end();
}

/** One line of a reply, as in `250 2.0.0`. */
export function code(reply: Reply): string {
  return `${reply.code} ${reply.enhanced}`;
}
