import { Octet } from "@scop/wire";
import { readSet } from "../arguments.ts";
import type { Reader } from "../reader.ts";
import type { SequenceSet } from "../sequence-set.ts";

const OPEN = 40;
const CLOSE = 41;

/** What a client kept of a mailbox when it was here last. RFC 7162 3.2.5 */
interface KnownMailbox {
  readonly uidValidity: number;
  readonly modseq: number;
  /** The UIDs it has; all of them where it does not say. */
  readonly uids: SequenceSet | undefined;
}

/** The parameters of SELECT and EXAMINE. RFC 7162 3.1.8, 3.2.5 */
export interface SelectParameters {
  readonly condstore: "asked" | "not-asked";
  readonly known: KnownMailbox | undefined;
}

/** FETCH of what changed only. RFC 7162 3.1.4.1, 3.2.6 */
export interface ChangedSince {
  readonly modseq: number;
  readonly vanished: "asked" | "not-asked";
}

/** RFC 4466 2.1: `SELECT name (parameter parameter)`. */
export function readSelectParameters(reader: Reader): SelectParameters | undefined {
  let condstore: SelectParameters["condstore"] = "not-asked";
  let known: KnownMailbox | undefined;
  if (!reader.take(Octet.space)) return { condstore, known };
  if (!reader.take(OPEN)) return reader.fail("list-expected", "RFC 4466 2.1");
  do {
    if (reader.word("CONDSTORE")) condstore = "asked";
    else if (known === undefined && reader.word("QRESYNC")) {
      known = readKnown(reader);
      if (known === undefined) return undefined;
    } else return reader.fail("select-parameter-unknown", "RFC 4466 2.1");
  } while (reader.take(Octet.space));
  return reader.take(CLOSE) ? { condstore, known } : reader.fail("list-end-expected", "RFC 4466 2.1");
}

/** RFC 7162 7: SP "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")" */
function readKnown(reader: Reader): KnownMailbox | undefined {
  if (!reader.space()) return undefined;
  if (!reader.take(OPEN)) return reader.fail("list-expected", "RFC 7162 3.2.5");
  const uidValidity = reader.positive("number-expected", "RFC 7162 7");
  const modseq = uidValidity !== undefined && reader.space() ? reader.modSequence() : undefined;
  if (uidValidity === undefined || modseq === undefined) return undefined;
  let uids: SequenceSet | undefined;
  let more = reader.take(Octet.space);
  if (more && reader.peek() !== OPEN) {
    uids = readSet(reader);
    if (uids === undefined) return undefined;
    more = reader.take(Octet.space);
  }
  if (more && !readMatches(reader)) return undefined;
  return reader.take(CLOSE) ? { uidValidity, modseq, uids } : reader.fail("list-end-expected", "RFC 7162 3.2.5");
}

/** Pairs of numbers and UIDs, for servers that forget expunged UIDs. Ours are remembered, so they are read and dropped. */
function readMatches(reader: Reader): boolean {
  if (reader.take(OPEN)) {
    const numbers = readSet(reader);
    const uids = numbers !== undefined && reader.space() ? readSet(reader) : undefined;
    if (uids !== undefined && reader.take(CLOSE)) return true;
  }
  reader.fail("sequence-match-expected", "RFC 7162 3.2.5.2");
  return false;
}

/** What may follow the items of FETCH: `(CHANGEDSINCE 7 VANISHED)`. `false` where it can't be read. */
export function readFetchModifiers(reader: Reader, byUid: boolean): ChangedSince | undefined | false {
  if (!reader.take(Octet.space)) return undefined;
  if (!reader.take(OPEN)) return fails(reader, "list-expected", "RFC 4466 2.4");
  let modseq: number | undefined;
  let vanished: ChangedSince["vanished"] = "not-asked";
  do {
    if (modseq === undefined && reader.word("CHANGEDSINCE ")) {
      modseq = reader.modSequence();
      if (modseq === undefined) return false;
    } else if (byUid && reader.word("VANISHED")) vanished = "asked";
    else return fails(reader, "fetch-modifier-unknown", "RFC 7162 3.1.4.1");
  } while (reader.take(Octet.space));
  // RFC 7162 3.2.6: VANISHED is nothing without CHANGEDSINCE.
  if (modseq === undefined) return fails(reader, "changedsince-expected", "RFC 7162 3.2.6");
  return reader.take(CLOSE) ? { modseq, vanished } : fails(reader, "list-end-expected", "RFC 4466 2.4");
}

function fails(reader: Reader, code: string, rule: string): false {
  reader.fail(code, rule);
  return false;
}

/** RFC 7162 3.1.3: what may stand before the flags of STORE, with the space behind it. `false` where it can't be read. */
export function readStoreModifier(reader: Reader): number | undefined | false {
  if (!reader.take(OPEN)) return undefined;
  if (!reader.word("UNCHANGEDSINCE ")) return fails(reader, "store-modifier-unknown", "RFC 7162 3.1.3");
  const modseq = reader.modSequence();
  if (modseq === undefined) return false;
  if (!reader.take(CLOSE)) return fails(reader, "list-end-expected", "RFC 4466 2.5");
  return reader.space() ? modseq : false;
}

/** RFC 7162 3.1.5: `MODSEQ ["/flags/\\Seen" all] 7`. Mod-sequences are kept for messages, so the entry is read and dropped. */
export function readModseqKey(reader: Reader): number | undefined {
  if (reader.peek() !== Octet.quote) return reader.modSequence();
  if (reader.string() === undefined || !reader.space()) return undefined;
  const isType = ["ALL ", "PRIV ", "SHARED "].some(type => reader.word(type));
  return isType ? reader.modSequence() : reader.fail("entry-type-expected", "RFC 7162 3.1.5");
}
