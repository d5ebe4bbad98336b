// A store in memory, as simple as can be, that says what SQLite should have answered.
import type { Outcome, QueueState } from "@scop/store";

interface Entry {
  uid: number;
  size: number;
  flags: string[];
  modseq: number;
}

export interface Box {
  uidNext: number;
  highestModseq: number;
  subscribed: boolean;
  entries: Entry[];
  gone: { uid: number; modseq: number }[];
}

export interface Item {
  destination: string;
  state: QueueState;
  attempts: number;
  due: number;
  leaseEnds: number;
  lease: number;
  lastReply: string;
}

/** A change that names mailboxes by name and items by their number. */
export type ModelChange =
  | { do: "add"; box: string; size: number; flags: string[] }
  | {
      do: "flags";
      box: string;
      uids: number[];
      mode: "add" | "remove" | "replace";
      flags: string[];
      since: number | undefined;
    }
  | { do: "copy" | "move"; from: string; uids: number[]; to: string }
  | { do: "expunge"; box: string; uids: number[] | undefined }
  | { do: "create" | "delete"; box: string }
  | { do: "rename"; from: string; to: string }
  | { do: "subscribe"; box: string; subscribed: boolean }
  | { do: "enqueue"; due: number; destinations: string[] }
  | { do: "settle"; item: number; lease: number; outcome: Outcome }
  | { do: "release"; item: number; lease: number }
  | { do: "control"; item: number; action: "hold" | "retry" | "drop"; now: number };

export interface Model {
  modseq: number;
  leases: number;
  nextItem: number;
  boxes: Map<string, Box>;
  /** Subscribed names that no mailbox has. */
  lost: Set<string>;
  items: Map<number, Item>;
}

type ModelResult = Record<string, unknown> | "missing" | "exists" | "in-use" | "lost-lease";

export function newModel(): Model {
  const model: Model = { modseq: 0, leases: 0, nextItem: 1, boxes: new Map(), lost: new Set(), items: new Map() };
  newBox(model, "INBOX").subscribed = true;
  return model;
}

/** All or nothing. */
export function transact(model: Model, changes: readonly ModelChange[]): { model: Model; answer: unknown } {
  const next = structuredClone(model);
  const results: unknown[] = [];
  for (const [at, change] of changes.entries()) {
    const result = change.do in QUEUE ? applyToQueue(next, change) : applyToMail(next, change);
    if (typeof result !== "string") results.push(result);
    // Keys are never used twice, so a number that was given out stays given out.
    else
      return {
        model: { ...model, nextItem: next.nextItem, leases: next.leases },
        answer: { ok: false, refusal: result, at },
      };
  }
  return { model: next, answer: { ok: true, results } };
}

const QUEUE = { enqueue: 1, settle: 1, release: 1, control: 1 };

function applyToMail(model: Model, change: ModelChange): ModelResult {
  switch (change.do) {
    case "add":
      return addMessage(model, change.box, change.size, change.flags);
    case "flags":
      return setFlags(model, change);
    case "copy":
    case "move":
      return place(model, change.from, change.uids, change.to, change.do === "move");
    case "expunge":
      return expunge(model, change.box, change.uids);
    case "create": {
      if (model.boxes.has(change.box)) return "exists";
      createLevels(model, change.box);
      newBox(model, change.box);
      return {};
    }
    case "delete": {
      if (!model.boxes.has(change.box)) return "missing";
      if (change.box === "INBOX" || [...model.boxes.keys()].some(name => name.startsWith(`${change.box}/`)))
        return "in-use";
      // What it held leaves the account, which is a change of that.
      model.modseq += 1;
      if (model.boxes.get(change.box)!.subscribed) model.lost.add(change.box);
      model.boxes.delete(change.box);
      return {};
    }
    case "rename":
      return rename(model, change.from, change.to);
    case "subscribe": {
      const box = model.boxes.get(change.box);
      if (box !== undefined) box.subscribed = change.subscribed;
      else if (change.subscribed) model.lost.add(change.box);
      else if (!model.lost.delete(change.box)) return "missing";
      return {};
    }
    default:
      throw new Error(change.do);
  }
}

function newBox(model: Model, name: string): Box {
  model.modseq += 1;
  const box: Box = { uidNext: 1, highestModseq: model.modseq, subscribed: false, entries: [], gone: [] };
  box.subscribed = model.lost.delete(name);
  model.boxes.set(name, box);
  return box;
}

function createLevels(model: Model, name: string): void {
  const levels = name.split("/");
  for (let count = 1; count < levels.length; count += 1) {
    const above = levels.slice(0, count).join("/");
    if (!model.boxes.has(above)) newBox(model, above);
  }
}

function addMessage(model: Model, name: string, size: number, flags: string[]): ModelResult {
  const box = model.boxes.get(name);
  if (box === undefined) return "missing";
  model.modseq += 1;
  box.highestModseq = model.modseq;
  box.entries.push({ uid: box.uidNext, size, flags: union([], flags), modseq: model.modseq });
  box.uidNext += 1;
  return { uid: box.uidNext - 1, modseq: model.modseq };
}

function setFlags(
  model: Model,
  { box: name, uids, mode, flags, since }: Extract<ModelChange, { do: "flags" }>,
): ModelResult {
  const box = model.boxes.get(name);
  if (box === undefined) return "missing";
  const changed: unknown[] = [];
  const newer: number[] = [];
  const modseq = model.modseq + 1;
  for (const entry of box.entries) {
    if (!uids.includes(entry.uid)) continue;
    if (since !== undefined && entry.modseq > since) {
      newer.push(entry.uid);
      continue;
    }
    const keys = flags.map(flag => flag.toLowerCase());
    const without = entry.flags.filter(flag => !keys.includes(flag.toLowerCase()));
    const after = mode === "remove" ? without : union(mode === "add" ? entry.flags : [], flags);
    const fold = (list: string[]): string => list.map(flag => flag.toLowerCase()).join(" ");
    if (fold(after) === fold(entry.flags)) continue;
    entry.flags = after;
    entry.modseq = modseq;
    changed.push({ uid: entry.uid, flags: after, modseq });
  }
  if (changed.length > 0) {
    model.modseq = modseq;
    box.highestModseq = modseq;
  }
  return { changed, newer };
}

/** Sorted ignoring case; of two spellings the first stays. */
function union(to: string[], flags: string[]): string[] {
  const all = new Map(to.map(flag => [flag.toLowerCase(), flag]));
  for (const flag of flags) if (!all.has(flag.toLowerCase())) all.set(flag.toLowerCase(), flag);
  return [...all.keys()].sort().map(key => all.get(key)!);
}

function place(model: Model, from: string, uids: number[] | undefined, to: string, isMove: boolean): ModelResult {
  const source = model.boxes.get(from);
  const target = model.boxes.get(to);
  if (source === undefined || target === undefined) return "missing";
  const taken = source.entries.filter(({ uid }) => uids === undefined || uids.includes(uid));
  if (taken.length === 0) return { pairs: [] };
  model.modseq += 1;
  const modseq = model.modseq;
  if (isMove) {
    source.entries = source.entries.filter(entry => !taken.includes(entry));
    source.gone.push(...taken.map(({ uid }) => ({ uid, modseq })));
    source.highestModseq = modseq;
  }
  const pairs = taken.map((entry, index) => ({ from: entry.uid, to: target.uidNext + index }));
  for (const [index, entry] of taken.entries()) target.entries.push({ ...entry, uid: target.uidNext + index, modseq });
  target.uidNext += taken.length;
  target.highestModseq = modseq;
  return { pairs };
}

function expunge(model: Model, name: string, uids: number[] | undefined): ModelResult {
  const box = model.boxes.get(name);
  if (box === undefined) return "missing";
  const isGone = ({ uid, flags }: Entry): boolean =>
    flags.includes("\\Deleted") && (uids === undefined || uids.includes(uid));
  const gone = box.entries.filter(isGone).map(({ uid }) => uid);
  if (gone.length === 0) return { uids: [], modseq: box.highestModseq };
  model.modseq += 1;
  box.highestModseq = model.modseq;
  box.entries = box.entries.filter(entry => !isGone(entry));
  box.gone.push(...gone.map(uid => ({ uid, modseq: model.modseq })));
  return { uids: gone, modseq: model.modseq };
}

function rename(model: Model, from: string, to: string): ModelResult {
  if (!model.boxes.has(from)) return "missing";
  if (model.boxes.has(to)) return "exists";
  if (from === "INBOX") {
    createLevels(model, to);
    newBox(model, to);
    place(model, "INBOX", undefined, to, true);
    return {};
  }
  for (const [name, box] of [...model.boxes]) {
    if (name !== from && !name.startsWith(`${from}/`)) continue;
    model.boxes.delete(name);
    const renamed = to + name.slice(from.length);
    box.subscribed = model.lost.delete(renamed) || box.subscribed;
    model.boxes.set(renamed, box);
  }
  createLevels(model, to);
  return {};
}

function applyToQueue(model: Model, change: ModelChange): ModelResult {
  if (change.do === "enqueue") {
    const items = change.destinations.map((destination, index) => {
      const item: Item = {
        destination,
        state: "ready",
        attempts: 0,
        due: change.due,
        leaseEnds: 0,
        lease: 0,
        lastReply: "",
      };
      model.items.set(model.nextItem + index, item);
      return model.nextItem + index;
    });
    model.nextItem += items.length;
    return { items };
  }
  if (change.do !== "settle" && change.do !== "release" && change.do !== "control") throw new Error(change.do);
  const item = model.items.get(change.item);
  if (change.do === "control") return control(model, change, item);
  const isMine = item !== undefined && item.state === "leased" && item.lease === change.lease;
  if (change.do === "release") {
    if (isMine) item.state = "ready";
    return {};
  }
  if (!isMine) return "lost-lease";
  if (change.outcome.outcome === "done") model.items.delete(change.item);
  else
    Object.assign(item, {
      state: "ready",
      attempts: item.attempts + 1,
      due: change.outcome.due,
      lastReply: change.outcome.reply,
    });
  return {};
}

function control(model: Model, change: Extract<ModelChange, { do: "control" }>, item: Item | undefined): ModelResult {
  if (item === undefined) return "missing";
  if (item.state === "leased" && item.leaseEnds > change.now) return "in-use";
  if (change.action === "drop") model.items.delete(change.item);
  else if (change.action === "hold") item.state = "held";
  else Object.assign(item, { state: "ready", due: change.now });
  return {};
}

/** When an item needs somebody. */
export function wake({ state, due, leaseEnds }: Item): number | undefined {
  return state === "ready" ? due : state === "leased" ? leaseEnds : undefined;
}

/** Leases as the store does and answers the items. */
export function lease(model: Model, destination: string, now: number, leaseMs: number, limit: number): number[] {
  const due = [...model.items].filter(
    ([, item]) => item.destination === destination && (wake(item) ?? Number.POSITIVE_INFINITY) <= now,
  );
  due.sort(([a, x], [b, y]) => wake(x)! - wake(y)! || a - b);
  return due.slice(0, limit).map(([id, item]) => {
    model.leases += 1;
    Object.assign(item, { state: "leased", leaseEnds: now + leaseMs, lease: model.leases });
    return id;
  });
}
