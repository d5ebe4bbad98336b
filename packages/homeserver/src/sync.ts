import { objectAt } from "@scop/matrix/json";
import type { AccountDataRecord, RoomMember } from "@scop/store";
import { type Answered, type Context, type OwnCall, queryText } from "./context.ts";
import { encryptionPart } from "./encryption/sync.ts";
import { filterFor, passesRoom } from "./filter.ts";
import { presenceEvents } from "./live/presence.ts";
import { mustBeLoggedIn } from "./login.ts";
import type { Parts } from "./performed.ts";
import { PUSH_RULES_TYPE, pushRulesOf } from "./push-rules.ts";
import { liveCountOf, positionOf, syncTokenOf, toDevicePositionOf } from "./stream-token.ts";
import { type SyncScope, strippedState, syncRoom } from "./sync-room.ts";

/** So long nobody waits in one request. Our own bound: proxies end what takes longer. */
const WAIT_MS_MAX = 60_000;

/** What a `/sync` found. */
interface Found {
  readonly answer: object;
  readonly isEmpty: boolean;
}

/** `GET /sync`: what happened since a place in the stream; where nothing did, it waits. Nothing is kept between two of them. */
export async function sync({ context, waiting, live }: Parts, call: OwnCall): Answered {
  const since = queryText(call, "since");
  const filter = await filterFor(context, call, queryText(call, "filter"));
  const isFullState = queryText(call, "full_state") === "true";
  const waitMs =
    since === undefined || isFullState ? 0 : Math.min(Number(queryText(call, "timeout") ?? 0), WAIT_MS_MAX);
  hearPresence(context, call);
  const untilMs = context.io.clock.monotonic() + waitMs;
  const scope = {
    context,
    live,
    liveSince: since === undefined ? 0 : liveCountOf(since),
    who: call.who,
    since: since === undefined ? 0 : positionOf(since),
    toDeviceSince: since === undefined ? 0 : toDevicePositionOf(since),
    filter,
    isFullState,
    isStateAfter: queryText(call, "use_state_after") === "true",
  };
  for (;;) {
    const ear = waiting.listen(call.who, await joinedRooms(context, call.who.user));
    try {
      const liveNow = context.heard.counter.count;
      const found = await look({ ...scope, liveNow, now: await context.store.streamPosition() });
      const leftMs = untilMs - context.io.clock.monotonic();
      if (!found.isEmpty || leftMs <= 0) return found.answer;
      if ((await ear.until(leftMs, call.onGone)) === "late") return found.answer;
      await mustBeLoggedIn(context, call.who);
    } finally {
      ear.end();
    }
  }
}

/** Who syncs is there, unless they say otherwise. */
function hearPresence({ heard, io }: Context, call: OwnCall): void {
  const said = queryText(call, "set_presence") ?? "online";
  if (said !== "offline") heard.presence?.heard(call.who.user, said, io.clock.now());
}

async function joinedRooms({ store }: Context, user: string): Promise<ReadonlySet<string>> {
  return new Set((await store.roomsOf(user)).filter(each => each.membership === "join").map(each => each.room));
}

async function look(scope: SyncScope): Promise<Found> {
  const { context, who, since, now, filter } = scope;
  const data = await context.store.accountData(who.account, since);
  const rooms = objectAt(filter, "room");
  const found = {
    join: new Map<string, object>(),
    invite: new Map<string, object>(),
    knock: new Map<string, object>(),
    leave: new Map<string, object>(),
  };
  for (const member of await context.store.roomsOf(who.user)) {
    if (!passesRoom(rooms, member.room)) continue;
    const kind = kindOf(scope, member);
    if (kind === undefined) continue;
    const shown =
      kind === "invite" || kind === "knock"
        ? { [`${kind}_state`]: await strippedState(scope, member) }
        : await syncRoom(
            scope,
            member,
            data.filter(each => each.room === member.room),
          );
    if (shown !== undefined) found[kind].set(member.room, shown);
  }
  const global = globalData(scope, data);
  const keys = await encryptionPart(scope);
  const present = await presenceEvents(scope);
  const counts = [...Object.values(found).map(each => each.size), global.length, keys.count, present.length];
  const shownRooms = Object.fromEntries(Object.entries(found).map(([kind, each]) => [kind, Object.fromEntries(each)]));
  return {
    answer: {
      next_batch: syncTokenOf(now, keys.toDeviceUpTo, scope.liveNow),
      account_data: { events: global },
      rooms: shownRooms,
      ...keys.shown,
      ...(present.length === 0 ? {} : { presence: { events: present } }),
    },
    isEmpty: since !== 0 && counts.every(count => count === 0),
  };
}

/** In which part of the answer a room stands, if in any. */
function kindOf(
  { since, now, filter }: SyncScope,
  { membership, position }: RoomMember,
): "join" | "invite" | "knock" | "leave" | undefined {
  if (membership === "join") return "join";
  const isChanged = position > since && position <= now;
  if (membership === "invite" || membership === "knock") return isChanged ? membership : undefined;
  const isWanted = since !== 0 || objectAt(filter, "room")?.get("include_leave") === true;
  return isChanged && isWanted ? "leave" : undefined;
}

function globalData({ who, since }: SyncScope, data: readonly AccountDataRecord[]): readonly object[] {
  const global = data.filter(each => each.room === "");
  const rules = global.find(each => each.type === PUSH_RULES_TYPE);
  const own = global
    .filter(each => each !== rules)
    .map(each => ({ type: each.type, content: JSON.parse(each.json) as object }));
  if (since !== 0 && rules === undefined) return own;
  return [{ type: PUSH_RULES_TYPE, content: { global: pushRulesOf(who.user, rules?.json) } }, ...own];
}
