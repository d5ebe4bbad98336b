import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Backend, BackendFailure, Outcome } from "@scop/imap";
import { serveImap } from "@scop/imap/run";
import { createAuthenticator, deriveVerifier } from "@scop/sasl";
import { type Simulation, simulation } from "@scop/sim";
import type { Store } from "@scop/store";
import { openSqliteStore } from "@scop/store/sqlite";
import { latin1Bytes } from "@scop/wire";
import { createMailstore, type Mailstore } from "../src/index.ts";
import { Client } from "./client.ts";

export const ALICE = "alice@scop.test";
export const BOB = "bob@scop.test";

/** A server with alice and bob, on a real store in a folder of its own. */
export interface World {
  readonly sim: Simulation;
  readonly folder: string;
  readonly store: Store;
  readonly mailstore: Mailstore;
  /** Alice's mailboxes, without a protocol in between. */
  readonly backend: Backend;
  /** A new connection where somebody is logged in: alice, unless it is said. */
  client(address?: string): Promise<Client>;
  /** Removes everything. */
  close(): Promise<void>;
}

/** Opens a world. Somebody has to close it. */
export async function openWorld(databaseOctetsMax?: number): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "scop-mailstore-"));
  const sim = simulation(7);
  const io = sim.platform("192.0.2.1");
  const most = databaseOctetsMax === undefined ? {} : { databaseOctetsMax };
  const fatal = (error: Error): never => {
    throw error;
  };
  const store = await openSqliteStore({ folder, now: sim.clock.now, owner: "daemon", fatal, ...most });
  const mailstore = createMailstore(io, store);
  const verifier = await deriveVerifier(io, "secret", 4096);
  const mailboxes = [{ name: "Sent", specialUse: "\\Sent" }] as const;
  const added = await store.transaction({
    changes: [
      { change: "add-domain", domain: "scop.test" },
      { change: "add-account", address: ALICE, verifier, mailboxes },
      { change: "add-account", address: BOB, verifier, mailboxes },
    ],
  });
  if (!added.ok) throw new Error(added.refusal);
  const authenticator = createAuthenticator(io, async name => {
    const account = await store.accountByAddress(name);
    return account && { identity: account.address, verifier: account.verifier };
  });
  sim.network.listen("192.0.2.1", 993, connection => {
    const openBackend = mailstore.openBackend;
    void serveImap(io, connection, { hostname: "mail.scop.test", authenticator, openBackend, tls: "active" });
  });
  const client = async (address = ALICE): Promise<Client> => {
    const to = { address: "192.0.2.1", port: 993, timeoutMs: 1000 };
    const opened = new Client(sim, await sim.network.from("192.0.2.9").connect(to));
    await opened.until("\r\n");
    await opened.run(`LOGIN ${address} secret`);
    return opened;
  };
  const close = async (): Promise<void> => {
    mailstore.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { sim, folder, store, mailstore, backend: await mailstore.openBackend(ALICE), client, close };
}

/** Opens a world that goes with its test. */
export async function world(t: TestContext, databaseOctetsMax?: number): Promise<World> {
  const opened = await openWorld(databaseOctetsMax);
  t.after(opened.close);
  return opened;
}

/** What was answered; fails where it was refused. */
export function value<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`refused: ${outcome.failure}`);
  return outcome.value;
}

/** Why it was refused, or `ok`. */
export function failure(outcome: Outcome<unknown>): BackendFailure | "ok" {
  return outcome.ok ? "ok" : outcome.failure;
}

/** Appends a message in pieces; answers its UID, or why there is none. */
export async function append(
  backend: Backend,
  name: string,
  message: string,
  flags: readonly string[] = [],
): Promise<number | BackendFailure> {
  const bytes = latin1Bytes(message);
  const opened = await backend.append(name);
  if (!opened.ok) return opened.failure;
  const refused = await opened.value.begin({ octets: bytes.length, flags, internalDate: undefined });
  if (refused !== undefined) {
    await opened.value.abort();
    return refused;
  }
  const third = Math.ceil(bytes.length / 3);
  for (let at = 0; at < bytes.length; at += third) {
    const wrong = await opened.value.write(bytes.subarray(at, at + third));
    if (wrong === undefined) continue;
    await opened.value.abort();
    return wrong;
  }
  const appended = await opened.value.finish();
  return appended.ok ? appended.value.uids[0]! : appended.failure;
}

/** A message of at least so many octets. */
export function message(subject: string, octets = 0): string {
  return `Subject: ${subject}\r\n\r\n${"0123456789abcdef\r\n".repeat(Math.ceil(octets / 18))}`;
}

/** Files of large messages, unfinished ones too. */
export function blobFiles({ folder }: Pick<World, "folder">): readonly string[] {
  const blobs = join(folder, "blobs");
  return readdirSync(blobs, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));
}
