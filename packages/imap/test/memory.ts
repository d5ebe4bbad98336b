import { concat, EMPTY } from "@scop/wire";
import { sectionOctets } from "../src/extensions/catenate.ts";
import type { Answer, AppendMessage, Entry, Mailbox, Outcome, Question, TextCandidates } from "../src/index.ts";

interface Box {
  key: number;
  name: string;
  specialUse: string | undefined;
  subscribed: boolean;
  uidValidity: number;
  uidNext: number;
  modseq: number;
  entries: Entry[];
  expunged: { uid: number; modseq: number }[];
}

const missing = { ok: false, failure: "missing" } as const;

function ok<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

/** Mailboxes in memory that answer the questions of a session at once. */
export class Memory {
  readonly boxes: Box[] = [];
  readonly blobs: Uint8Array[] = [];
  /** Subscribed names without a mailbox. */
  readonly lost: Set<string> = new Set();
  /** Questions that fail from now on. */
  readonly failing: Map<Question["ask"], "unavailable" | "over-quota" | "corrupt"> = new Map();
  readonly asked: Question[] = [];
  /** What was indexed, by blob. */
  readonly texts: Map<number, string | undefined> = new Map();
  limits: { readonly octets: number | undefined; readonly messages: number | undefined } = {
    octets: undefined,
    messages: undefined,
  };
  #keys = 0;
  #append:
    | { readonly box: Box; readonly messages: { readonly request: AppendMessage; readonly chunks: Uint8Array[] }[] }
    | undefined;
  now: number = Date.UTC(2026, 1, 3, 4, 5, 6);

  constructor(names: readonly string[] = ["INBOX", "Sent", "Archive/2025", "Archive", "Entwürfe"]) {
    for (const name of names) this.create(name);
    const sent = this.box("Sent");
    if (sent) sent.specialUse = "\\Sent";
  }

  box(name: string): Box | undefined {
    return this.boxes.find(box => box.name === name);
  }

  create(name: string): Box {
    this.#keys += 1;
    const box: Box = {
      key: this.#keys,
      name,
      specialUse: undefined,
      subscribed: false,
      uidValidity: 1000 + this.#keys,
      uidNext: 1,
      modseq: 1,
      entries: [],
      expunged: [],
    };
    this.boxes.push(box);
    return box;
  }

  add(name: string, message: Uint8Array, flags: readonly string[] = []): Entry {
    const box = this.box(name)!;
    this.blobs.push(message);
    box.modseq += 1;
    const uid = box.uidNext;
    box.uidNext += 1;
    const internalDate = this.now;
    const entry = {
      uid,
      size: message.length,
      flags,
      modseq: box.modseq,
      internalDate,
      saveDate: this.now + 86_400_000,
      message: this.blobs.length,
      blob: this.blobs.length - 1,
    };
    box.entries.push(entry);
    return entry;
  }

  expunge(box: Box, uids: readonly number[]): void {
    box.modseq += 1;
    box.entries = box.entries.filter(entry => !uids.includes(entry.uid));
    for (const uid of uids) box.expunged.push({ uid, modseq: box.modseq });
  }

  /** As an index that knows texts whole. */
  #candidates(box: Box, texts: readonly string[]): TextCandidates {
    const indexed = box.entries.filter(({ blob }) => this.texts.has(blob));
    return {
      unindexed: box.entries.filter(({ blob }) => !this.texts.has(blob)).map(({ uid }) => uid),
      possible: texts.map(text =>
        indexed.filter(({ blob }) => this.texts.get(blob)?.includes(text) ?? true).map(({ uid }) => uid),
      ),
    };
  }

  /** The number of questions of a kind. */
  count(ask: Question["ask"]): number {
    return this.asked.filter(question => question.ask === ask).length;
  }

  answer(question: Question): Answer {
    this.asked.push(question);
    const failure = this.failing.get(question.ask);
    const outcome = failure === undefined ? this.#outcome(question) : ({ ok: false, failure } as const);
    return { on: "answer", ask: question.ask, outcome } as Answer;
  }

  append(bytes: Uint8Array): void {
    this.#append!.messages.at(-1)!.chunks.push(bytes.slice());
  }

  abort(): void {
    this.#append = undefined;
  }

  get appending(): boolean {
    return this.#append !== undefined;
  }

  #mailbox(box: Box): Mailbox {
    const unseen = box.entries.filter(entry => !entry.flags.includes("\\Seen")).length;
    const octetsOf = (entries: readonly Entry[]): number => entries.reduce((sum, entry) => sum + entry.size, 0);
    const marked = box.entries.filter(entry => entry.flags.includes("\\Deleted"));
    return {
      ...box,
      object: box.key,
      highestModseq: box.modseq,
      messages: box.entries.length,
      unseen,
      deleted: marked.length,
      octets: octetsOf(box.entries),
      deletedOctets: octetsOf(marked),
    };
  }

  #outcome(question: Question): Outcome<unknown> {
    switch (question.ask) {
      case "open":
        return ok(undefined);
      case "index-texts":
        for (const { blob, text } of question.texts) this.texts.set(blob, text);
        return ok(undefined);
      case "time":
        return ok(this.now);
      case "mailboxes":
        return ok(this.boxes.map(box => this.#mailbox(box)));
      case "mailbox": {
        const box = this.box(question.name);
        return box ? ok(this.#mailbox(box)) : missing;
      }
      case "create":
        if (this.box(question.name)) return { ok: false, failure: "exists" };
        if (question.uses.length > 1) return { ok: false, failure: "invalid-use" };
        this.create(question.name).specialUse = question.uses[0];
        return ok(this.box(question.name)!.key);
      case "remove":
        if (!this.box(question.name)) return missing;
        this.boxes.splice(this.boxes.indexOf(this.box(question.name)!), 1);
        return ok(undefined);
      case "rename":
        if (!this.box(question.from)) return missing;
        if (this.box(question.to)) return { ok: false, failure: "exists" };
        this.box(question.from)!.name = question.to;
        return ok(undefined);
      case "subscribe":
        if (this.box(question.name)) this.box(question.name)!.subscribed = question.subscribed;
        else if (question.subscribed) this.lost.add(question.name);
        else this.lost.delete(question.name);
        return ok(undefined);
      case "subscriptions":
        return ok([...this.lost].sort());
      case "quota": {
        const all = this.boxes.flatMap(box => box.entries);
        const used = all.reduce((sum, entry) => sum + entry.size, 0);
        return ok({
          octets: { used, limit: this.limits.octets },
          messages: { used: all.length, limit: this.limits.messages },
        });
      }
      case "threads": {
        // Messages of one size are one thread.
        const present = new Set(this.boxes.flatMap(box => box.entries.map(entry => entry.message)));
        const known = question.entries.filter(({ message }) => present.has(message));
        return ok(known.map(({ message, size }) => ({ message, thread: size })));
      }
      case "append": {
        const box = this.box(question.name);
        if (!box) return missing;
        this.#append = { box, messages: [] };
        return ok(undefined);
      }
      case "append-message":
        this.#append!.messages.push({ request: question, chunks: [] });
        return ok(undefined);
      case "append-url": {
        const { url, octetsMax } = question;
        const box = this.box(url.mailbox);
        const known = box && (url.uidValidity ?? box.uidValidity) === box.uidValidity;
        const entry = known ? box.entries.find(({ uid }) => uid === url.uid) : undefined;
        const octets = entry && sectionOctets(this.blobs[entry.blob]!, url);
        if (octets === undefined) return ok({ url: "bad" });
        if (octets.length > octetsMax) return ok({ url: "too-large" });
        this.append(octets);
        return ok({ url: "taken", octets: octets.length });
      }
      case "append-end": {
        const { box, messages } = this.#append!;
        this.#append = undefined;
        const uids = messages.map(({ request, chunks }) => {
          const entry = this.add(box.name, concat([...chunks, EMPTY]).slice(), request.flags);
          if (request.internalDate !== undefined)
            box.entries[box.entries.length - 1] = { ...entry, internalDate: request.internalDate };
          return entry.uid;
        });
        return ok({ mailbox: box.key, uidValidity: box.uidValidity, uids });
      }
      default:
        return this.#onMessages(question);
    }
  }

  #onMessages(question: Extract<Question, { mailbox: number }>): Outcome<unknown> {
    const box = this.boxes.find(({ key }) => key === question.mailbox);
    if (!box) return missing;
    switch (question.ask) {
      case "entries":
        return ok([...box.entries]);
      case "changes":
        return ok({
          modseq: box.modseq,
          entries: box.entries.filter(entry => entry.modseq > question.since),
          expunged: box.expunged.filter(gone => gone.modseq > question.since).map(gone => gone.uid),
        });
      case "read":
        if (!box.entries.some(entry => entry.uid === question.entry.uid)) return missing;
        return ok(this.blobs[question.entry.blob]!.slice(question.start, question.end));
      case "text-candidates":
        return ok(this.#candidates(box, question.texts));
      case "vanished":
        return ok(box.expunged.filter(gone => gone.modseq > question.since).map(gone => gone.uid));
      case "store": {
        box.modseq += 1;
        const changed: Entry[] = [];
        const newer: number[] = [];
        box.entries = box.entries.map(entry => {
          if (!question.uids.includes(entry.uid)) return entry;
          if (entry.modseq > (question.unchangedSince ?? Number.POSITIVE_INFINITY)) {
            newer.push(entry.uid);
            return entry;
          }
          const rest = entry.flags.filter(flag => !question.flags.includes(flag));
          const flags =
            question.mode === "replace"
              ? question.flags
              : question.mode === "add"
                ? [...rest, ...question.flags]
                : rest;
          changed.push({ ...entry, flags, modseq: box.modseq });
          return changed[changed.length - 1]!;
        });
        return ok({ changed, newer });
      }
      case "copy":
      case "move": {
        const target = this.box(question.to);
        if (!target) return missing;
        const pairs = box.entries
          .filter(entry => question.uids.includes(entry.uid))
          .map(entry => ({ from: entry.uid, to: this.add(target.name, this.blobs[entry.blob]!, entry.flags).uid }));
        if (question.ask === "move")
          this.expunge(
            box,
            pairs.map(pair => pair.from),
          );
        return ok({ uidValidity: target.uidValidity, pairs });
      }
      case "expunge": {
        const uids = box.entries
          .filter(entry => entry.flags.includes("\\Deleted") && (question.uids?.includes(entry.uid) ?? true))
          .map(entry => entry.uid);
        this.expunge(box, uids);
        return ok(uids);
      }
    }
  }
}
