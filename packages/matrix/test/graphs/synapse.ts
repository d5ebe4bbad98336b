import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RoomEvent } from "@scop/matrix/event";
import { resolveState, type StateIds } from "@scop/matrix/state-res";
import { eventOf, keyOf, MemoryRoom, type PlainEvent, resolvedRoom } from "../rooms.ts";
import type { Problem, RandomRoom } from "./random-room.ts";

const PROGRAM = fileURLToPath(new URL("./resolve.py", import.meta.url));

/** What Synapse makes of a room: the ids of the events by the names that they had, and of each problem the resolved ids in order. */
interface SynapseAnswer {
  readonly ids: Readonly<Record<string, string>>;
  readonly resolved: readonly (readonly string[])[];
}

/** Synapse's resolution in a process of its own. */
export class SynapseResolver {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** `python`: an interpreter that has the package matrix-synapse. */
  constructor(python: string) {
    this.#process = spawn(python, [PROGRAM], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  async ask(room: RandomRoom): Promise<SynapseAnswer> {
    const problems = room.problems.map(sets => sets.map(set => [...set.values()]));
    const { version, plain: events } = room;
    this.#process.stdin!.write(`${JSON.stringify({ version, events, rejected: [...room.rejected], problems })}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error("Synapse's process ended");
    return JSON.parse(line.value) as SynapseAnswer;
  }

  async end(): Promise<void> {
    const exited = once(this.#process, "exit");
    this.#process.stdin!.end();
    await exited;
  }
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

/** Where a state of ours differs from Synapse's: one line for each problem of the room. */
export async function differences(synapse: SynapseResolver, room: RandomRoom): Promise<readonly string[]> {
  const { ids, resolved } = await synapse.ask(room);
  const renamed = new Renamed(room, ids);
  const found: string[] = [];
  for (const [index, sets] of room.problems.entries()) {
    const own = resolveState(renamed.store, resolvedRoom(room.version, renamed.roomId), renamed.problem(sets));
    const [ours, theirs] = [sortedIds(own), resolved[index]!];
    if (ours.join() === theirs.join()) continue;
    const names = (list: readonly string[], other: readonly string[]): string =>
      list
        .filter(id => !other.includes(id))
        .map(id => `${keyOf(renamed.store.get(id)!.event)} ${id}`)
        .join(", ");
    found.push(`problem ${index}: ours has ${names(ours, theirs)}; Synapse has ${names(theirs, ours)}`);
  }
  return found;
}
