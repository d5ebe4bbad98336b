import { Choices } from "@scop/wire/arbitrary";
import type { EventDraft } from "./event/index.ts";
import { JsonLexeme, type JsonObject, type JsonValue, jsonObject } from "./json/index.ts";

const DEPTH_MAX = 4;
const SERVERS = ["example.com", "a.example:8448", "1.2.3.4", "[2001:db8::1]:80"];
const LOCALPARTS = ["alice", "a.b=c_d-e/f+9", "Bob!~", "", "\u{1f600} b"];
const TEXTS = ["", "a", "\u0000\n\u001f", '"\\/', "é", "\ufb33", "\u{10002}", "\u{1f600}", "\u2028", "x".repeat(300)];
const KEYS = ["a", "b", "10", "9", "", "__proto__", "constructor", "\ufb33", "\u{10002}", "é", '"'];
const NUMBERS = [0, 1, -1, 50, 100, 2 ** 31, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER];
const LEXEMES = ["1.0", "1e2", "-0", "9007199254740993", "-1.5E-3", "9".repeat(400)];
const CONTENT_KEYS = [
  ...["membership", "join_authorised_via_users_server", "third_party_invite", "creator", "room_version", "join_rule"],
  ...["allow", "users", "users_default", "ban", "invite", "history_visibility", "aliases", "redacts", "body"],
];
/** Not that of a room, which is made in another way in version 12. */
const TYPES = [
  ...["m.room.message", "m.room.member", "m.room.power_levels", "m.room.join_rules", "m.room.redaction"],
  ...["m.room.history_visibility", "m.room.aliases", "org.example.é"],
];

function value(choices: Choices, depth: number, numbers: "canonical" | "any"): JsonValue {
  const kinds = depth === 0 ? 4 : 6;
  switch (choices.below(kinds)) {
    case 0:
      return choices.of([null, true, false]);
    case 1:
      return choices.of(TEXTS);
    case 2:
      return choices.of(NUMBERS);
    case 3:
      return numbers === "any" ? new JsonLexeme(choices.of(LEXEMES)) : choices.below(256) * choices.below(256);
    case 4:
      return choices.list(4, () => value(choices, depth - 1, numbers));
    default:
      return object(choices, KEYS, depth - 1, numbers);
  }
}

function object(
  choices: Choices,
  keys: readonly string[],
  depth: number,
  numbers: "canonical" | "any",
): Map<string, JsonValue> {
  return new Map(choices.list(6, () => [choices.of(keys), value(choices, depth, numbers)] as const));
}

/** A value that octets choose, the same for the same ones, simpler for fewer. For fast-check: `fc.uint8Array().map(jsonValueOf)`. */
export function jsonValueOf(octets: Uint8Array): JsonValue {
  return value(new Choices(octets), DEPTH_MAX, "canonical");
}

/** The same with numbers that canonical JSON has no form for. */
export function looseJsonValueOf(octets: Uint8Array): JsonValue {
  return value(new Choices(octets), DEPTH_MAX, "any");
}

function userId(choices: Choices): string {
  return `@${choices.of(LOCALPARTS)}:${choices.of(SERVERS)}`;
}

/** A user id of any age. */
export function userIdOf(octets: Uint8Array): string {
  return userId(new Choices(octets));
}

function eventIds(choices: Choices, max: number): readonly string[] {
  return choices.list(max, () => `$${choices.of(["A", "b", "-", "_", "9"]).repeat(43)}`);
}

function content(choices: Choices): JsonObject {
  const known = object(choices, CONTENT_KEYS, DEPTH_MAX - 1, "canonical");
  const signed = jsonObject({ mxid: userId(choices), token: "t" });
  const invite = choices.maybe(() => jsonObject({ signed, display_name: choices.of(TEXTS) }));
  return invite === undefined ? known : known.set("third_party_invite", invite);
}

/** An event to be made, of a room that is there: its form is right, what it says need not make sense. */
export function eventDraftOf(octets: Uint8Array): EventDraft {
  const choices = new Choices(octets);
  return {
    roomId: `!room:${choices.of(SERVERS)}`,
    type: choices.of(TYPES),
    stateKey: choices.maybe(() => choices.of(["", userId(choices)])),
    sender: userId(choices),
    content: content(choices),
    originServerTs: choices.of([0, 1, 1_700_000_000_000]),
    depth: choices.of([0, 1, 1000, Number.MAX_SAFE_INTEGER]),
    authEvents: eventIds(choices, 10),
    prevEvents: eventIds(choices, 20),
    redacts: choices.maybe(() => "$gone"),
  };
}
