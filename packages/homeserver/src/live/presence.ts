import { textAt } from "@scop/matrix/json";
import type { Instant } from "@scop/platform";
import { utf8Bytes } from "@scop/wire";
import type { Answered, Context, OwnCall } from "../context.ts";
import { MatrixFault } from "../http.ts";
import type { SyncScope } from "../sync-room.ts";
import type { LiveCounter } from "./typing.ts";

/** Whose presence is known. Our own bound: those of whom something was said last. */
const USERS_MAX = 10_000;
/** Octets of what somebody says of themselves. Our own bound. */
const STATUS_OCTETS_MAX = 1_024;
/** Who has not been heard of for so long is not there. Our own bound. */
const OFFLINE_AFTER_MS = 5 * 60_000;

/** What is known of somebody. */
interface Seen {
  readonly presence: string;
  readonly statusMessage: string | undefined;
  readonly at: Instant;
  readonly changed: number;
}

/** Who is there. Nothing of it is stored, and other servers are not told. */
export class Presence {
  readonly #counter: LiveCounter;
  readonly #users: Map<string, Seen> = new Map();

  constructor(counter: LiveCounter) {
    this.#counter = counter;
  }

  set(user: string, presence: string, statusMessage: string | undefined, at: Instant): void {
    this.#users.delete(user);
    this.#users.set(user, { presence, statusMessage, at, changed: this.#counter.next() });
    if (this.#users.size > USERS_MAX) this.#users.delete(this.#users.keys().next().value!);
  }

  /** Somebody was heard of. Others are told where that says something new. */
  heard(user: string, presence: string, at: Instant): void {
    const known = this.#users.get(user);
    if (known?.presence === presence && at - known.at <= OFFLINE_AFTER_MS) this.#users.set(user, { ...known, at });
    else this.set(user, presence, known?.statusMessage, at);
  }

  /** Of whom something new was said after a count and up to another one. */
  between(after: number, upTo: number): readonly string[] {
    return [...this.#users].filter(([, seen]) => seen.changed > after && seen.changed <= upTo).map(([user]) => user);
  }

  /** As others see it now. */
  of(user: string, now: Instant): object {
    const seen = this.#users.get(user);
    if (seen === undefined) return { presence: "offline" };
    const presence = now - seen.at > OFFLINE_AFTER_MS ? "offline" : seen.presence;
    return {
      presence,
      last_active_ago: Math.max(0, now - seen.at),
      currently_active: presence === "online",
      ...(seen.statusMessage === undefined ? {} : { status_msg: seen.statusMessage }),
    };
  }
}

/** `PUT /presence/{userId}/status`; where the server keeps none it is passed over. */
export async function setPresence(context: Context, call: OwnCall): Answered {
  if (call.path.get("userId") !== call.who.user)
    throw new MatrixFault(403, "M_FORBIDDEN", "You are present for yourself alone.");
  const statusMessage = textAt(call.body, "status_msg");
  if (statusMessage !== undefined && utf8Bytes(statusMessage).length > STATUS_OCTETS_MAX)
    throw new MatrixFault(400, "M_TOO_LARGE", `A status has at most ${STATUS_OCTETS_MAX} octets.`);
  const { heard, io, store } = context;
  if (heard.presence === undefined) return {};
  const { user } = call.who;
  const presence = textAt(call.body, "presence")!;
  heard.presence.set(user, presence, statusMessage, io.clock.now());
  for (const { room, membership } of await store.roomsOf(user)) if (membership === "join") heard.tell(room);
  return {};
}

/** `GET /presence/{userId}/status`: of those with whom the asker is in a room. */
export async function getPresence(context: Context, call: OwnCall): Answered {
  const user = call.path.get("userId")!;
  const isKnown = user === call.who.user || (await shareRoom(context, user, call.who.user));
  if (!isKnown) throw new MatrixFault(403, "M_FORBIDDEN", "You are in no room with this user.");
  return context.heard.presence?.of(user, context.io.clock.now()) ?? { presence: "offline" };
}

/** What `/sync` tells of those with whom a user is in a room. */
export async function presenceEvents({ context, who, liveSince, liveNow }: SyncScope): Promise<readonly object[]> {
  const { presence } = context.heard;
  const events: object[] = [];
  for (const sender of presence?.between(liveSince, liveNow) ?? []) {
    if (sender !== who.user && !(await shareRoom(context, sender, who.user))) continue;
    events.push({ type: "m.presence", sender, content: presence!.of(sender, context.io.clock.now()) });
  }
  return events;
}

async function shareRoom({ store }: Context, one: string, other: string): Promise<boolean> {
  const joined = async (user: string): Promise<readonly string[]> =>
    (await store.roomsOf(user)).filter(each => each.membership === "join").map(each => each.room);
  const rooms = new Set(await joined(one));
  return (await joined(other)).some(each => rooms.has(each));
}
