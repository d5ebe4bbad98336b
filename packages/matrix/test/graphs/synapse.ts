import { fileURLToPath } from "node:url";
import type { RoomEvent } from "@scop/matrix/event";
import { resolveState, type StateIds } from "@scop/matrix/state-res";
import { startWorker } from "../../../../bench/worker-process.ts";
import { SYNAPSE_PYTHON } from "../../../../scripts/tools.ts";
import { eventOf, keyOf, MemoryRoom, type PlainEvent, resolvedRoom } from "../rooms.ts";
import type { Judged, Problem, RandomRoom } from "./random-room.ts";

const PROGRAM = fileURLToPath(new URL("./resolve.py", import.meta.url));

/** What Synapse makes of a room. */
interface SynapseAnswer {
  /** The ids of the events by the names that they had. */
  readonly ids: Readonly<Record<string, string>>;
  /** Of each problem, the ids of the state in order; null where it ends in an error over a malformed event that somebody says is state. */
  readonly resolved: readonly (readonly string[] | null)[];
  /** Of each event that was judged, whether its auth events may be what they are and whether the state allows it. */
  readonly judged: readonly (readonly [isRead: boolean, isAllowed: boolean])[];
}

/** Synapse in a process of its own. */
interface Synapse {
  ask(room: object): Promise<SynapseAnswer>;
  stop(): void;
}

/** Starts Synapse's functions in a Python that has its package. */
export function startSynapse(): Synapse {
  return startWorker<object, SynapseAnswer>("Synapse", [SYNAPSE_PYTHON, PROGRAM]);
}

/** The room with ids in place of names. */
class Renamed {
  readonly store = new MemoryRoom();
  readonly roomId: string;
  readonly #ids: ReadonlyMap<string, string>;

  constructor(room: RandomRoom, ids: Readonly<Record<string, string>>) {
    this.#ids = new Map(Object.entries(ids));
    const [create] = room.plain;
    this.roomId = room.version === "12" ? `!${this.#id(create!.event_id).slice(1)}` : room.room.roomId;
    for (const plain of room.plain) this.store.add(this.#event(plain), room.rejected.has(plain.event_id));
  }

  #id(name: string): string {
    return this.#ids.get(name)!;
  }

  #event({ room_id: _, ...plain }: PlainEvent): RoomEvent {
    const idsOf = (names: readonly string[] = []): string[] => names.map(name => this.#id(name));
    const refers = { auth_events: idsOf(plain.auth_events), prev_events: idsOf(plain.prev_events) };
    return eventOf({ ...plain, ...refers, event_id: this.#id(plain.event_id) }, this.roomId);
  }

  problem(sets: Problem): Problem {
    return sets.map(set => new Map([...set].map(([key, name]) => [key, this.#id(name)] as const)));
  }
}

function sortedIds(state: StateIds): readonly string[] {
  return [...state.values()].sort();
}

/** Whether a room is closed to other servers: Synapse then lets nobody of them be invited or banned either; the rules speak of senders alone. */
function isClosed(room: RandomRoom): boolean {
  return "m.federate" in room.plain[0]!.content;
}

/** Whether we know that Synapse judges otherwise than the rules have it. */
function isKnownDifference({ plain, isAllowed }: Judged, room: RandomRoom): boolean {
  return isAllowed && isClosed(room) && plain.type === "m.room.member" && !plain.state_key!.endsWith(":a.example");
}

function judgedOtherwise(room: RandomRoom, { judged }: SynapseAnswer): readonly string[] {
  return room.judged.flatMap((ours, index) => {
    const [isRead, isAllowed] = judged[index]!;
    // Synapse looks at a create event once, and not by the state.
    const isCreate = ours.plain.type === "m.room.create";
    const isSame = isCreate
      ? (isRead && isAllowed) === (ours.isRead && ours.isAllowed)
      : isRead === ours.isRead && isAllowed === ours.isAllowed;
    if (isSame || isKnownDifference(ours, room)) return [];
    const verdicts = `ours ${ours.isRead} ${ours.isAllowed}, Synapse's ${isRead} ${isAllowed}`;
    return [`${verdicts}: ${JSON.stringify(ours.plain)}`];
  });
}

function resolvedOtherwise(room: RandomRoom, { ids, resolved }: SynapseAnswer): readonly string[] {
  const renamed = new Renamed(room, ids);
  return room.problems.flatMap((sets, index) => {
    const own = resolveState(renamed.store, resolvedRoom(room.version, renamed.roomId), renamed.problem(sets));
    const [ours, theirs] = [sortedIds(own), resolved[index]!];
    if (theirs === null || ours.join() === theirs.join()) return [];
    const names = (list: readonly string[], other: readonly string[]): string =>
      list
        .filter(id => !other.includes(id))
        .map(id => `${keyOf(renamed.store.get(id)!.event)} ${id}`)
        .join(", ");
    return [`problem ${index}: ours has ${names(ours, theirs)}; Synapse has ${names(theirs, ours)}`];
  });
}

/** What we and Synapse make of a room. */
interface Compared {
  /** A line for each event that is judged otherwise, and each state. */
  readonly differences: readonly string[];
  /** States that Synapse can't resolve. */
  readonly unresolved: number;
}

export async function compare(synapse: Synapse, room: RandomRoom): Promise<Compared> {
  const problems = room.problems.map(sets => sets.map(set => [...set.values()]));
  const { version, plain: events, judged } = room;
  const answer = await synapse.ask({ version, events, rejected: [...room.rejected], problems, judged });
  return {
    differences: [...judgedOtherwise(room, answer), ...(isClosed(room) ? [] : resolvedOtherwise(room, answer))],
    unresolved: answer.resolved.filter(each => each === null).length,
  };
}
