import { INVITING, JOINING, LEAVING } from "./matrix-auth-members.ts";
import { CREATING, POWER, SENDING } from "./matrix-auth-power.ts";
import { LEVELS, message, type Row, TOPIC } from "./matrix-auth-rows.ts";
import { ANN, BEN, roomOf, state } from "./matrix-room.ts";
import type { Library, Topic } from "./topic.ts";

const VERSIONS = [1, 3, 6, 7, 8, 10, 11, 12];
/** Events whose auth events may not be what they are. Server-server API, rule 2 (3 from room version 12 on) */
function lists(topic: Topic, version: number): void {
  const room = roomOf(version);
  room.send(state(ANN, TOPIC, { topic: "a" }));
  const at = (type: string, key = ""): string => room.at(type, key)!;
  const create = version >= 12 ? [] : [at("m.room.create")];
  const good = [...create, at(LEVELS), at("m.room.member", BEN)];
  const rows: readonly (readonly [
    key: string,
    about: string,
    auth: readonly string[],
    isListed: boolean,
    rejected?: readonly string[],
  ])[] = [
    ["selected", "those that are selected", good, true],
    ["order", "in other order", good.toReversed(), true],
    ["twice", "one of them twice", [...good, at(LEVELS)], false],
    ["unselected", "the topic among them", [...good, at(TOPIC)], false],
    ["other-member", "another member among them", [...good, at("m.room.member", ANN)], false],
    ["join-rules", "the join rules among those of a message", [...good, at("m.room.join_rules")], false],
    ["unknown", "one that nobody has", [...good, version <= 2 ? "$none:a.example" : "$none"], false],
    ["rejected", "one that was rejected", good, false, [at(LEVELS)]],
    ["no-create", "without the create event", good.slice(1), version >= 12],
    [
      "create",
      "the create event among them",
      [at("m.room.create"), ...good.slice(version >= 12 ? 0 : 1)],
      version < 12,
    ],
  ];
  for (const [key, about, auth, isListed, rejected = []] of rows) {
    if (key === "unknown") continue;
    const event = room.event({ ...message(BEN), auth }, version <= 2 ? "$new:a.example" : "$new");
    topic.valid(
      `listed.${key}.v${version}`,
      `Room version ${version}: auth events: ${about}`,
      JSON.stringify(event),
      { listed: isListed },
      {
        params: { version: String(version), events: room.events, rejected, state: room.state },
        spec: [`MATRIX-ROOM-VERSION-${version}#authorization-rules`],
      },
    );
  }
}

function add(topic: Topic, group: string, [key, about, make, draft, allowed]: Row, version: number): void {
  const room = make(version);
  const made = typeof draft === "function" ? draft(version, room) : draft;
  const event = room.event(made, version <= 2 ? "$new:a.example" : "$new");
  const isAllowed = typeof allowed === "function" ? allowed(version) : allowed;
  topic.valid(
    `${group}.${key}.v${version}`,
    `Room version ${version}: ${about}`,
    JSON.stringify(event),
    { allowed: isAllowed },
    {
      params: { version: String(version), events: room.events, state: room.state },
      spec: [`MATRIX-ROOM-VERSION-${version}#authorization-rules`],
    },
  );
}

/** Who may send what into a room. */
export function matrixAuth(library: Library): void {
  const topic = library.topic({
    area: "matrix",
    topic: "authorisation",
    description: "Whether an event is allowed by a state, and whether its auth events may be what they are",
    op: "matrix.auth",
    spec: ["MATRIX-SERVER-SERVER#authorization-rules"],
    flags: ["MatrixAuth"],
  });
  for (const version of VERSIONS) {
    for (const [group, rows] of [
      ["send", SENDING],
      ["join", JOINING],
      ["invite", INVITING],
      ["leave", LEAVING],
      ["levels", POWER],
      ["create", CREATING],
    ] as const)
      for (const row of rows) {
        const [, , , , , from = 1, until = 99] = row;
        if (version >= from && version <= until) add(topic, group, row, version);
      }
    lists(topic, version);
  }
}
