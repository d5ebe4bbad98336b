import { systemFlags } from "./arguments.ts";
import type { Changes, Entry, FlagChange, Mailbox } from "./backend.ts";
import { type MessageSet, resolveSet } from "./sequence-set.ts";

/** What this session was told about its mailbox: sequence numbers are places in `entries`. RFC 3501 2.3.1.2 */
export interface View {
  readonly mailbox: number;
  readonly name: string;
  readonly readOnly: boolean;
  readonly uidValidity: number;
  /** By rising UID; those in `gone` until the client is told. */
  readonly entries: readonly Entry[];
  /** UIDs that were expunged and not yet announced. */
  readonly gone: ReadonlySet<number>;
  /** What is known is known up to here. RFC 7162 3.1.2 */
  readonly modseq: number;
  /** UIDs of what the last search saved, rising; perhaps of messages that are gone by now. RFC 5182 2.1 */
  readonly saved: readonly number[];
  /** Keywords that were announced, in lower case. */
  readonly keywords: ReadonlyMap<string, string>;
}

const EMPTY_SET: ReadonlySet<number> = new Set();

/** The view right after SELECT or EXAMINE. */
export function openView(mailbox: Mailbox, entries: readonly Entry[], readOnly: boolean): View {
  return {
    mailbox: mailbox.key,
    name: mailbox.name,
    readOnly,
    uidValidity: mailbox.uidValidity,
    entries,
    gone: EMPTY_SET,
    modseq: mailbox.highestModseq,
    saved: [],
    keywords: keywordsOf(new Map(), entries),
  };
}

function keywordsOf(known: ReadonlyMap<string, string>, entries: readonly { readonly flags: readonly string[] }[]) {
  let keywords: Map<string, string> | undefined;
  for (const entry of entries) {
    for (const flag of entry.flags) {
      if (flag.startsWith("\\") || (keywords ?? known).has(flag.toLowerCase())) continue;
      keywords ??= new Map(known);
      keywords.set(flag.toLowerCase(), flag);
    }
  }
  return keywords ?? known;
}

/** All flags that the client was or is to be told of. RFC 3501 7.2.6 */
export function viewFlags(view: View): readonly string[] {
  return [...systemFlags, ...view.keywords.values()];
}

/** The place of a UID, or -1. */
export function indexOfUid(entries: readonly Entry[], uid: number): number {
  let low = 0;
  let high = entries.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = entries[middle]!.uid;
    if (found === uid) return middle;
    if (found < uid) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/**
 * The places of the messages in a set. UIDs that do not exist are passed over (RFC 3501 6.4.8); a sequence number that does not exist is
 * the client's mistake: undefined.
 */
export function selectIndexes(view: View, set: MessageSet, byUid: boolean): readonly number[] | undefined {
  const { entries } = view;
  if (set === "saved") return savedIndexes(view);
  const largest = byUid ? (entries[entries.length - 1]?.uid ?? 0) : entries.length;
  const resolved = resolveSet(set, largest);
  const indexes: number[] = [];
  for (const range of resolved) {
    if (!byUid) {
      if (range.high > entries.length) return undefined;
      for (let number = range.low; number <= range.high; number += 1) indexes.push(number - 1);
      continue;
    }
    for (let index = firstAtOrAbove(entries, range.low); index < entries.length; index += 1) {
      if (entries[index]!.uid > range.high) break;
      indexes.push(index);
    }
  }
  return !byUid && resolved.length === 0 ? undefined : indexes;
}

/** The places of what the last search saved and is still there. */
export function savedIndexes({ entries, saved }: View): readonly number[] {
  return saved.map(uid => indexOfUid(entries, uid)).filter(index => index >= 0);
}

function firstAtOrAbove(entries: readonly Entry[], uid: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.uid < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What a client has to be told after its view changed. */
export interface Update {
  readonly view: View;
  /** Places whose flags are not what the client knows. */
  readonly flags: readonly number[];
  /** Places whose mod-sequence is not, those among them. */
  readonly marks: readonly number[];
  readonly grown: boolean;
  readonly newKeywords: boolean;
}

/** New flags, as the answer to a STORE or as part of changes. */
export function applyFlags(view: View, changes: readonly FlagChange[]): Update {
  const entries = view.entries.slice();
  const flags: number[] = [];
  const marks: number[] = [];
  for (const change of changes) {
    const index = indexOfUid(entries, change.uid);
    const entry = entries[index];
    if (entry === undefined || change.modseq < entry.modseq) continue;
    if (change.modseq > entry.modseq) marks.push(index);
    if (!sameFlags(entry.flags, change.flags)) flags.push(index);
    entries[index] = { ...entry, flags: change.flags, modseq: change.modseq };
  }
  const keywords = keywordsOf(view.keywords, changes);
  return { view: { ...view, entries, keywords }, flags, marks, grown: false, newKeywords: keywords !== view.keywords };
}

function sameFlags(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every(flag => other.includes(flag));
}

/** What others did, and what we did ourselves and know already. Messages that went stay in their places until `dropGone`. */
export function applyChanges(view: View, changes: Changes): Update {
  const known = applyFlags(view, changes.entries);
  const last = view.entries[view.entries.length - 1]?.uid ?? 0;
  // One that came and went meanwhile is never mentioned.
  const went = new Set(changes.expunged);
  const added = changes.entries.filter(entry => entry.uid > last && !went.has(entry.uid));
  const entries = added.length === 0 ? known.view.entries : [...known.view.entries, ...added];
  const gone = new Set(view.gone);
  for (const uid of changes.expunged) if (indexOfUid(entries, uid) >= 0) gone.add(uid);
  const modseq = Math.max(view.modseq, changes.modseq);
  return { ...known, view: { ...known.view, entries, gone, modseq }, grown: added.length > 0 };
}

/** Messages that went: the numbers of the EXPUNGE responses in their order, and their UIDs. RFC 3501 7.4.1 */
export interface Dropped {
  readonly view: View;
  readonly numbers: readonly number[];
  readonly uids: readonly number[];
}

/** Takes the messages that went out of the view. */
export function dropGone(view: View): Dropped {
  if (view.gone.size === 0) return { view, numbers: [], uids: [] };
  const entries: Entry[] = [];
  const numbers: number[] = [];
  const uids: number[] = [];
  for (const entry of view.entries) {
    if (!view.gone.has(entry.uid)) entries.push(entry);
    else {
      // Those before it that went are no longer counted.
      numbers.push(entries.length + 1);
      uids.push(entry.uid);
    }
  }
  return { view: { ...view, entries, gone: EMPTY_SET }, numbers, uids };
}

/** Marks messages as gone. */
export function markGone(view: View, uids: readonly number[]): View {
  const gone = new Set(view.gone);
  for (const uid of uids) if (indexOfUid(view.entries, uid) >= 0) gone.add(uid);
  return { ...view, gone };
}
