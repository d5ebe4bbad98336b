import { ANN, BEN, DAN, EVE, levels, member, type Room, roomOf, state } from "./matrix-room.ts";
import type { Library } from "./topic.ts";

const VERSIONS = [1, 2, 6, 10, 11, 12];
const TOPIC = "m.room.topic";
const LEVELS = "m.room.power_levels";

/** States that have to be resolved, and the names of what comes out. */
interface Problem {
  readonly sets: readonly (readonly string[])[];
  readonly state: readonly string[];
}

type Build = (room: Room, version: number) => Problem;

/** A state with some of its names exchanged, and others left out. */
function instead(names: readonly string[], changes: ReadonlyMap<string, string | undefined>): readonly string[] {
  return names.map(name => (changes.has(name) ? changes.get(name) : name)).filter(name => name !== undefined);
}

function topic(sender: string, text: string): Parameters<Room["send"]>[0] {
  return state(sender, TOPIC, { topic: text });
}

/** Rooms that went two ways, and what they come to. */
const PROBLEMS: readonly (readonly [key: string, about: string, build: Build])[] = [
  [
    "same",
    "the same state twice",
    room => {
      room.send(topic(ANN, "a"));
      return { sets: [room.state, room.state], state: room.state };
    },
  ],
  ["one", "one state alone", room => ({ sets: [room.state], state: room.state })],
  [
    "one-sided",
    "a topic that one side has",
    room => {
      const other = room.fork();
      room.send(topic(ANN, "a"));
      return { sets: [room.state, other.state], state: room.state };
    },
  ],
  [
    "two-sided",
    "a topic on one side and a name on the other",
    room => {
      const other = room.fork();
      const one = room.send(topic(ANN, "a"));
      other.send(state(BEN, "m.room.name", { name: "b" }));
      return { sets: [room.state, other.state], state: [...other.state, one] };
    },
  ],
  [
    "topics",
    "two topics: the later one",
    room => {
      const other = room.fork();
      room.send(topic(ANN, "a"));
      other.send(topic(ANN, "b"));
      return { sets: [room.state, other.state], state: other.state };
    },
  ],
  [
    "topics-turned",
    "two topics, the later one given first",
    room => {
      const other = room.fork();
      room.send(topic(ANN, "a"));
      other.send(topic(BEN, "b"));
      return { sets: [other.state, room.state], state: other.state };
    },
  ],
  [
    "topics-three",
    "three topics: the last one",
    room => {
      const [second, third] = [room.fork(), room.fork()];
      room.send(topic(ANN, "a"));
      second.send(topic(BEN, "b"));
      third.send(topic(ANN, "c"));
      return { sets: [room.state, third.state, second.state], state: third.state };
    },
  ],
  [
    "joins",
    "somebody else joined on each side",
    room => {
      const other = room.fork();
      const eve = room.send(member(EVE, EVE, "join"));
      other.send(member(DAN, DAN, "join"));
      return { sets: [room.state, other.state], state: [...other.state, eve] };
    },
  ],
  [
    "ban-profile",
    "who is banned on one side changes the name on the other",
    room => {
      room.send(member(EVE, EVE, "join"));
      const other = room.fork();
      room.send(member(ANN, EVE, "ban"));
      other.send(member(EVE, EVE, "join", { displayname: "E" }));
      return { sets: [room.state, other.state], state: room.state };
    },
  ],
  [
    "kick-profile",
    "who is made to leave on one side changes the name on the other",
    room => {
      room.send(member(EVE, EVE, "join"));
      const other = room.fork();
      room.send(member(BEN, EVE, "leave"));
      other.send(member(EVE, EVE, "join", { displayname: "E" }));
      // A public room lets them in again behind it.
      return { sets: [room.state, other.state], state: other.state };
    },
  ],
  [
    "ban-ban",
    "two bans: the later one",
    room => {
      room.send(member(EVE, EVE, "join"));
      const other = room.fork();
      room.send(member(ANN, EVE, "ban", { reason: "a" }));
      other.send(member(ANN, EVE, "ban", { reason: "b" }));
      return { sets: [room.state, other.state], state: other.state };
    },
  ],
  [
    "demoted-topic",
    "who loses the level on one side sets a topic on the other",
    (room, version) => {
      const old = room.at(LEVELS)!;
      const other = room.fork();
      const lower = room.send(state(ANN, LEVELS, levels(version, { [BEN]: 0 })));
      other.send(topic(BEN, "b"));
      // Algorithm 1 knows no conflict over a key that one side has alone.
      const withTopic = instead(other.state, new Map([[old, lower]]));
      return { sets: [room.state, other.state], state: version === 1 ? withTopic : room.state };
    },
  ],
  [
    "demoted-levels",
    "who loses the level on one side changes levels on the other",
    (room, version) => {
      const other = room.fork();
      room.send(state(ANN, LEVELS, levels(version, { [BEN]: 0 })));
      other.send(state(BEN, LEVELS, levels(version, { [BEN]: 50, [EVE]: 50 })));
      return { sets: [room.state, other.state], state: room.state };
    },
  ],
  [
    "rules-join",
    "a room closes on one side, and somebody joins on the other",
    (room, version) => {
      const old = room.at("m.room.join_rules")!;
      const other = room.fork();
      const closed = room.send(state(ANN, "m.room.join_rules", { join_rule: "invite" }));
      other.send(member(EVE, EVE, "join"));
      const withEve = instead(other.state, new Map([[old, closed]]));
      return { sets: [room.state, other.state], state: version === 1 ? withEve : room.state };
    },
  ],
  [
    "left-topic",
    "who leaves on one side sets a topic on the other",
    (room, version) => {
      const here = room.at("m.room.member", BEN)!;
      const other = room.fork();
      const gone = room.send(member(BEN, BEN, "leave"));
      other.send(topic(BEN, "b"));
      const withTopic = instead(other.state, new Map([[here, gone]]));
      return { sets: [room.state, other.state], state: version === 1 ? withTopic : room.state };
    },
  ],
  [
    "banned-topic",
    "who is banned on one side sets a topic on the other",
    (room, version) => {
      const here = room.at("m.room.member", BEN)!;
      const other = room.fork();
      const banned = room.send(member(ANN, BEN, "ban"));
      other.send(topic(BEN, "b"));
      const withTopic = instead(other.state, new Map([[here, banned]]));
      return { sets: [room.state, other.state], state: version === 1 ? withTopic : room.state };
    },
  ],
  [
    "mainline",
    "a topic under newer levels beats a later one under older levels",
    (room, version) => {
      const other = room.fork();
      room.send(state(ANN, LEVELS, levels(version, { [BEN]: 50, [EVE]: 1 })));
      room.send(topic(ANN, "a"));
      const late = other.send(topic(BEN, "b"));
      const mixed = instead(room.state, new Map([[room.at(TOPIC)!, late]]));
      return { sets: [room.state, other.state], state: version === 1 ? mixed : room.state };
    },
  ],
];

/** States of rooms that went several ways, and the one that they come to. */
export function matrixResolve(library: Library): void {
  const suite = library.topic({
    area: "matrix",
    topic: "resolution",
    description: "States of rooms that went several ways, and the one that they come to",
    op: "matrix.resolve",
    spec: ["MATRIX-SERVER-SERVER#room-state-resolution"],
    flags: ["MatrixState"],
  });
  for (const version of VERSIONS)
    for (const [key, about, build] of PROBLEMS) {
      const room = roomOf(version);
      const { sets, state: resolved } = build(room, version);
      suite.valid(
        `${key}.v${version}`,
        `Room version ${version}: ${about}`,
        "",
        { state: [...resolved].sort() },
        {
          params: { version: String(version), events: room.events, sets },
          spec: [`MATRIX-ROOM-VERSION-${version}#state-resolution`],
        },
      );
    }
}
