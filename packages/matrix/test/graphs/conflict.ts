import { type StateKey, selectAuthEvents } from "@scop/matrix/auth";
import { resolveState, type StateIds } from "@scop/matrix/state-res";
import { eventOf, keyOf, MemoryRoom, type PlainEvent, resolvedRoom } from "../rooms.ts";

const ALICE = "@alice:a.example";
const VERSION = "12";
const ROUNDS = 5;

/** A large room of which two halves hear nothing of each other. */
class Halves {
  readonly room = resolvedRoom(VERSION, "!create");
  readonly store = new MemoryRoom();
  #time = 0;

  /** Changes a state by an event that it allows. */
  add(state: Map<StateKey, string>, sender: string, type: string, stateKey: string, content: object): void {
    this.#time += 1;
    const unsigned: PlainEvent = {
      event_id: type === "m.room.create" ? "$create" : `$e${this.#time}`,
      type,
      state_key: stateKey,
      sender,
      content,
      origin_server_ts: this.#time,
      prev_events: ["$before"],
    };
    const auth = selectAuthEvents(eventOf(unsigned, this.room.roomId), state, this.room.rules);
    const event = eventOf({ ...unsigned, auth_events: auth }, this.room.roomId);
    this.store.add(event, false);
    state.set(keyOf(event), event.eventId);
  }

  /** The state of a room with so many members who joined for themselves. */
  begin(members: number): Map<StateKey, string> {
    const state = new Map<StateKey, string>();
    this.add(state, ALICE, "m.room.create", "", { room_version: VERSION });
    this.add(state, ALICE, "m.room.member", ALICE, { membership: "join" });
    this.add(state, ALICE, "m.room.power_levels", "", {});
    this.add(state, ALICE, "m.room.join_rules", "", { join_rule: "public" });
    for (let at = 0; at < members; at += 1) this.#member(state, at);
    return state;
  }

  #member(state: Map<StateKey, string>, at: number): void {
    const user = `@user${at}:s${at % 50}.example`;
    this.add(state, user, "m.room.member", user, { membership: "join", displayname: `${this.#time}` });
  }

  /** One of ten events gives power, one bans, one opens or closes the room, the others are of members. */
  change(state: Map<StateKey, string>, events: number, first: number): void {
    for (let at = 0; at < events; at += 1) {
      const user = `@user${first + at}:s${(first + at) % 50}.example`;
      if (at % 10 === 0) this.add(state, ALICE, "m.room.power_levels", "", { users: { [user]: 50 } });
      else if (at % 10 === 1) this.add(state, ALICE, "m.room.member", user, { membership: "ban" });
      else if (at % 10 === 2)
        this.add(state, ALICE, "m.room.join_rules", "", { join_rule: at % 20 === 2 ? "invite" : "public" });
      else this.#member(state, first + at);
    }
  }
}

/** The CPU in milliseconds that a conflict of so many events takes, in a room with so many members: the first time and the median after. */
export function measureConflict(events: number, members: number): { readonly first: number; readonly median: number } {
  const halves = new Halves();
  const before = halves.begin(members);
  const sets = [0, 1].map(half => {
    const state = new Map(before);
    halves.change(state, events / 2, half * (events / 2));
    return state;
  }) satisfies readonly StateIds[];
  const taken = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    resolveState(halves.store, halves.room, sets);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1_000;
  });
  const sorted = taken.slice(1).sort((one, other) => one - other);
  return { first: taken[0]!, median: sorted[sorted.length >> 1]! };
}
