import { type AuthChecks, type AuthState, authorise, type StateKey } from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import { CHECKS, eventOf, keyOf, type PlainEvent, rulesOf } from "./rooms.ts";

export const [ALICE, BOB, CAROL, DAVE] = ["@alice:a.example", "@bob:b.example", "@carol:c.example", "@dave:a.example"];

/** A room of which only what a test is about has to be said: alice made it and is in it. */
export interface Setting {
  readonly version?: string;
  readonly create?: object;
  /** Undefined: alice has 100, but where creators stand above. Null: the room has none. */
  readonly levels?: object | null;
  readonly joinRule?: string;
  readonly members?: Readonly<Record<string, string>>;
  readonly more?: readonly PlainEvent[];
}

/** An event that a test is about: of alice's, where it does not say whose. */
export type Said = Partial<PlainEvent> & { readonly type: string };

/** The version that a test speaks of where it says none. */
const VERSION = "10";

function roomIdOf(version: string): string {
  return version === "12" ? "!create" : "!room:a.example";
}

/** The event in a room of the version. */
export function saidEvent(said: Said, version: string = VERSION): RoomEvent {
  return eventOf(
    { event_id: "$said", sender: ALICE!, content: {}, prev_events: ["$last"], ...said },
    roomIdOf(version),
  );
}

function stateEvent(type: string, stateKey: string, sender: string, content: object): PlainEvent {
  return { event_id: `$${type}|${stateKey}`, type, state_key: stateKey, sender, content };
}

/** The state of a room. */
export function stateOf(setting: Setting): Map<StateKey, RoomEvent> {
  const { version = VERSION, create, levels, joinRule, members, more = [] } = setting;
  const creator = Number(version) <= 10 ? { creator: ALICE } : {};
  const usual = version === "12" ? {} : { users: { [ALICE!]: 100 } };
  const joined = { [ALICE!]: "join", ...members };
  const plain = [
    {
      ...stateEvent("m.room.create", "", ALICE!, { room_version: version, ...creator, ...create }),
      event_id: "$create",
    },
    ...(levels === null ? [] : [stateEvent("m.room.power_levels", "", ALICE!, levels ?? usual)]),
    ...(joinRule === undefined ? [] : [stateEvent("m.room.join_rules", "", ALICE!, { join_rule: joinRule })]),
    ...Object.entries(joined).map(([user, membership]) => stateEvent("m.room.member", user, user, { membership })),
    ...more,
  ];
  const events = plain.map(each => eventOf(each, roomIdOf(version)));
  return new Map(events.map(event => [keyOf(event), event]));
}

/** The word of the refusal, or `allowed`. */
export function verdict(setting: Setting, said: Said, checks: AuthChecks = CHECKS): string {
  const { version = VERSION } = setting;
  const state: AuthState = stateOf(setting);
  return authorise(saidEvent(said, version), state, rulesOf(version), checks)?.word ?? "allowed";
}

/** A change of membership. */
export function member(sender: string, target: string, membership: string, more: object = {}): Said {
  return { type: "m.room.member", sender, state_key: target, content: { membership, ...more } };
}
