import { createHash } from "node:crypto";
import { canonical, type Json, type JsonObject } from "./matrix-signing.ts";
import type { Library, Topic } from "./topic.ts";

const VERSIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const SPEC = "MATRIX-SERVER-SERVER#pdus";

function hashOf(object: JsonObject): Buffer {
  return createHash("sha256").update(canonical(object), "utf8").digest();
}

function without(object: JsonObject, ...keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

function only(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
}

function unpadded(octets: Buffer): string {
  return octets.toString("base64").replaceAll("=", "");
}

const KEPT =
  "event_id type room_id sender state_key content hashes signatures depth prev_events auth_events origin_server_ts".split(
    " ",
  );
const KEPT_UNTIL_10 = [...KEPT, "prev_state", "origin", "membership"];

/** What a redaction leaves of the content, by the tables of the room versions alone. */
function redactedContent(type: string, content: JsonObject, version: number): JsonObject {
  const since = (first: number, key: string): readonly string[] => (version >= first ? [key] : []);
  switch (type) {
    case "m.room.member": {
      const kept = only(content, ["membership", ...since(9, "join_authorised_via_users_server")]);
      const invite = content["third_party_invite"] as JsonObject | undefined;
      if (version < 11 || invite?.["signed"] === undefined) return kept;
      return { ...kept, third_party_invite: { signed: invite["signed"] } };
    }
    case "m.room.create":
      return version >= 11 ? content : only(content, ["creator"]);
    case "m.room.join_rules":
      return only(content, ["join_rule", ...since(8, "allow")]);
    case "m.room.power_levels": {
      const levels = ["ban", "events", "events_default", "kick", "redact", "state_default", "users", "users_default"];
      return only(content, [...levels, ...since(11, "invite")]);
    }
    case "m.room.aliases":
      return version <= 5 ? only(content, ["aliases"]) : {};
    case "m.room.history_visibility":
      return only(content, ["history_visibility"]);
    case "m.room.redaction":
      return only(content, since(11, "redacts"));
    default:
      return {};
  }
}

function redacted(event: JsonObject, version: number): JsonObject {
  const kept = only(event, version >= 11 ? KEPT : KEPT_UNTIL_10);
  return { ...kept, content: redactedContent(event["type"] as string, event["content"] as JsonObject, version) };
}

/** The id: chosen in 1 and 2, the reference hash from 3 on. */
function idOf(event: JsonObject, version: number): string {
  if (version <= 2) return event["event_id"] as string;
  const hash = unpadded(hashOf(without(redacted(event, version), "signatures", "unsigned", "age_ts")));
  return `$${version === 3 ? hash : hash.replaceAll("+", "-").replaceAll("/", "_")}`;
}

const PLACEHOLDER = "ThisIsNoHashButHasItsLengthOf43Characters00";

/** An event of a room version with its content hash. */
function eventOf(type: string, content: JsonObject, version: number, more: JsonObject = {}): JsonObject {
  const ids = (...names: readonly string[]): Json =>
    version <= 2
      ? names.map(name => [`$${name}:example.org`, { sha256: PLACEHOLDER }])
      : names.map(name => `$${name}${PLACEHOLDER.slice(name.length)}`);
  const isFirst = type === "m.room.create";
  const event: JsonObject = {
    type,
    ...(version >= 12 && isFirst ? {} : { room_id: version >= 12 ? `!${PLACEHOLDER}` : "!room:example.org" }),
    ...(version <= 2 ? { event_id: "$event:example.org" } : {}),
    sender: "@ann:example.org",
    origin_server_ts: 1_795_780_800_000,
    depth: isFirst ? 1 : 7,
    auth_events: isFirst ? [] : ids("one", "two"),
    prev_events: isFirst ? [] : ids("three"),
    content,
    ...more,
  };
  const hash = unpadded(hashOf(without(event, "unsigned", "signatures", "hashes")));
  return { ...event, hashes: { sha256: hash }, signatures: { "example.org": { "ed25519:a": "c2ln" } } };
}

const LEVELS: JsonObject = {
  ban: 50,
  events: { "m.room.name": 50 },
  events_default: 0,
  invite: 10,
  kick: 50,
  notifications: { room: 50 },
  redact: 50,
  state_default: 50,
  users: { "@ann:example.org": 100 },
  users_default: 0,
  "org.example.more": 1,
};

const SIGNED: JsonObject = { mxid: "@ben:example.org", token: "t", signatures: {} };

const EVENTS: readonly (readonly [key: string, about: string, type: string, content: JsonObject, more?: JsonObject])[] =
  [
    ["message", "a message", "m.room.message", { msgtype: "m.text", body: "Hello" }],
    [
      "keys",
      "keys that are and that are not the event's",
      "m.room.message",
      { body: "a" },
      {
        origin: "example.org",
        membership: "join",
        prev_state: [],
        unsigned: { age: 1 },
        "org.example.key": 1,
        age_ts: 5,
      },
    ],
    [
      "member",
      "somebody who joins",
      "m.room.member",
      { membership: "join", displayname: "Ann", avatar_url: "mxc://example.org/a" },
      { state_key: "@ann:example.org" },
    ],
    [
      "member-restricted",
      "somebody whom another lets in",
      "m.room.member",
      { membership: "join", join_authorised_via_users_server: "@ben:example.org" },
      { state_key: "@ann:example.org" },
    ],
    [
      "member-invite",
      "an invitation by way of a third party",
      "m.room.member",
      { membership: "invite", third_party_invite: { display_name: "B", signed: SIGNED } },
      { state_key: "@ben:example.org" },
    ],
    [
      "create",
      "the first event",
      "m.room.create",
      { creator: "@ann:example.org", room_version: "1", "m.federate": true, type: "m.space" },
      { state_key: "" },
    ],
    [
      "join-rules",
      "who may join",
      "m.room.join_rules",
      { join_rule: "restricted", allow: [{ type: "m.room_membership", room_id: "!a:b" }], more: 1 },
      { state_key: "" },
    ],
    ["levels", "power levels", "m.room.power_levels", LEVELS, { state_key: "" }],
    ["aliases", "aliases", "m.room.aliases", { aliases: ["#a:example.org"], more: 1 }, { state_key: "example.org" }],
    [
      "visibility",
      "who sees what was",
      "m.room.history_visibility",
      { history_visibility: "shared", more: 1 },
      { state_key: "" },
    ],
    ["redaction", "a redaction", "m.room.redaction", { redacts: "$a:b", reason: "spam" }, { redacts: "$a:b" }],
    ["topic", "a state of which nothing is left", "m.room.topic", { topic: "a" }, { state_key: "" }],
    ["text", "text of other scripts", "m.room.message", { body: "\u65e5\u672c \u{1f600} \ufb33 \u0007 \u2028" }],
    [
      "order",
      "keys whose order by code points is another",
      "m.room.topic",
      { "\u{10002}": 1, "\ufb33": 2, a: { z: 1, b: 2 } },
      { state_key: "" },
    ],
    ["proto", "keys that languages know", "m.room.message", { constructor: 1, toString: "a", hasOwnProperty: false }],
  ];

/** Events whose form is wrong. */
const WRONG: readonly (readonly [
  key: string,
  about: string,
  change: (event: JsonObject, version: number) => JsonObject,
  since?: number,
])[] = [
  ["no-type", "no type", event => without(event, "type")],
  ["type-number", "a type that is a number", event => ({ ...event, type: 1 })],
  ["type-long", "a type of 256 octets", event => ({ ...event, type: "x".repeat(256) })],
  ["no-sender", "no sender", event => without(event, "sender")],
  ["sender-long", "a sender of 256 octets", event => ({ ...event, sender: `@${"a".repeat(243)}:example.org` })],
  ["state-key-number", "a state key that is a number", event => ({ ...event, state_key: 1 })],
  ["no-content", "no content", event => without(event, "content")],
  ["content-list", "a content that is a list", event => ({ ...event, content: [] })],
  ["no-depth", "no depth", event => without(event, "depth")],
  ["depth-text", "a depth that is a text", event => ({ ...event, depth: "7" })],
  ["depth-negative", "a depth below zero", event => ({ ...event, depth: -1 })],
  ["no-room", "no room", event => without(event, "room_id")],
  ["no-auth-events", "no list of auth events", event => without(event, "auth_events")],
  ["prev-events-text", "a text for the events before", event => ({ ...event, prev_events: "$a" })],
  ["long", "more than 65,536 octets", event => ({ ...event, content: { body: "x".repeat(65_536) } })],
  ["number-large", "a number beyond 2^53 - 1", event => ({ ...event, content: { a: 9_007_199_254_740_992 } }), 6],
  ["number-fraction", "a number with a fraction", event => ({ ...event, content: { a: 1.5 } }), 6],
];

function add(topic: Topic, key: string, about: string, event: JsonObject, version: number): void {
  const value = {
    hash: unpadded(hashOf(without(event, "unsigned", "signatures", "hashes"))),
    redacted: canonical(redacted(event, version)),
    id: idOf(event, version),
  };
  const spec = [`MATRIX-ROOM-VERSION-${version}#redactions`, SPEC];
  topic.valid(`${key}.v${version}`, `Room version ${version}: ${about}`, JSON.stringify(event), value, {
    params: { version: String(version) },
    spec,
  });
}

/** Events of each room version: their hash, id and redaction, and forms that are wrong. */
export function matrixEvents(library: Library): void {
  const topic = library.topic({
    area: "matrix",
    topic: "events",
    description: "Events of room versions 1 to 12: content hash, id and what a redaction leaves",
    op: "matrix.event",
    spec: [SPEC],
    flags: ["MatrixEvent"],
  });
  for (const version of VERSIONS) {
    for (const [key, about, type, content, more] of EVENTS) {
      const isCreator = type === "m.room.create" && version >= 11;
      add(topic, key, about, eventOf(type, isCreator ? without(content, "creator") : content, version, more), version);
    }
    const message = eventOf("m.room.message", { body: "a" }, version);
    const changed = { ...message, content: { body: "b" } };
    topic.valid(
      `intact.v${version}`,
      `Room version ${version}: an event as it was made`,
      JSON.stringify(message),
      { intact: true },
      { params: { version: String(version) }, spec: ["MATRIX-SERVER-SERVER#checks-performed-on-receipt-of-a-pdu"] },
    );
    topic.valid(
      `changed.v${version}`,
      `Room version ${version}: an event whose content has changed`,
      JSON.stringify(changed),
      { intact: false },
      { params: { version: String(version) }, spec: ["MATRIX-SERVER-SERVER#checks-performed-on-receipt-of-a-pdu"] },
    );
    for (const [key, about, change, since = 1] of WRONG)
      if (version >= since && [1, 5, 6, 11, 12].includes(version))
        topic.invalid(
          `wrong.${key}.v${version}`,
          `Room version ${version}: ${about}`,
          JSON.stringify(change(message, version)),
          "no event",
          { params: { version: String(version) } },
        );
  }
}
