import type { Answer, JsonObject as PlainObject } from "@scop/corpus";
import {
  type AuthChecks,
  type AuthState,
  authorise,
  authRulesOf,
  type KnownEvents,
  readAuthEvents,
  type StateKey,
  stateKeyOf,
} from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import {
  contentHash,
  eventFormatOf,
  eventIdOf,
  type Hashes,
  isIntact,
  readEvent,
  redactEvent,
} from "@scop/matrix/event";
import { parseEventId, parseMxc, parseRoomAlias, parseRoomId, parseUserId, serverNameParts } from "@scop/matrix/id";
import {
  canonicalJson,
  isJsonObject,
  type JsonLimits,
  type JsonObject,
  type JsonValue,
  parseJson,
} from "@scop/matrix/json";
import { AuthChains, resolutionOf, resolveState, type StateStore, type StoredEvent } from "@scop/matrix/state-res";
import { nodePlatform } from "@scop/node-host";
import { utf8, utf8Lossy } from "@scop/wire";
import { accepted, type Operations, textParam } from "./operation.ts";

const LIMITS: JsonLimits = { octetsMax: 1_000_000, numbers: "any" };
const { crypto } = nodePlatform();
const HASHES: Hashes = { sha256: octets => crypto.sha256(octets) };
const CHECKS: AuthChecks = {
  isSignedBy: () => false,
  isKnownVersion: version => authRulesOf(version) !== undefined,
};

function canonicalText(value: JsonValue): string {
  return utf8Lossy(canonicalJson(value));
}

/** Hash, id and redaction of an event, if its form is right. */
function eventAnswer(bytes: Uint8Array, params: PlainObject): Answer {
  const read = parseJson(bytes, LIMITS);
  if (!read.ok || !isJsonObject(read.value)) return { outcome: "reject", reason: "no object" };
  const format = eventFormatOf(textParam(params, "version"))!;
  const event = readEvent(read.value, format, HASHES);
  if (!event.ok) return { outcome: "reject", reason: event.error.code };
  return accepted({
    id: eventIdOf(read.value, format, HASHES) ?? event.value.eventId,
    hash: contentHash(read.value, HASHES),
    intact: isIntact(read.value, HASHES),
    redacted: canonicalText(redactEvent(read.value, format)),
  });
}

function jsonOf(plain: unknown): JsonValue {
  const read = parseJson(Buffer.from(JSON.stringify(plain)), LIMITS);
  if (!read.ok) throw new Error("an event of a case is no JSON");
  return read.value;
}

/** An event as a case has it: names stand for ids. */
function roomEventOf(plain: PlainObject, version: string): RoomEvent {
  const content = jsonOf(plain["content"]) as JsonObject;
  const inContent = eventFormatOf(version)!.redactsInContent;
  const text = (name: string): string | undefined => plain[name] as string | undefined;
  return {
    eventId: text("event_id")!,
    roomId: text("room_id") ?? `!${text("event_id")!.slice(1)}`,
    type: text("type")!,
    stateKey: text("state_key"),
    sender: text("sender")!,
    originServerTs: (plain["origin_server_ts"] as number | undefined) ?? 0,
    depth: (plain["depth"] as number | undefined) ?? 0,
    content,
    authEvents: (plain["auth_events"] as readonly string[] | undefined) ?? [],
    prevEvents: (plain["prev_events"] as readonly string[] | undefined) ?? [],
    redacts: inContent ? (content.get("redacts") as string | undefined) : text("redacts"),
    json: jsonOf(plain) as JsonObject,
  };
}

/** The events of a case by their names. */
class Room {
  readonly version: string;
  readonly store: StateStore;
  readonly known: KnownEvents;
  readonly #events = new Map<string, StoredEvent>();

  constructor(params: PlainObject) {
    this.version = textParam(params, "version");
    const rejected = new Set((params["rejected"] as readonly string[] | undefined) ?? []);
    const authChains = new AuthChains();
    for (const plain of params["events"] as readonly PlainObject[]) {
      const event = roomEventOf(plain, this.version);
      this.#events.set(event.eventId, { event, isRejected: rejected.has(event.eventId) });
      authChains.add(event.eventId, event.authEvents);
    }
    const events = this.#events;
    this.store = { authChains, get: id => events.get(id) };
    this.known = { get: id => events.get(id)?.event, isRejected: id => events.get(id)?.isRejected === true };
  }

  /** The room id of its first event. */
  get roomId(): string {
    const [first] = this.#events.values();
    return first!.event.roomId;
  }

  /** Events by the key that each stands at. */
  state(names: readonly string[]): ReadonlyMap<StateKey, RoomEvent> {
    const events = names.map(name => this.#events.get(name)!.event);
    return new Map(events.map(event => [stateKeyOf(event.type, event.stateKey!), event]));
  }
}

/** Whether the auth events of an event may be what they are, and whether a state allows it. A create event stands for itself. */
function authAnswer(bytes: Uint8Array, params: PlainObject): Answer {
  const room = new Room(params);
  const rules = authRulesOf(room.version)!;
  const event = roomEventOf(JSON.parse(utf8Lossy(bytes)) as PlainObject, room.version);
  const isListed = !("refusal" in readAuthEvents(event, room.known, rules));
  const state: AuthState = room.state(params["state"] as readonly string[]);
  const isAllowed = authorise(event, state, rules, CHECKS) === undefined;
  if (event.type !== "m.room.create") return accepted({ listed: isListed, allowed: isAllowed });
  return accepted({ listed: isListed && isAllowed, allowed: isListed && isAllowed });
}

/** The state that several come to. */
function resolvedAnswer(params: PlainObject): Answer {
  const room = new Room(params);
  const sets = (params["sets"] as readonly (readonly string[])[]).map(
    names => new Map([...room.state(names)].map(([key, event]) => [key, event.eventId])),
  );
  const algorithm = resolutionOf(room.version)!;
  const asked = { roomId: room.roomId, algorithm, rules: authRulesOf(room.version)!, checks: CHECKS };
  return accepted({ state: [...resolveState(room.store, asked, sets).values()].sort() });
}

/** Each kind of identifier: what it is cut into, or undefined. */
const IDENTIFIERS: Readonly<Record<string, (text: string) => PlainObject | undefined>> = {
  user: text => {
    const read = parseUserId(text);
    return read.ok ? { local: read.value.localpart, server: read.value.server, form: read.value.form } : undefined;
  },
  room: text => {
    const read = parseRoomId(text);
    return read.ok ? { server: read.value.server ?? null } : undefined;
  },
  alias: text => {
    const read = parseRoomAlias(text);
    return read.ok ? { local: read.value.localpart, server: read.value.server } : undefined;
  },
  event: text => {
    const read = parseEventId(text);
    return read.ok ? { server: read.value.server ?? null } : undefined;
  },
  mxc: text => {
    const read = parseMxc(text);
    return read.ok ? { server: read.value.server, media: read.value.mediaId } : undefined;
  },
  server: text => {
    const parts = serverNameParts(text);
    return parts === undefined ? undefined : { host: parts.host, port: parts.port ?? null };
  },
};

function identifierAnswer(bytes: Uint8Array, params: PlainObject): Answer {
  const text = utf8(bytes);
  const value = text.ok ? IDENTIFIERS[textParam(params, "kind")]!(text.value) : undefined;
  return value === undefined ? { outcome: "reject", reason: "no identifier" } : accepted(value);
}

/** Events, who may send them, states and identifiers by `@scop/matrix`. */
export const matrixRooms: Operations = {
  "matrix.event": { fields: ["id", "hash", "intact", "redacted"], run: eventAnswer },
  "matrix.auth": { fields: ["listed", "allowed"], run: authAnswer },
  "matrix.resolve": { fields: ["state"], run: (_, params) => resolvedAnswer(params) },
  "matrix.identifier": { fields: ["local", "server", "form", "media", "host", "port"], run: identifierAnswer },
};
