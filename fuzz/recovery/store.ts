import { cpSync, rmSync } from "node:fs";
import { StoreCorrupt, StoreUnavailable } from "@scop/store";
import { openSqliteStore, type SqliteStore } from "@scop/store/sqlite";

/** A folder with a store, and what is in it. */
interface MadeStore {
  readonly folder: string;
  /** The octets of the messages, by UID. */
  readonly messages: ReadonlyMap<number, Uint8Array>;
}

/** What a damage came to. */
export interface Outcome {
  /**
   * `whole`: all is there. `changed`: all is there, and a message has other octets: SQLite has no sums of them, and neither have we.
   * `last-lost`: the newest message is gone alone.
   */
  readonly what: "refused" | "named" | "whole" | "changed" | "last-lost" | "lost" | "nameless";
  readonly detail: string;
}

const NOW = 1_700_000_000_000;
const ADDRESS = "alice@scop.test";
const SMALL_MESSAGES = 40;
const SMALL_OCTETS = 3_000;
/** Beyond what stands in the database: it has a file of its own. */
const LARGE_OCTETS = 300_000;
const NOBODY = {
  salt: new Uint8Array([1]),
  iterations: 4_096,
  storedKey: new Uint8Array(32),
  serverKey: new Uint8Array(32),
} as const;

function open(folder: string): Promise<SqliteStore> {
  return openSqliteStore({ folder, now: () => NOW, owner: "daemon", fatal: () => undefined });
}

/** Makes a store with mail; of one that was `killed` the log of the database is there, as after a fault of power. */
export async function makeStore(folder: string, end: "closed" | "killed"): Promise<MadeStore> {
  const made = end === "closed" ? folder : `${folder}-running`;
  const store = await open(made);
  await store.transaction({
    changes: [
      { change: "add-domain", domain: "scop.test" },
      {
        change: "add-account",
        address: ADDRESS,
        verifier: NOBODY,
        mailboxes: [],
      },
    ],
  });
  const account = (await store.accountByAddress(ADDRESS))!.id;
  const messages = new Map<number, Uint8Array>();
  for (let uid = 1; uid <= SMALL_MESSAGES; uid++) {
    const bytes = Uint8Array.from({ length: SMALL_OCTETS }, (_, at) => (at * uid) % 251);
    messages.set(uid, bytes);
    await store.transaction({
      blobs: [{ bytes: [bytes] }],
      changes: [{ change: "add-message", to: { inboxOf: account }, blob: { new: 0 }, flags: [], internalDate: uid }],
    });
  }
  const large = new Uint8Array(LARGE_OCTETS).fill(7);
  const writer = await store.stage();
  await writer.write(large);
  messages.set(SMALL_MESSAGES + 1, large);
  await store.transaction({
    blobs: [{ staged: await writer.finish() }],
    changes: [{ change: "add-message", to: { inboxOf: account }, blob: { new: 0 }, flags: [], internalDate: 0 }],
  });
  if (end === "killed") cpSync(made, folder, { recursive: true });
  await store.close();
  return { folder, messages };
}

/** A copy to damage, in place of the one before. */
export function copyOf({ folder }: MadeStore, to: string): string {
  rmSync(to, { recursive: true, force: true });
  cpSync(folder, to, { recursive: true });
  return to;
}

/** Opens a damaged store and reads all that is in it. */
export async function judge(folder: string, made: MadeStore): Promise<Outcome> {
  let store: SqliteStore;
  try {
    store = await open(folder);
  } catch (error) {
    return named(error, "refused", folder);
  }
  try {
    return await compare(store, made);
  } catch (error) {
    return named(error, "named", folder);
  } finally {
    await store.close().catch(() => undefined);
  }
}

/** A fault has a name if it says of what kind it is and which file it is about. */
function named(error: unknown, what: "refused" | "named", folder: string): Outcome {
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const isNamed = (error instanceof StoreCorrupt || error instanceof StoreUnavailable) && detail.includes(folder);
  return { what: isNamed ? what : "nameless", detail };
}

async function compare(store: SqliteStore, { messages }: MadeStore): Promise<Outcome> {
  const lost = (detail: string): Outcome => ({ what: "lost", detail });
  const account = await store.accountByAddress(ADDRESS);
  if (account === undefined) return lost("the account");
  const inbox = await store.mailboxByName(account.id, "INBOX");
  if (inbox === undefined) return lost("INBOX");
  const entries = await store.entries(inbox.id);
  let changed: number | undefined;
  const open = new Map(messages);
  for (const { uid, blob } of entries) {
    const wanted = open.get(uid);
    if (wanted === undefined) return lost(`UID ${uid} was never given`);
    const bytes = await store.readBlob(blob);
    if (bytes.length !== wanted.length) return lost(`the end of message ${uid}`);
    if (Buffer.compare(bytes, wanted) !== 0) changed = uid;
    open.delete(uid);
  }
  const [gone] = open.keys();
  if (gone === messages.size) return { what: "last-lost", detail: `message ${gone}` };
  if (gone !== undefined) return lost(`message ${gone} and ${open.size - 1} more`);
  return changed === undefined ? { what: "whole", detail: "" } : { what: "changed", detail: `message ${changed}` };
}
