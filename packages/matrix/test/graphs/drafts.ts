import { type AuthState, JOIN_RULES_KEY, memberKey, POWER_LEVELS_KEY } from "@scop/matrix/auth";
import type { JsonValue } from "@scop/matrix/json";
import type { SeededRandom } from "@scop/sim";

/** What somebody wants to say. */
export interface Draft {
  readonly type: string;
  readonly stateKey: string | undefined;
  readonly sender: string;
  readonly content: object;
  readonly redacts?: string;
}

const CREATOR = "@alice:a.example";
const OTHERS = ["@bob:b.example", "@carol:c.example", "@dave:d.example", "@erin:a.example", "@frank:b.example"];
const USERS = [CREATOR, ...OTHERS];
const LEVELS = [0, 0, 25, 50, 50, 75, 100, 101, -1];

function pick<T>(random: SeededRandom, list: readonly T[]): T {
  return list[random.integer(list.length)]!;
}

function state(type: string, sender: string, content: object, stateKey = ""): Draft {
  return { type, stateKey, sender, content };
}

function member(sender: string, target: string, membership: string, more: object = {}): Draft {
  return state("m.room.member", sender, { membership, ...more }, target);
}

/** Before room version 10 a level may be a text. */
function level(random: SeededRandom, version: string): number | string {
  const chosen = pick(random, LEVELS);
  if (Number(version) >= 10 || random.integer(6) > 0) return chosen;
  return random.integer(2) === 0 ? String(chosen) : ` 0${Math.abs(chosen)} `;
}

function joinRules(version: string): readonly string[] {
  const number = Number(version);
  return [
    ...["public", "public", "public", "invite", "private"],
    ...(number >= 7 ? ["knock"] : []),
    ...(number >= 8 ? ["restricted"] : []),
    ...(number >= 10 ? ["knock_restricted"] : []),
  ];
}

function createContent(random: SeededRandom, version: string): object {
  const named = Number(version) <= 10 ? { creator: CREATOR } : {};
  const helped = version === "12" && random.integer(2) === 0 ? { additional_creators: [pick(random, OTHERS)] } : {};
  const closed = random.integer(20) === 0 ? { "m.federate": false } : {};
  return { room_version: version, ...named, ...helped, ...closed };
}

/** How rooms begin. */
export function firstDrafts(random: SeededRandom, version: string): readonly Draft[] {
  const users = {
    ...(version === "12" ? {} : { [CREATOR]: 100 }),
    [pick(random, OTHERS)]: level(random, version),
    [pick(random, OTHERS)]: pick(random, [50, 100]),
  };
  const first = [
    state("m.room.create", CREATOR, createContent(random, version)),
    member(CREATOR, CREATOR, "join"),
    state("m.room.power_levels", CREATOR, { users }),
    state("m.room.join_rules", CREATOR, { join_rule: pick(random, joinRules(version).slice(0, 3)) }),
  ];
  if (random.integer(8) === 0) first.splice(2, 1);
  return [...first, ...OTHERS.slice(0, random.integer(5)).map(user => member(user, user, "join"))];
}

function plainLevels(content: ReadonlyMap<string, JsonValue> | undefined): Record<string, unknown> {
  const plain = (value: JsonValue): unknown =>
    value instanceof Map ? Object.fromEntries([...value].map(([key, each]) => [key, plain(each)])) : value;
  return content === undefined ? {} : (plain(content as JsonValue) as Record<string, unknown>);
}

function powerLevels(random: SeededRandom, now: AuthState, sender: string, version: string): Draft {
  const content = plainLevels(now.get(POWER_LEVELS_KEY)?.content);
  const list = pick(random, ["users", "users", "users", "events", "notifications", ""]);
  if (list === "") {
    const name = pick(random, ["users_default", "events_default", "state_default", "ban", "kick", "invite", "redact"]);
    if (random.integer(4) === 0) delete content[name];
    else content[name] = level(random, version);
  } else {
    const levels = { ...(content[list] as Record<string, unknown> | undefined) };
    const key = list === "users" ? pick(random, USERS) : pick(random, ["m.room.topic", "m.room.name", "room"]);
    if (random.integer(4) === 0) delete levels[key];
    else levels[key] = level(random, version);
    content[list] = levels;
  }
  return state("m.room.power_levels", sender, content);
}

function joining(random: SeededRandom, now: AuthState, sender: string): Draft {
  const rule = now.get(JOIN_RULES_KEY)?.content.get("join_rule");
  const isRestricted = typeof rule === "string" && rule.endsWith("restricted");
  const more = isRestricted ? { join_authorised_via_users_server: pick(random, USERS) } : {};
  return member(sender, sender, "join", { displayname: `n${random.integer(9)}`, ...more });
}

const ODD_LEVELS: readonly object[] = [
  { users: 7 },
  { users: { bob: 5 } },
  { users: { "@bob:b.example": "high" } },
  { users: { "@bob:b.example": null } },
  { users: { "@bob:b.example": [5] } },
  { users: { "@alice:a.example": 100, "@bob:b.example": "1e2" } },
  { users: { "@bob:b.example": " 50" } },
];
const ODD_CREATES: readonly object[] = [{}, { room_version: "99" }, { additional_creators: ["bob"] }];

/** What is not said every day, or is none of what it claims to be. */
function oddDraft(random: SeededRandom, sender: string, target: string, version: string): Draft {
  const server = pick(random, ["a.example", "b.example"]);
  const drafts: readonly Draft[] = [
    state("m.room.power_levels", sender, pick(random, ODD_LEVELS)),
    state("m.room.create", sender, { ...createContent(random, version), ...pick(random, ODD_CREATES) }),
    state("m.room.aliases", sender, { aliases: [] }, server),
    state("m.room.third_party_invite", sender, {}, "token"),
    { type: "m.room.redaction", stateKey: undefined, sender, content: {}, redacts: `$e1:${server}` },
    member(sender, target, "dance"),
    member(sender, target, "invite", {
      third_party_invite: { signed: { mxid: target, token: "token", signatures: {} } },
    }),
    member(sender, sender, "join", { join_authorised_via_users_server: target }),
    state("m.room.join_rules", sender, { join_rule: 7 }),
    state("org.example.own", sender, {}, `${sender}x`),
  ];
  return pick(random, drafts);
}

/** Something that somebody might say now; whether they may is another question. */
export function draftOf(random: SeededRandom, now: AuthState, version: string): Draft {
  const joined = USERS.filter(user => now.get(memberKey(user))?.content.get("membership") === "join");
  const sender = random.integer(6) === 0 || joined.length === 0 ? pick(random, USERS) : pick(random, joined);
  const target = pick(random, USERS);
  if (random.integer(10) === 0) return oddDraft(random, sender, target, version);
  const chance = random.integer(100);
  if (chance < 24) return powerLevels(random, now, sender, version);
  if (chance < 36) return member(sender, target, "ban");
  if (chance < 44) return member(sender, target, "leave");
  if (chance < 49) return member(sender, sender, "leave");
  if (chance < 63) return joining(random, now, target);
  if (chance < 69) return member(sender, target, "invite");
  if (chance < 72) return member(target, target, "knock");
  if (chance < 80) return state("m.room.join_rules", sender, { join_rule: pick(random, joinRules(version)) });
  if (chance < 90) return state("m.room.topic", sender, { topic: `t${random.integer(99)}` });
  if (chance < 94) return state("org.example.own", sender, { n: random.integer(9) }, pick(random, [sender, target]));
  if (chance < 97) return state("m.room.name", sender, { name: `n${random.integer(99)}` });
  return { type: "m.room.message", stateKey: undefined, sender, content: { body: "hello" } };
}
