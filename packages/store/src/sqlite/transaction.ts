import type { Change, ChatChange, EncryptionChange, PeerChange, Refusal, RoomChange } from "../index.ts";
import {
  forgetRoom,
  publishRoom,
  putReceipt,
  putRoomAlias,
  redactEvent,
  removeRoomAlias,
  replaceRoom,
} from "./chat.ts";
import type { Database } from "./database.ts";
import {
  addAccount,
  addDomain,
  putAlias,
  removeAccount,
  removeAlias,
  removeDomain,
  setQuota,
  setVerifier,
} from "./directory.ts";
import { applyToEncryption } from "./encryption.ts";
import { addFilter, addLogin, putAccountData, putProfile, removeDevices } from "./logins.ts";
import { addMailLink } from "./mail-links.ts";
import { createByChange, deleteMailbox, renameMailbox, subscribe } from "./mailboxes.ts";
import { awaitMedia, putMedia } from "./media.ts";
import { addMessage, copyMessages, expunge } from "./messages.ts";
import { putServerKeys } from "./peer-reads.ts";
import { beginSending, endSending, queueEdu, queueEvent, retryPeer } from "./peers.ts";
import { control, enqueue, mendDue, release, settle } from "./queue-changes.ts";
import { addOutlier, putMember, takeEvent } from "./room-events.ts";
import { addEvent, addRoom } from "./rooms.ts";
import { setFlags } from "./set-flags.ts";
import { forgetTallies, tally } from "./tallies.ts";
import { indexTexts } from "./texts.ts";
import { threadMessages } from "./threads.ts";
import type { Work } from "./work.ts";

/** How long a second transaction with the same key is recognised. A sender gives up after five days: RFC 5321 4.5.4.1 */
const KEY_KEPT_MS = 7 * 24 * 3600 * 1000;
/** Old keys that go with each batch that brings new ones: twice what a batch can bring. */
const KEYS_REMOVED_MAX = 128;

/** What a transaction became, before its types are known again. */
export type Answer =
  | { readonly ok: true; readonly results: readonly object[] }
  | { readonly ok: false; readonly refusal: Refusal; readonly at: number };

/** Applies the changes in order until one is refused. The caller undoes what was done then. */
export function perform(work: Work, changes: readonly Change[], key: string | undefined): Answer {
  const before = key === undefined ? undefined : answered(work.db, key);
  if (before !== undefined) return { ok: true, results: before };
  const results: object[] = [];
  for (const [at, change] of changes.entries()) {
    const result = apply(work, change);
    if (typeof result === "string") return { ok: false, refusal: result, at };
    results.push(result);
  }
  if (key !== undefined) {
    work.db.run(
      "INSERT INTO answered (key, results, created) VALUES (?, ?, ?)",
      key,
      JSON.stringify(results),
      work.now,
    );
    work.touched.keys = true;
  }
  return { ok: true, results };
}

/** Forgets some keys that are too old: the rows go by the order in which they came. */
export function forgetOldKeys(work: Work): void {
  work.db.run(
    "DELETE FROM answered WHERE id IN (SELECT id FROM answered ORDER BY id LIMIT ?) AND created < ?",
    KEYS_REMOVED_MAX,
    work.now - KEY_KEPT_MS,
  );
}

/** What a transaction with this key answered. */
export function answered(db: Database, key: string): object[] | undefined {
  const row = db.get<{ results: string }>("SELECT results FROM answered WHERE key = ?", key);
  return row && (JSON.parse(row.results) as object[]);
}

function apply(work: Work, change: Change): object | Refusal {
  switch (change.change) {
    case "add-domain":
      return addDomain(work, change);
    case "remove-domain":
      return removeDomain(work, change);
    case "add-account":
      return addAccount(work, change);
    case "set-verifier":
      return setVerifier(work, change);
    case "set-quota":
      return setQuota(work, change);
    case "remove-account":
      return removeAccount(work, change);
    case "put-alias":
      return putAlias(work, change);
    case "remove-alias":
      return removeAlias(work, change);
    case "create-mailbox":
      return createByChange(work, change);
    case "rename-mailbox":
      return renameMailbox(work, change);
    case "delete-mailbox":
      return deleteMailbox(work, change);
    case "subscribe":
      return subscribe(work, change);
    case "add-message":
      return addMessage(work, change);
    case "set-flags":
      return setFlags(work, change);
    case "copy-messages":
    case "move-messages":
      return copyMessages(work, change);
    case "expunge":
      return expunge(work, change);
    case "thread-messages":
      return threadMessages(work, change);
    case "index-texts":
      return indexTexts(work, change);
    case "enqueue":
      return enqueue(work, change);
    case "settle":
      return settle(work, change);
    case "release":
      return release(work, change);
    case "control":
      return control(work, change);
    case "mend-due":
      return mendDue(work, change);
    case "tally":
      return tally(work, change);
    case "forget-tallies":
      return forgetTallies(work, change);
    default:
      return applyToRooms(work, change);
  }
}

function applyToRooms(work: Work, change: RoomChange | EncryptionChange): object | Refusal {
  switch (change.change) {
    case "add-room":
      return addRoom(work, change);
    case "add-event":
      return addEvent(work, change);
    case "take-event":
      return takeEvent(work, change);
    case "add-outlier":
      return addOutlier(work, change);
    case "put-member":
      return putMember(work, change);
    case "add-login":
      return addLogin(work, change);
    case "remove-devices":
      return removeDevices(work, change);
    case "put-account-data":
      return putAccountData(work, change);
    case "add-filter":
      return addFilter(work, change);
    case "put-profile":
      return putProfile(work, change);
    case "add-mail-link":
      return addMailLink(work, change);
    default:
      return applyToChat(work, change);
  }
}

function applyToChat(work: Work, change: ChatChange | EncryptionChange | PeerChange): object | Refusal {
  switch (change.change) {
    case "redact-event":
      return redactEvent(work, change);
    case "forget-room":
      return forgetRoom(work, change);
    case "put-room-alias":
      return putRoomAlias(work, change);
    case "remove-room-alias":
      return removeRoomAlias(work, change);
    case "replace-room":
      return replaceRoom(work, change);
    case "publish-room":
      return publishRoom(work, change);
    case "put-receipt":
      return putReceipt(work, change);
    case "await-media":
      return awaitMedia(work, change);
    case "put-media":
      return putMedia(work, change);
    default:
      return applyToPeers(work, change);
  }
}

function applyToPeers(work: Work, change: PeerChange | EncryptionChange): object | Refusal {
  switch (change.change) {
    case "put-server-keys":
      return putServerKeys(work, change);
    case "queue-event":
      return queueEvent(work, change);
    case "queue-edu":
      return queueEdu(work, change);
    case "begin-sending":
      return beginSending(work, change);
    case "end-sending":
      return endSending(work, change);
    case "retry-peer":
      return retryPeer(work, change);
    default:
      return applyToEncryption(work, change);
  }
}
