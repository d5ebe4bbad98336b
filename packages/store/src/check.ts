import { assert } from "@scop/wire";
import type { Change, NewBlob } from "./changes.ts";
import { KEY_CHARACTERS_MAX, TO_DEVICE_CHARACTERS_MAX } from "./encryption.ts";
import { BLOB_INLINE_OCTETS_MAX, type Transaction } from "./port.ts";
import type { Quota } from "./records.ts";

/** Changes of one transaction: a message to as many recipients as SMTP servers take, and ample room. */
export const CHANGES_MAX = 10_000;
/** Octets of a mailbox name in UTF-8. Our own bound: RFC 3501 has none, clients show far less. */
export const MAILBOX_NAME_OCTETS_MAX = 1024;
/** Levels of a mailbox name. Our own bound; creating a name creates all of them. */
export const MAILBOX_LEVELS_MAX = 32;

/** Names that lead to the thread of one message. Our own bound: RFC 5322 3.6.4 has none, and long threads name their nearest last. */
export const THREAD_NAMES_MAX = 100;

/** Characters of what a tally counts. Our own bound. */
export const TALLY_KEY_CHARACTERS_MAX = 2_048;

/** Characters of an event. Matrix client-server API, size limits: 65,536 octets */
export const EVENT_CHARACTERS_MAX = 65_536;
/** Characters of one piece of account data. Our own bound. */
export const ACCOUNT_DATA_CHARACTERS_MAX = 65_536;
const TOKEN_HASH_OCTETS = 32;

/** Octets that end or split a flag. RFC 3501 9, flag-keyword */
const NOT_IN_FLAG = /[\x00-\x20\x7f]/;

/**
 * Fails on a transaction that no correct program makes, before anything of it is tried.
 * Answers the octets that it brings along.
 */
export function checkTransaction(work: Transaction<readonly Change[]>): number {
  assert(work.changes.length <= CHANGES_MAX, "a transaction has at most CHANGES_MAX changes");
  const blobs = work.blobs ?? [];
  for (const change of work.changes) checkChange(change, blobs);
  let octets = 0;
  for (const blob of blobs) octets += inlineOctets(blob);
  return octets;
}

function inlineOctets(blob: NewBlob): number {
  if (!("bytes" in blob)) return 0;
  let octets = 0;
  for (const chunk of blob.bytes) octets += chunk.length;
  assert(octets <= BLOB_INLINE_OCTETS_MAX, "a blob above BLOB_INLINE_OCTETS_MAX is staged");
  return octets;
}

function checkChange(change: Change, blobs: readonly NewBlob[]): void {
  switch (change.change) {
    case "add-message":
      if ("new" in change.blob) checkPlace(change.blob.new, blobs);
      checkFlags(change.flags);
      checkWhole(change.internalDate);
      checkQuota(change.within);
      return;
    case "copy-messages":
      checkQuota(change.within);
      return;
    case "thread-messages":
      for (const { names } of change.messages) assert(names.length <= THREAD_NAMES_MAX, "a message has few names");
      return;
    case "set-quota":
      checkQuota(change.quota);
      return;
    case "enqueue":
      if ("new" in change.blob) checkPlace(change.blob.new, blobs);
      assert(change.recipients.length > 0, "an enqueue has a recipient");
      checkWhole(change.due, change.expires, change.blobOffset);
      return;
    case "set-flags":
      checkFlags(change.flags);
      checkWhole(change.unchangedSince ?? 0, ...change.uids.slice(0, 1));
      return;
    case "settle":
      if (change.outcome.outcome === "retry") checkWhole(change.outcome.due);
      return;
    case "control":
      checkWhole(change.now);
      return;
    case "mend-due":
      checkWhole(change.now, change.latest);
      return;
    case "tally":
      checkWhole(change.day, change.by);
      assert(change.by > 0, "a tally counts up");
      assert(change.key.length <= TALLY_KEY_CHARACTERS_MAX, "a key has at most TALLY_KEY_CHARACTERS_MAX characters");
      return;
    case "forget-tallies":
      checkWhole(change.day, change.counted);
      return;
    case "put-alias":
      assert(change.targets.length > 0, "an alias has a target");
      return;
    case "add-account":
      for (const { name } of change.mailboxes) checkName(name);
      return;
    case "create-mailbox":
      checkName(change.name);
      return;
    case "rename-mailbox":
      checkName(change.to);
      return;
    default:
      checkRoomChange(change);
  }
}

function checkRoomChange(change: Change): void {
  switch (change.change) {
    case "add-outlier":
      assert(change.json.length <= EVENT_CHARACTERS_MAX, "an event has at most EVENT_CHARACTERS_MAX characters");
      return;
    case "take-event":
      if (change.become.fate === "backfilled") assert(change.become.place < 0, "what is older has a place below 0");
      checkWhole(change.depth);
      assert(change.json.length <= EVENT_CHARACTERS_MAX, "an event has at most EVENT_CHARACTERS_MAX characters");
      return;
    case "add-event":
      checkWhole(change.depth);
      assert(change.json.length <= EVENT_CHARACTERS_MAX, "an event has at most EVENT_CHARACTERS_MAX characters");
      return;
    case "put-account-data":
      assert(change.json.length <= ACCOUNT_DATA_CHARACTERS_MAX, "account data is at most ACCOUNT_DATA_CHARACTERS_MAX");
      return;
    case "add-login":
      assert(change.token.length === TOKEN_HASH_OCTETS, "of a token its SHA-256 is kept");
      return;
    default:
      checkEncryptionChange(change);
  }
}

function checkEncryptionChange(change: Change): void {
  switch (change.change) {
    case "put-device-keys":
      checkKey(change.json);
      return;
    case "add-one-time-keys":
      for (const { json } of change.keys) checkKey(json);
      return;
    case "put-fallback-key":
      checkKey(change.key.json);
      return;
    case "put-cross-signing-key":
      checkKey(change.json ?? "");
      return;
    case "send-to-device":
      assert(change.json.length <= TO_DEVICE_CHARACTERS_MAX, "a message has at most TO_DEVICE_CHARACTERS_MAX");
      return;
    case "add-key-backup":
    case "set-key-backup":
      checkKey(change.authData);
      return;
    case "back-up-keys":
      for (const { json, firstMessageIndex, forwardedCount } of change.keys) {
        checkKey(json);
        checkWhole(firstMessageIndex, forwardedCount);
      }
      return;
    case "forget-backed-up-keys":
      assert(change.place.session === undefined || change.place.room !== undefined, "a session is of a room");
      return;
    default:
  }
}

function checkKey(json: string): void {
  assert(json.length <= KEY_CHARACTERS_MAX, "a key is at most KEY_CHARACTERS_MAX");
}

function checkPlace(place: number, blobs: readonly NewBlob[]): void {
  assert(blobs[place] !== undefined, "a change names a blob of its transaction");
}

function checkFlags(flags: readonly string[]): void {
  for (const flag of flags) assert(flag !== "" && !NOT_IN_FLAG.test(flag), "a flag has no space and no control");
}

function checkWhole(...numbers: readonly number[]): void {
  for (const number of numbers) assert(Number.isSafeInteger(number), "instants, UIDs and offsets are whole numbers");
}

function checkQuota(quota: Quota | undefined): void {
  for (const limit of [quota?.octets ?? 0, quota?.messages ?? 0]) {
    assert(Number.isSafeInteger(limit) && limit >= 0, "a limit is a whole number, or none");
  }
}

function checkName(name: string): void {
  assert(name.isWellFormed(), "a mailbox name is well-formed");
  assert(utf8Octets(name) <= MAILBOX_NAME_OCTETS_MAX, "a mailbox name has at most MAILBOX_NAME_OCTETS_MAX octets");
  const levels = name.split("/", MAILBOX_LEVELS_MAX + 1);
  assert(levels.length <= MAILBOX_LEVELS_MAX, "a mailbox name has at most MAILBOX_LEVELS_MAX levels");
  for (const level of levels) assert(level !== "", "no level of a mailbox name is empty");
}

function utf8Octets(text: string): number {
  let octets = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    octets += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return octets;
}
