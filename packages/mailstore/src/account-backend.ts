import type {
  AppendSink,
  Backend,
  Changes,
  Copied,
  Entry,
  FlagsWanted,
  Mailbox,
  MessageText,
  MessageThread,
  Outcome,
  QuotaUsage,
  Stored,
  TextCandidates,
} from "@scop/imap";
import type { Platform } from "@scop/platform";
import {
  type AccountId,
  type BlobId,
  type Change,
  type MailboxId,
  type MailboxRecord,
  type Quota,
  type Store,
  StoreCorrupt,
} from "@scop/store";
import { Append } from "./append.ts";
import { guarded, refused } from "./failure.ts";
import { MAILBOXES_MAX } from "./limits.ts";
import { isStorableName } from "./name.ts";
import type { Notices } from "./notices.ts";
import { hasRoom, quotaOf } from "./quota.ts";
import { threadsOf } from "./threads.ts";

/** RFC 6154 2, without those that no mailbox has but views of messages. */
const SPECIAL_USES = ["\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash"] as const;

const DONE: Outcome<undefined> = { ok: true, value: undefined };
const MISSING = { ok: false, failure: "missing" } as const;
const INVALID_NAME = { ok: false, failure: "invalid-name" } as const;
const INVALID_USE = { ok: false, failure: "invalid-use" } as const;
const OVER_QUOTA = { ok: false, failure: "over-quota" } as const;

function mailboxOf(record: MailboxRecord): Mailbox {
  return { key: record.id, ...record };
}

/** A key that a session holds was given to it by us. */
function idOf(key: number): MailboxId {
  return key as MailboxId;
}

/** Whether a mailbox of this name, and all levels above it, may come to those that are there. */
function hasRoomFor(name: string, present: readonly MailboxRecord[]): boolean {
  return present.length + name.split("/").length <= MAILBOXES_MAX;
}

/** One account over the store. Every refusal and failure of the store becomes an answer; errors of ours are thrown. */
export class AccountBackend implements Backend {
  readonly #io: Pick<Platform, "clock" | "log">;
  readonly #store: Store;
  readonly #notices: Notices;
  readonly #account: AccountId;
  readonly #usual: Quota;
  readonly #watched: Set<() => void> = new Set();

  constructor(io: Pick<Platform, "clock" | "log">, store: Store, notices: Notices, account: AccountId, usual: Quota) {
    this.#io = io;
    this.#store = store;
    this.#notices = notices;
    this.#account = account;
    this.#usual = usual;
  }

  mailboxes(): Promise<Outcome<readonly Mailbox[]>> {
    return guarded(this.#io, async () => {
      const records = await this.#store.mailboxes(this.#account);
      return { ok: true, value: records.map(mailboxOf) };
    });
  }

  mailbox(name: string): Promise<Outcome<Mailbox>> {
    return guarded(this.#io, async () => {
      const record = await this.#store.mailboxByName(this.#account, name);
      return record === undefined ? MISSING : { ok: true, value: mailboxOf(record) };
    });
  }

  quota(): Promise<Outcome<QuotaUsage>> {
    return guarded(this.#io, async () => {
      const account = await this.#store.accountById(this.#account);
      return account === undefined ? MISSING : { ok: true, value: quotaOf(account, this.#usual) };
    });
  }

  subscriptions(): Promise<Outcome<readonly string[]>> {
    return guarded(this.#io, async () => ({ ok: true, value: await this.#store.lostSubscriptions(this.#account) }));
  }

  create(name: string, uses: readonly string[]): Promise<Outcome<number>> {
    return guarded(this.#io, async () => {
      if (!isStorableName(name)) return INVALID_NAME;
      const present = await this.#store.mailboxes(this.#account);
      if (!hasRoomFor(name, present)) return OVER_QUOTA;
      const specialUse = SPECIAL_USES.find(use => use === uses[0]);
      // RFC 6154 3: a mailbox has one use here, and a use one mailbox, so that clients agree about where things go.
      const isFree = specialUse !== undefined && present.every(mailbox => mailbox.specialUse !== specialUse);
      if (uses.length > 0 && (uses.length > 1 || !isFree)) return INVALID_USE;
      const create = { change: "create-mailbox", account: this.#account, name, specialUse } as const;
      const result = await this.#store.transaction({ changes: [create] });
      return result.ok ? { ok: true, value: result.results[0].object } : refused(result.refusal);
    });
  }

  rename(from: string, to: string): Promise<Outcome<undefined>> {
    return guarded(this.#io, async () => {
      if (!isStorableName(to)) return INVALID_NAME;
      const present = await this.#store.mailboxes(this.#account);
      // Those under it move along, and their names grow with its own.
      const under = from === "INBOX" ? [] : present.filter(({ name }) => name.startsWith(`${from}/`));
      if (!under.every(({ name }) => isStorableName(to + name.slice(from.length)))) return INVALID_NAME;
      if (!hasRoomFor(to, present)) return OVER_QUOTA;
      return this.#change({ change: "rename-mailbox", account: this.#account, from, to });
    });
  }

  remove(name: string): Promise<Outcome<undefined>> {
    return guarded(this.#io, async () => {
      const removed = await this.#change({ change: "delete-mailbox", account: this.#account, name });
      const isKept = !removed.ok && removed.failure === "in-use" && name !== "INBOX";
      return isKept ? { ok: false, failure: "has-children" } : removed;
    });
  }

  subscribe(name: string, subscribed: boolean): Promise<Outcome<undefined>> {
    return guarded(this.#io, async () => {
      if (!isStorableName(name)) return INVALID_NAME;
      if (subscribed) {
        const lost = await this.#store.lostSubscriptions(this.#account);
        if (lost.length >= MAILBOXES_MAX && !lost.includes(name)) return OVER_QUOTA;
      }
      return this.#change({ change: "subscribe", account: this.#account, name, subscribed });
    });
  }

  async #change(change: Change): Promise<Outcome<undefined>> {
    const result = await this.#store.transaction({ changes: [change] });
    return result.ok ? DONE : refused(result.refusal);
  }

  entries(mailbox: number): Promise<Outcome<readonly Entry[]>> {
    return guarded(this.#io, async () => ({ ok: true, value: await this.#store.entries(idOf(mailbox)) }));
  }

  entry(mailbox: number, uid: number): Promise<Outcome<Entry>> {
    return guarded(this.#io, async () => {
      const entry = await this.#store.entry(idOf(mailbox), uid);
      return entry === undefined ? MISSING : { ok: true, value: entry };
    });
  }

  changes(mailbox: number, since: number): Promise<Outcome<Changes>> {
    return guarded(this.#io, async () => {
      // First the mark, then what is behind it: what comes in between is told twice rather than never.
      const record = await this.#store.mailboxById(idOf(mailbox));
      if (record === undefined) return MISSING;
      const entries = await this.#store.entries(idOf(mailbox), since);
      const expunged = await this.#store.expunged(idOf(mailbox), since);
      const uids = expunged.map(({ uid }) => uid);
      return { ok: true, value: { modseq: record.highestModseq, entries, expunged: uids } };
    });
  }

  threads(entries: readonly Entry[]): Promise<Outcome<readonly MessageThread[]>> {
    return guarded(this.#io, async () => ({ ok: true, value: await threadsOf(this.#store, this.#account, entries) }));
  }

  read(mailbox: number, entry: Entry, start: number, end: number): Promise<Outcome<Uint8Array>> {
    return guarded(this.#io, async () => {
      try {
        return { ok: true, value: await this.#store.readBlob(entry.blob as BlobId, start, end) };
      } catch (error) {
        if (!(error instanceof StoreCorrupt)) throw error;
        // A blob goes with its last message; only one that should be there is damage.
        const gone = await this.#store.expunged(idOf(mailbox), entry.modseq);
        if (gone.some(({ uid }) => uid === entry.uid)) return MISSING;
        if ((await this.#store.mailboxById(idOf(mailbox))) === undefined) return MISSING;
        throw error;
      }
    });
  }

  textCandidates(mailbox: number, texts: readonly string[]): Promise<Outcome<TextCandidates>> {
    return guarded(this.#io, async () => {
      return { ok: true, value: await this.#store.textCandidates(idOf(mailbox), texts) };
    });
  }

  indexTexts(texts: readonly MessageText[]): Promise<Outcome<undefined>> {
    return guarded(this.#io, () => {
      const found = texts.map(({ blob, text }) => ({ blob: blob as BlobId, text }));
      return this.#change({ change: "index-texts", texts: found });
    });
  }

  vanished(mailbox: number, since: number): Promise<Outcome<readonly number[]>> {
    return guarded(this.#io, async () => {
      const expunged = await this.#store.expunged(idOf(mailbox), since);
      return { ok: true, value: expunged.map(({ uid }) => uid) };
    });
  }

  store(mailbox: number, uids: readonly number[], wanted: FlagsWanted): Promise<Outcome<Stored>> {
    return guarded(this.#io, async () => {
      const { mode, flags, unchangedSince } = wanted;
      const condition = unchangedSince === undefined ? {} : { unchangedSince };
      const change = { change: "set-flags", mailbox: idOf(mailbox), uids, mode, flags, ...condition } as const;
      const result = await this.#store.transaction({ changes: [change] });
      return result.ok ? { ok: true, value: result.results[0] } : refused(result.refusal);
    });
  }

  copy(mailbox: number, uids: readonly number[], to: string): Promise<Outcome<Copied>> {
    return this.#transfer("copy-messages", mailbox, uids, to);
  }

  move(mailbox: number, uids: readonly number[], to: string): Promise<Outcome<Copied>> {
    return this.#transfer("move-messages", mailbox, uids, to);
  }

  #transfer(
    change: "copy-messages" | "move-messages",
    mailbox: number,
    uids: readonly number[],
    to: string,
  ): Promise<Outcome<Copied>> {
    return guarded(this.#io, async () => {
      const target = await this.#store.mailboxByName(this.#account, to);
      if (target === undefined) return MISSING;
      const work = { from: idOf(mailbox), uids, to: target.id };
      const transfer = change === "move-messages" ? { change, ...work } : { change, ...work, within: this.#usual };
      const result = await this.#store.transaction({ changes: [transfer] });
      return result.ok ? { ok: true, value: result.results[0] } : refused(result.refusal);
    });
  }

  expunge(mailbox: number, uids: readonly number[] | undefined): Promise<Outcome<readonly number[]>> {
    return guarded(this.#io, async () => {
      const among = uids === undefined ? {} : { uids };
      const result = await this.#store.transaction({
        changes: [{ change: "expunge", mailbox: idOf(mailbox), ...among }],
      });
      return result.ok ? { ok: true, value: result.results[0].uids } : refused(result.refusal);
    });
  }

  append(name: string): Promise<Outcome<AppendSink>> {
    return guarded(this.#io, async () => {
      const target = await this.#store.mailboxByName(this.#account, name);
      if (target === undefined) return MISSING;
      // What can't fit is refused before it comes; what fits is counted again when it is stored.
      const hasRoomFor = async (messages: number, octets: number): Promise<boolean> => {
        const account = await this.#store.accountById(this.#account);
        return account === undefined || hasRoom(account, this.#usual, messages, octets);
      };
      const to = { mailbox: target.id, within: this.#usual, hasRoom: hasRoomFor };
      return { ok: true, value: new Append(this.#io, this.#store, to) };
    });
  }

  watch(mailbox: number, listener: () => void): () => void {
    const stop = this.#notices.watch(idOf(mailbox), listener);
    this.#watched.add(stop);
    return () => {
      this.#watched.delete(stop);
      stop();
    };
  }

  watchAll(listener: () => void): () => void {
    const stop = this.#notices.watchAccount(this.#account, listener);
    this.#watched.add(stop);
    return () => {
      this.#watched.delete(stop);
      stop();
    };
  }

  close(): void {
    for (const stop of this.#watched) stop();
    this.#watched.clear();
  }
}
