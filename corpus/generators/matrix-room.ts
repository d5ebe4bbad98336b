import type { JsonObject } from "./matrix-signing.ts";

/** An event as the cases have it: names stand for ids, and hashes and signatures are left out. */
interface Plain {
  readonly event_id: string;
  readonly room_id?: string;
  readonly type: string;
  readonly state_key?: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly depth: number;
  readonly content: JsonObject;
  readonly auth_events: readonly string[];
  readonly prev_events: readonly string[];
}

/** What an event is made of. */
export interface Draft {
  readonly type: string;
  readonly key?: string;
  readonly sender: string;
  readonly content: JsonObject;
  /** In place of what is selected. */
  readonly auth?: readonly string[];
  readonly prev?: readonly string[];
}

export const ANN = "@ann:a.example";
export const BEN = "@ben:b.example";
export const EVE = "@eve:c.example";
export const DAN = "@dan:a.example";

export function member(sender: string, target: string, membership: string, more: JsonObject = {}): Draft {
  return { type: "m.room.member", key: target, sender, content: { membership, ...more } };
}

export function state(sender: string, type: string, content: JsonObject, key = ""): Draft {
  return { type, key, sender, content };
}

function keyOf({ type, key }: Draft): string {
  return `${type}|${key}`;
}

/** Events that select each other as the specification has it, in the order that they were sent in. */
export class Room {
  readonly version: number;
  readonly events: Plain[] = [];
  /** The name of the event at each key. */
  readonly #state: Map<string, string>;
  #heads: readonly string[] = [];

  constructor(version: number, from?: Room) {
    this.version = version;
    this.events = from?.events ?? this.events;
    this.#state = new Map(from === undefined ? [] : from.#state);
    this.#heads = from === undefined ? [] : from.#heads;
  }

  /** Names of the state of now. */
  get state(): readonly string[] {
    return [...this.#state.values()];
  }

  /** The name of the event at a key. */
  at(type: string, key = ""): string | undefined {
    return this.#state.get(`${type}|${key}`);
  }

  /** Another room that goes on from here; its events are events of this one too. */
  fork(): Room {
    return new Room(this.version, this);
  }

  /** Auth events of a draft. Server-server API, auth events selection */
  #authOf({ type, key, sender, content }: Draft): readonly string[] {
    if (type === "m.room.create") return [];
    const names = [
      this.version >= 12 ? undefined : this.at("m.room.create"),
      this.at("m.room.power_levels"),
      this.at("m.room.member", sender),
    ];
    if (type === "m.room.member") {
      names.push(this.at("m.room.member", key));
      const { membership, join_authorised_via_users_server: by } = content;
      const isEntry = membership === "join" || membership === "invite" || (membership === "knock" && this.version >= 7);
      if (isEntry) names.push(this.at("m.room.join_rules"));
      if (membership === "join" && typeof by === "string" && this.version >= 8)
        names.push(this.at("m.room.member", by));
    }
    return [...new Set(names.filter(name => name !== undefined))];
  }

  /** The event of a draft, which is not sent. */
  event(draft: Draft, name: string): Plain {
    const isCreate = draft.type === "m.room.create";
    const room = this.version >= 12 ? `!${this.events[0]?.event_id.slice(1) ?? ""}` : "!room:a.example";
    return {
      event_id: name,
      ...(isCreate && this.version >= 12 ? {} : { room_id: room }),
      type: draft.type,
      ...(draft.key === undefined ? {} : { state_key: draft.key }),
      sender: draft.sender,
      origin_server_ts: this.events.length + 1,
      depth: this.events.length + 1,
      content: draft.content,
      auth_events: draft.auth ?? this.#authOf(draft),
      prev_events: draft.prev ?? this.#heads,
    };
  }

  /** Sends an event; answers its name. */
  send(draft: Draft): string {
    const name = this.version <= 2 ? `$e${this.events.length}:a.example` : `$e${this.events.length}`;
    this.events.push(this.event(draft, name));
    this.#heads = [name];
    if (draft.key !== undefined) this.#state.set(keyOf(draft), name);
    return name;
  }
}

/** Content of a create event. From room version 11 on nobody is named in it. */
export function createContent(version: number, more: JsonObject = {}): JsonObject {
  return { room_version: String(version), ...(version <= 10 ? { creator: ANN } : {}), ...more };
}

/** Levels, in which the creator of room version 12 may not be named. */
export function levels(version: number, users: JsonObject, more: JsonObject = {}): JsonObject {
  return { users: version >= 12 ? users : { [ANN]: 100, ...users }, ...more };
}

/** A room that Ann made, in which Ben is at level 50. */
export function roomOf(version: number, rule = "public", more: JsonObject = {}, create: JsonObject = {}): Room {
  const room = new Room(version);
  room.send(state(ANN, "m.room.create", createContent(version, create)));
  room.send(member(ANN, ANN, "join"));
  room.send(state(ANN, "m.room.power_levels", levels(version, { [BEN]: 50 }, more)));
  room.send(state(ANN, "m.room.join_rules", { join_rule: "public" }));
  room.send(member(BEN, BEN, "join"));
  if (rule !== "public") room.send(state(ANN, "m.room.join_rules", { join_rule: rule }));
  return room;
}
