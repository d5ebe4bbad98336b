import { ANN, BEN, createContent, type Draft, EVE, levels, member, Room, roomOf, state } from "./matrix-room.ts";
import type { JsonObject } from "./matrix-signing.ts";

export const TOPIC = "m.room.topic";
export const LEVELS = "m.room.power_levels";

export function message(sender: string): Draft {
  return { type: "m.room.message", sender, content: { body: "a" } };
}

type Allowed = boolean | ((version: number) => boolean);

export type Row = readonly [
  key: string,
  about: string,
  room: (version: number) => Room,
  draft: Draft | ((version: number, room: Room) => Draft),
  allowed: Allowed,
  since?: number,
  until?: number,
];

export function plain(version: number): Room {
  return roomOf(version);
}

/** A room with these events behind its first ones. */
export function after(...drafts: readonly Draft[]): (version: number) => Room {
  return version => {
    const room = roomOf(version);
    for (const draft of drafts) room.send(draft);
    return room;
  };
}

export function withRule(rule: string, ...drafts: readonly Draft[]): (version: number) => Room {
  return version => {
    const room = roomOf(version, rule);
    for (const draft of drafts) room.send(draft);
    return room;
  };
}

export function withLevels(more: JsonObject): (version: number) => Room {
  return version => {
    const room = roomOf(version, "public", more);
    room.send(member(EVE, EVE, "join"));
    return room;
  };
}

export const EVE_JOINED = after(member(EVE, EVE, "join"));
export const since =
  (first: number): Allowed =>
  version =>
    version >= first;

/** The first events of a room: the create event, the creator, the levels. */
export function first(version: number, count: number): Room {
  const room = new Room(version);
  const drafts = [
    state(ANN, "m.room.create", createContent(version)),
    member(ANN, ANN, "join"),
    state(ANN, LEVELS, levels(version, {})),
  ];
  for (const draft of drafts.slice(0, count)) room.send(draft);
  return room;
}

export function joined(room: Room): Room {
  room.send(state(ANN, "m.room.join_rules", { join_rule: "public" }));
  room.send(member(BEN, BEN, "join"));
  return room;
}
