import { ask, fault, finish, flush, isFull, perform, status } from "./answer.ts";
import type { BackendFailure, Entry } from "./backend.ts";
import type { CommandOf } from "./command.ts";
import { hasUnknownEncoding } from "./extensions/binary.ts";
import { enableCondstore } from "./extensions/enable.ts";
import { askThreads, withThreads } from "./extensions/fetch-threads.ts";
import { askVanished, everyUidIn, mayAskVanished } from "./extensions/vanished.ts";
import {
  type FetchPiece,
  type FetchPlan,
  fetchPieces,
  hasWholeHeader,
  isOfEntries,
  type MessageSource,
  octetsToRead,
  planFetch,
  readSource,
  writeEntry,
} from "./fetch-plan.ts";
import type { FetchJob } from "./job.ts";
import { BLOB_CHUNK_OCTETS } from "./limits.ts";
import { uidsOf } from "./message-commands.ts";
import type { Answer, Turn } from "./session.ts";
import { applyFlags, indexOfUid, type View } from "./view.ts";

type FetchCommand = CommandOf<"FETCH">;
type FetchAnswer = Extract<Answer, { ask: "read" | "store" | "threads" }>;

const NOTHING: MessageSource = { read: "nothing" };
const NO_UIDS: ReadonlySet<number> = new Set();
const NO_THREADS: ReadonlyMap<number, number> = new Map();

/** RFC 3501 6.4.5. \Seen is set for all messages at once before the first is read: one transaction. */
export function beginFetch(turn: Turn, tag: string, command: FetchCommand): undefined {
  const { byUid, changed } = command;
  if (!mayAskVanished(turn, changed)) {
    return fault(turn, tag, { code: "qresync-not-enabled", offset: 0, length: 0, rule: "RFC 7162 3.2.6" });
  }
  const all = uidsOf(turn, tag, command.set, byUid);
  if (all === undefined || turn.phase.at !== "selected") return;
  const { view } = turn.phase;
  const since = changed?.modseq;
  const uids = since === undefined ? all : all.filter(uid => entryOf(view, uid).modseq > since);
  const plan = planFetch(changed === undefined ? command.items : [...command.items, { item: "MODSEQ" }], byUid);
  if (plan.items.some(({ item }) => item === "MODSEQ")) enableCondstore(turn);
  const done = status(tag, "OK", "FETCH completed");
  const job = fetchUids(plan, uids, tag, done, byUid ? "now" : "later");
  if (changed?.vanished !== "asked") return setSeen(turn, job);
  askVanished(turn, { since: changed.modseq, among: everyUidIn(command.set, view), next: job });
}

/** A job that fetches these messages. */
export function fetchUids(
  plan: FetchPlan,
  uids: readonly number[],
  tag: string,
  done: FetchJob["done"],
  expunges: "now" | "later",
): FetchJob {
  const doing = { step: "next" } as const;
  const known = { seen: NO_UIDS, threads: NO_THREADS };
  return { job: "fetch", tag, done, expunges, plan, uids, next: 0, lost: "none", ...known, doing };
}

function entryOf(view: View, uid: number): Entry {
  return view.entries[indexOfUid(view.entries, uid)]!;
}

/** Sets \\Seen where the items ask for it, then begins. */
function setSeen(turn: Turn, job: FetchJob): undefined {
  if (turn.phase.at !== "selected") return;
  const { view } = turn.phase;
  const unseen =
    job.plan.setsSeen === "yes" && !view.readOnly
      ? job.uids.filter(uid => !entryOf(view, uid).flags.includes("\\Seen"))
      : [];
  if (unseen.length === 0) return continueFetch(turn, job);
  turn.job = { ...job, doing: { step: "seen" } };
  const change = { mode: "add", flags: ["\\Seen"], unchangedSince: undefined } as const;
  ask(turn, { ask: "store", mailbox: view.mailbox, uids: unseen, ...change });
}

/** Goes on with the next messages, until one has to be read, enough is written, or all are done. */
export function continueFetch(turn: Turn, from: FetchJob): undefined {
  if (turn.phase.at !== "selected") return;
  const { view } = turn.phase;
  let job = isOfEntries(from.plan) && from.doing.step === "next" ? writeEntries(turn, from, view) : from;
  while (job.next < job.uids.length) {
    if (isFull(turn)) {
      turn.job = job;
      return perform(turn, { do: "turn" });
    }
    const entry = entryOf(view, job.uids[job.next]!);
    if (view.gone.has(entry.uid)) {
      job = { ...job, next: job.next + 1, lost: "gone" };
      continue;
    }
    if (job.plan.threads === "asked" && !job.threads.has(entry.message)) return askThreads(turn, job);
    if (job.plan.need !== "entry") return read(turn, job, entry, octetsToRead(job.plan.need, entry.size));
    const written = writePieces(turn, job, entry, piecesOf(turn, job, entry, NOTHING), undefined);
    if (written === undefined) return;
    job = written;
  }
  end(turn, job);
}

/** Of many messages at once, as far as the output is not full: there is nothing to wait for. */
function writeEntries(turn: Turn, job: FetchJob, view: View): FetchJob {
  const { entries, gone } = view;
  const { uids, plan } = job;
  let { next, lost } = job;
  let at = -1;
  for (; next < uids.length && !isFull(turn); next += 1) {
    const uid = uids[next]!;
    // Most often they follow each other.
    at = entries[at + 1]?.uid === uid ? at + 1 : indexOfUid(entries, uid);
    if (gone.size > 0 && gone.has(uid)) lost = "gone";
    else writeEntry(turn.writer, plan, at + 1, entries[at]!);
  }
  return { ...job, next, lost };
}

function end(turn: Turn, job: FetchJob): undefined {
  if (job.lost === "gone") turn.dirty = true;
  if ("resume" in job.done) {
    turn.job = job.done.resume;
    return;
  }
  const done = {
    none: job.done,
    // RFC 2180 4.1.2, RFC 5530 3
    gone: status(job.tag, "NO", "Some of the messages are gone", { code: "EXPUNGEISSUED" }),
    failed: status(job.tag, "NO", "Some of the messages can't be read now", { code: "UNAVAILABLE" }),
    corrupt: status(job.tag, "NO", "Some of the messages can't be read", { code: "CORRUPTION" }),
    "unknown-encoding": status(job.tag, "NO", "The encoding of a part is not known", { code: "UNKNOWN-CTE" }),
  };
  finish(turn, done[job.lost], job.expunges);
}

function read(turn: Turn, job: FetchJob, entry: Entry, octets: number): undefined {
  turn.job = { ...job, doing: { step: "read", entry, octets } };
  askOctets(turn, entry, 0, octets);
}

function piecesOf(turn: Turn, job: FetchJob, entry: Entry, source: MessageSource): readonly FetchPiece[] {
  const sequence = turn.phase.at === "selected" ? indexOfUid(turn.phase.view.entries, entry.uid) + 1 : 0;
  const flags = !job.seen.has(entry.uid) ? "asked" : turn.enabled.has("CONDSTORE") ? "with-modseq" : "told";
  return fetchPieces(job.plan, { sequence, entry, source, flags, thread: job.threads.get(entry.message) });
}

/**
 * Writes pieces, all or none; where octets of the message are missing it asks for them, remembers what is to be written before and after
 * them, and answers undefined.
 */
function writePieces(
  turn: Turn,
  job: FetchJob,
  entry: Entry,
  pieces: readonly FetchPiece[],
  bytes: Uint8Array | undefined,
): FetchJob | undefined {
  const before: Uint8Array[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (piece instanceof Uint8Array) before.push(piece);
    else if (bytes !== undefined && bytes.length >= piece.end) before.push(bytes.subarray(piece.start, piece.end));
    else {
      const told = job.doing.step === "stream" ? "part" : "nothing";
      const rest = { step: "stream", entry, before, told, after: pieces.slice(index + 1), end: piece.end } as const;
      stream(turn, job, rest, piece.start);
      return undefined;
    }
  }
  for (const piece of before) turn.writer.bytes(piece);
  return { ...job, next: job.next + 1, doing: { step: "next" } };
}

type Streaming = Extract<FetchJob["doing"], { step: "stream" }>;

function stream(turn: Turn, job: FetchJob, rest: Omit<Streaming, "from" | "at">, from: number): undefined {
  const at = Math.min(rest.end, from + BLOB_CHUNK_OCTETS);
  turn.job = { ...job, doing: { ...rest, from, at } };
  askOctets(turn, rest.entry, from, at);
}

function askOctets(turn: Turn, entry: Entry, start: number, end: number): undefined {
  if (turn.phase.at === "selected") ask(turn, { ask: "read", mailbox: turn.phase.view.mailbox, entry, start, end });
}

/** The answer to a question of a FETCH. */
export function onFetchAnswer(turn: Turn, job: FetchJob, given: FetchAnswer): undefined {
  const { doing } = job;
  if (given.ask === "store") return doing.step === "seen" ? onSeen(turn, job, given) : undefined;
  if (given.ask === "threads") return doing.step === "threads" ? onThreads(turn, job, given) : undefined;
  if (doing.step === "read") return onRead(turn, job, doing, given);
  if (doing.step === "stream") onStream(turn, job, doing, given);
}

/** The flags that changed are told with each message. A store that can't write can still be read. */
function onSeen(turn: Turn, job: FetchJob, given: Extract<Answer, { ask: "store" }>): undefined {
  if (turn.phase.at !== "selected") return;
  const changes = given.outcome.ok ? given.outcome.value.changed : [];
  turn.phase = { at: "selected", view: applyFlags(turn.phase.view, changes).view };
  continueFetch(turn, { ...job, seen: new Set(changes.map(change => change.uid)), doing: { step: "next" } });
}

function onThreads(turn: Turn, job: FetchJob, given: Extract<Answer, { ask: "threads" }>): undefined {
  const known = withThreads(turn, job, given.outcome);
  if (known === undefined || turn.phase.at !== "selected") return;
  const { message } = entryOf(turn.phase.view, known.uids[known.next]!);
  if (known.threads.has(message)) continueFetch(turn, known);
  else leaveOut(turn, known, "gone");
}

type ReadAnswer = Extract<Answer, { ask: "read" }>;

/** A message that can't be read, and of which nothing was told, is left out; the tagged answer says so. */
function passOver(turn: Turn, job: FetchJob, failure: BackendFailure): undefined {
  leaveOut(turn, job, failure === "missing" ? "gone" : failure === "corrupt" ? "corrupt" : "failed");
}

function leaveOut(turn: Turn, job: FetchJob, lost: FetchJob["lost"]): undefined {
  continueFetch(turn, { ...job, next: job.next + 1, lost, doing: { step: "next" } });
}

function onRead(
  turn: Turn,
  job: FetchJob,
  doing: Extract<FetchJob["doing"], { step: "read" }>,
  given: ReadAnswer,
): undefined {
  const { entry, octets } = doing;
  if (!given.outcome.ok) return passOver(turn, job, given.outcome.failure);
  const bytes = given.outcome.value;
  if (octets < entry.size && !hasWholeHeader(bytes, entry.size)) return read(turn, job, entry, entry.size);
  const source = readSource(job.plan.need, bytes);
  if (hasUnknownEncoding(job.plan.items, source)) return leaveOut(turn, job, "unknown-encoding");
  const written = writePieces(turn, job, entry, piecesOf(turn, job, entry, source), bytes);
  if (written !== undefined) continueFetch(turn, written);
}

function onStream(turn: Turn, job: FetchJob, doing: Streaming, given: ReadAnswer): undefined {
  const bytes = given.outcome.ok ? given.outcome.value : undefined;
  if (bytes?.length !== doing.at - doing.from) {
    if (doing.told === "nothing") return passOver(turn, job, given.outcome.ok ? "corrupt" : given.outcome.failure);
    // The length of the literal is announced already: nothing that could be said would be understood.
    turn.phase = { at: "logout" };
    turn.job = { job: "bye" };
    return perform(turn, { do: "close" });
  }
  for (const piece of doing.before) turn.writer.bytes(piece);
  turn.writer.bytes(bytes);
  flush(turn);
  const told = { ...doing, before: [], told: "part" } as const;
  if (doing.at < doing.end) return stream(turn, job, told, doing.at);
  const written = writePieces(turn, job, doing.entry, doing.after, undefined);
  if (written !== undefined) continueFetch(turn, written);
}
