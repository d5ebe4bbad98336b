import type { Timer } from "@scop/platform";
import type { Answered, Context, HomeserverIo, OwnCall } from "../context.ts";
import { joinedRoom } from "../directory/aliases.ts";
import { tellRoom } from "../federation/live-news.ts";
import { MatrixFault } from "../http.ts";

/** How long somebody types unless it is said again. Our own bound; clients say 20 to 30 seconds. */
const TYPING_MS_MAX = 120_000;
const TYPING_MS_DEFAULT = 30_000;
/** Who types at a time, in all rooms. Our own bound: a further one is passed over. */
const TYPING_MAX = 10_000;

/** Counts what is never stored: what happened since, in one life of the server. Begins at the time, so that a later life is ahead of it. */
export class LiveCounter {
  #count: number;

  constructor(io: Pick<HomeserverIo, "clock">) {
    this.#count = io.clock.now();
  }

  get count(): number {
    return this.#count;
  }

  next(): number {
    this.#count += 1;
    return this.#count;
  }
}

/** Who types in which room. Nothing of it is stored. */
export class Typing {
  readonly #io: Pick<HomeserverIo, "timers">;
  readonly #counter: LiveCounter;
  readonly #rooms: Map<string, { readonly users: Map<string, Timer>; changed: number }> = new Map();
  readonly #changed: (room: string) => void;
  #typing = 0;

  constructor(io: Pick<HomeserverIo, "timers">, counter: LiveCounter, changed: (room: string) => void) {
    this.#io = io;
    this.#counter = counter;
    this.#changed = changed;
  }

  /** Somebody types for so many milliseconds; 0: not any more. */
  set(room: string, user: string, ms: number): void {
    const known = this.#rooms.get(room)?.users.get(user);
    known?.clear();
    if (ms <= 0 || this.#typing >= TYPING_MAX) {
      if (known !== undefined) this.#remove(room, user);
      return;
    }
    const timer = this.#io.timers.set(ms, () => this.#remove(room, user));
    const state = this.#rooms.get(room) ?? { users: new Map<string, Timer>(), changed: 0 };
    this.#rooms.set(room, state);
    state.users.set(user, timer);
    if (known !== undefined) return;
    this.#typing += 1;
    this.#tell(room, state);
  }

  /** Who types in a room, where that changed after a count and up to another one. */
  between(room: string, after: number, upTo: number): readonly string[] | undefined {
    const state = this.#rooms.get(room);
    const isChanged = state !== undefined && state.changed > after && state.changed <= upTo;
    return isChanged ? [...state.users.keys()] : undefined;
  }

  /** Nobody types any more. */
  close(): void {
    for (const { users } of this.#rooms.values()) for (const timer of users.values()) timer.clear();
    this.#rooms.clear();
  }

  #remove(room: string, user: string): void {
    const state = this.#rooms.get(room);
    if (state?.users.delete(user) !== true) return;
    this.#typing -= 1;
    this.#tell(room, state);
  }

  #tell(room: string, state: { changed: number }): void {
    state.changed = this.#counter.next();
    this.#changed(room);
  }
}

/** `PUT /rooms/{roomId}/typing/{userId}` */
export async function setTyping(context: Context, { path, body, who }: OwnCall): Answered {
  if (path.get("userId") !== who.user) throw new MatrixFault(403, "M_FORBIDDEN", "You type for yourself alone.");
  const { room } = await joinedRoom(context, path.get("roomId")!, who.user);
  const timeout = body.get("timeout");
  const ms = Math.min(typeof timeout === "number" && timeout > 0 ? timeout : TYPING_MS_DEFAULT, TYPING_MS_MAX);
  const isTyping = body.get("typing") === true;
  context.heard.typing.set(room, who.user, isTyping ? ms : 0);
  await tellRoom(context, room, {
    key: `typing ${room} ${who.user}`,
    edu: { edu_type: "m.typing", content: { room_id: room, user_id: who.user, typing: isTyping } },
  });
  return {};
}
