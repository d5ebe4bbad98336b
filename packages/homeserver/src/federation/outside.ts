import { type AuthState, authorise, authRulesOf, readAuthEvents } from "@scop/matrix/auth";
import { AUTH_EVENTS_MAX, DEPTH_MAX, PREV_EVENTS_MAX, type RoomEvent } from "@scop/matrix/event";
import { parseEventId } from "@scop/matrix/id";
import { type JsonObject, type JsonValue, objectAt, textAt } from "@scop/matrix/json";
import { EMPTY_STATE, type RoomChange } from "@scop/store";
import { assert } from "@scop/wire";
import type { Context } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { ROOM_VERSIONS, servedFormat, signedEvent } from "../pdu.ts";
import { isList } from "../schema.ts";
import { readTold, type ToldState } from "./joined-room.ts";
import { storeOutliers } from "./outliers.ts";
import { peersOf } from "./peers-of.ts";
import { PeerFault } from "./port.ts";
import { type Received, readReceived } from "./received.ts";
import type { RoomKey } from "./room-events.ts";
import { madeState } from "./room-state.ts";

const TEMPLATE_TIMEOUT_MS = 20_000;
/** A large room takes its server a while. */
const JOIN_TIMEOUT_MS = 180_000;
/** Servers that are asked one after the other. Our own bound. */
const SERVERS_MAX = 5;

/** A membership of one of our users in a room that this server is not in. */
export interface OutsideMembership {
  readonly room: string;
  readonly user: string;
  readonly membership: "join" | "leave" | "knock";
  /** What it has beside the membership. */
  readonly content: JsonObject;
  /** Servers that may be in the room. */
  readonly via: readonly string[];
}

/** One that another server made a template for, signed by us. */
export interface Outgoing {
  readonly key: RoomKey;
  readonly event: RoomEvent;
  readonly json: string;
}

/** Does something through the first server that can; throws what the last one said. */
export async function through<Value>(
  via: readonly string[],
  attempt: (server: string) => Promise<Value>,
): Promise<Value> {
  let last: unknown = new MatrixFault(404, "M_NOT_FOUND", "No server is known that is in the room.");
  for (const server of [...new Set(via)].slice(0, SERVERS_MAX)) {
    try {
      return await attempt(server);
    } catch (error) {
      if (!(error instanceof PeerFault)) throw error;
      last = error;
    }
  }
  throw last instanceof PeerFault ? faultOf(last) : last;
}

/** What a client is told. */
function faultOf({ kind, status, message }: PeerFault): MatrixFault {
  if (kind !== "refused")
    return new MatrixFault(502, "M_UNKNOWN", `The other server gave no answer of use: ${message}`);
  if (status === 404) return new MatrixFault(404, "M_NOT_FOUND", message);
  return new MatrixFault(403, "M_FORBIDDEN", message);
}

/** `POST /join`, through another server: the room is here afterwards. `here`: it came meanwhile, and is joined as one that is. */
export function joinElsewhere(context: Context, wanted: OutsideMembership): Promise<"joined" | "here"> {
  return context.rooms.receipt.take(wanted.room, async () => {
    const servers = await context.store.roomServers(wanted.room);
    if (servers.includes(context.options.serverName)) return "here";
    await through(wanted.via, async server => {
      const { key, event, json } = await templateOf(context, server, wanted);
      const target = `/_matrix/federation/v2/send_join/${encodeURIComponent(key.room)}/${encodeURIComponent(event.eventId)}`;
      const request = { method: "PUT", target, body: event.json, timeoutMs: JOIN_TIMEOUT_MS } as const;
      const answer = await peersOf(context).ask(server, request);
      const told = await readTold(context, peersOf(context), key, {
        state: answer.get("state"),
        authChain: answer.get("auth_chain"),
      });
      const join = await signedByBoth(context, key, { event, json }, answer);
      checkAllowed(context, key, join.event, told);
      await storeRoom(context, key, join, told);
    });
    return "joined";
  });
}

/**
 * Makes a membership of what another server says of its room. Of its template count the version, what comes before, what authorises and
 * who lets in: everything else is ours, so that nobody has us sign something else. Throws `PeerFault`, `MatrixFault`.
 */
export async function templateOf(context: Context, server: string, wanted: OutsideMembership): Promise<Outgoing> {
  const { room, user, membership } = wanted;
  const versions = membership === "leave" ? "" : `?${ROOM_VERSIONS.map(each => `ver=${each}`).join("&")}`;
  const target = `/_matrix/federation/v1/make_${membership}/${encodeURIComponent(room)}/${encodeURIComponent(user)}${versions}`;
  const request = { method: "GET", target, body: undefined, timeoutMs: TEMPLATE_TIMEOUT_MS } as const;
  const answer = await peersOf(context).ask(server, request);
  const template = objectAt(answer, "event");
  const version = textAt(answer, "room_version") ?? "1";
  const authEvents = idsOf(template?.get("auth_events"), AUTH_EVENTS_MAX);
  const prevEvents = idsOf(template?.get("prev_events"), PREV_EVENTS_MAX);
  if (servedFormat(version) === undefined || authEvents === undefined || prevEvents === undefined) {
    throw new PeerFault("malformed", "The template of the other server can't be used.");
  }
  const content = new Map(wanted.content).set("membership", membership);
  const authoriser = textAt(objectAt(template, "content") ?? new Map(), "join_authorised_via_users_server");
  if (membership === "join" && authoriser !== undefined) content.set("join_authorised_via_users_server", authoriser);
  const depth = template?.get("depth");
  const draft = {
    roomId: room,
    type: "m.room.member",
    stateKey: user,
    sender: user,
    content,
    originServerTs: context.io.clock.now(),
    depth: typeof depth === "number" && depth >= 0 ? Math.min(depth, DEPTH_MAX) : 1,
    authEvents,
    prevEvents,
    redacts: undefined,
  };
  return { key: { room, version }, ...signedEvent(context, version, draft) };
}

function idsOf(value: JsonValue | undefined, max: number): readonly string[] | undefined {
  if (!isList(value) || value.length > max) return undefined;
  return value.every(each => typeof each === "string" && parseEventId(each).ok)
    ? (value as readonly string[])
    : undefined;
}

/** The join with the signature of who let in: the same event, or ours as it is. */
async function signedByBoth(context: Context, key: RoomKey, own: Received, answer: JsonObject): Promise<Received> {
  const given = objectAt(answer, "event");
  const read = await readReceived(context, peersOf(context), key, given ?? own.event.json);
  if (!read.ok || read.value.event.eventId !== own.event.eventId) {
    throw new PeerFault("malformed", "The other server answered another join than the one that was sent.");
  }
  return read.value;
}

/** Fails where the room as it was told does not allow what we join it by. */
function checkAllowed({ rooms }: Context, { version }: RoomKey, event: RoomEvent, told: ToldState): void {
  const rules = authRulesOf(version);
  assert(rules !== undefined, "the version of a room that is served is known");
  const known = {
    get: (id: string) => told.events.get(id)?.event,
    isRejected: (id: string) => told.rejected.has(id),
  };
  const state: AuthState = { get: key => known.get(told.state.get(key) ?? "") };
  const read = readAuthEvents(event, known, rules);
  const refusal =
    "refusal" in read
      ? read.refusal
      : (authorise(event, read.state, rules, rooms.events.checks) ??
        authorise(event, state, rules, rooms.events.checks));
  if (refusal !== undefined)
    throw new PeerFault("malformed", `The room as it was told is none to join: ${refusal.sentence}`);
}

async function storeRoom(context: Context, key: RoomKey, { event, json }: Received, told: ToldState): Promise<void> {
  const { store, rooms } = context;
  await rooms.turns.take(key.room, async () => {
    // Refused where the room is known: then it is known by the version that it has.
    await store.transaction({ changes: [{ change: "add-room", ...key }] });
    if ((await store.room(key.room))?.version !== key.version) {
      throw new PeerFault("malformed", "The room is known here by another version.");
    }
    await storeOutliers(context, key, told.events, told.rejected);
    const room = (await store.room(key.room))!;
    const before = await madeState(store, EMPTY_STATE, told.state);
    const take: RoomChange = {
      change: "take-event",
      room: key.room,
      event: event.eventId,
      type: event.type,
      stateKey: event.stateKey,
      depth: event.depth,
      previous: event.prevEvents,
      json,
      sentBy: undefined,
      before: before.draft,
      become: { fate: "latest", seen: room.latest, latest: [event.eventId], state: "own" },
    };
    const answer = await store.transaction({ changes: [take] });
    assert(answer.ok, "events of one room take turns");
  });
}
