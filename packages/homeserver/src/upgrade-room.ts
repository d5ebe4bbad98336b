import { authRulesOf } from "@scop/matrix/auth";
import { type JsonObject, type JsonValue, jsonObject, objectAt, textAt } from "@scop/matrix/json";
import { EMPTY_STATE, type RoomEventRecord, type RoomRecord } from "@scop/store";
import type { Authoring } from "./authoring.ts";
import type { Answered, Context, OwnCall } from "./context.ts";
import { makeRoom, type Plan, roomIdFor } from "./create-room.ts";
import { joinedRoom } from "./directory/aliases.ts";
import { MatrixFault } from "./http.ts";
import { eventOfRecord, servedFormat } from "./pdu.ts";
import { profileContent } from "./profile.ts";
import type { Authored } from "./room-draft.ts";

/** What a new room has of the old one. Client-server API, room upgrades */
const TAKEN_ALONG: ReadonlySet<string> = new Set([
  ...["m.room.server_acl", "m.room.encryption", "m.room.name", "m.room.avatar", "m.room.topic", "m.room.guest_access"],
  ...["m.room.history_visibility", "m.room.join_rules", "m.space.child"],
]);
/** Children of a space, and users who are banned, that are taken along. Our own bound. */
const OF_TYPE_MAX = 500;
/** Who may still write into the old room. Client-server API, room upgrades */
const LEVEL_AFTER = 50;

/** `POST /rooms/{roomId}/upgrade`: a new room that goes on where this one ends. */
export async function upgradeRoom(context: Context, authoring: Authoring, { path, body, who }: OwnCall): Answered {
  const old = await joinedRoom(context, path.get("roomId")!, who.user);
  const version = textAt(body, "new_version")!;
  if (servedFormat(version) === undefined)
    throw new MatrixFault(400, "M_UNSUPPORTED_ROOM_VERSION", `Room version ${version} is not served.`);
  const own = (type: string, content: JsonObject, stateKey = ""): Authored => {
    return { type, stateKey, sender: who.user, content };
  };
  const tombstone = (replacement: string): Authored => {
    const text = "This room has been replaced";
    return own("m.room.tombstone", jsonObject({ body: text, replacement_room: replacement }));
  };
  // Before anything is made: who may not end a room does not begin another one.
  await authoring.draft(old.room, tombstone(old.room));
  const state = await context.store.stateEvents(old.state, EMPTY_STATE);
  const events = eventsOf(context, old, state, version, body);
  const joined = own(
    "m.room.member",
    jsonObject({ membership: "join", ...(await profileContent(context, who)) }),
    who.user,
  );
  const made: Plan = {
    version,
    room: roomIdFor(context, version),
    events: [own("m.room.create", events.create(who.user)), joined, ...events.others(own, who.user)],
    further: by => [{ change: "replace-room", room: old.room, by }],
  };
  const room = await makeRoom(context, made);
  await authoring.send(old.room, tombstone(room));
  // What the old room keeps its members from is a courtesy: it has ended either way.
  await Promise.allSettled(events.closing(own).map(each => authoring.send(old.room, each)));
  return { replacement_room: room };
}

type Own = (type: string, content: JsonObject, stateKey?: string) => Authored;

/** What the events of the two rooms are. */
interface Events {
  create(sender: string): JsonObject;
  others(own: Own, sender: string): readonly Authored[];
  closing(own: Own): readonly Authored[];
}

function eventsOf(
  context: Context,
  old: RoomRecord,
  state: readonly RoomEventRecord[],
  version: string,
  body: JsonObject,
): Events {
  const contentOf = (each: RoomEventRecord): JsonObject => eventOfRecord(context, old.version, each).content;
  const at = (type: string): JsonObject | undefined => {
    const found = state.find(each => each.type === type && each.stateKey === "");
    return found && contentOf(found);
  };
  const rules = authRulesOf(version);
  const levels = at("m.room.power_levels") ?? new Map<string, JsonValue>();
  const creators = rules?.privilegedCreators === true ? body.get("additional_creators") : undefined;
  const alias = at("m.room.canonical_alias");
  return {
    create: sender => {
      const content = new Map(at("m.room.create"));
      for (const key of ["creator", "predecessor", "room_version", "additional_creators"]) content.delete(key);
      if (rules?.senderIsCreator === false) content.set("creator", sender);
      if (creators !== undefined) content.set("additional_creators", creators);
      return content.set("room_version", version).set("predecessor", new Map([["room_id", old.room]]));
    },
    others: (own, sender) => [
      ...state
        .filter(each => TAKEN_ALONG.has(each.type) && (each.stateKey === "" || each.type === "m.space.child"))
        .slice(0, OF_TYPE_MAX)
        .map(each => own(each.type, contentOf(each), each.stateKey)),
      ...state
        .filter(each => each.type === "m.room.member" && textAt(contentOf(each), "membership") === "ban")
        .slice(0, OF_TYPE_MAX)
        .map(each => own("m.room.member", contentOf(each), each.stateKey)),
      ...(alias === undefined ? [] : [own("m.room.canonical_alias", alias)]),
      // At the end, so that who made the room may set all that goes before.
      own("m.room.power_levels", levelsFor(levels, sender, rules?.privilegedCreators === true, creators)),
    ],
    closing: own => [
      own("m.room.power_levels", closedLevels(levels)),
      ...(alias === undefined ? [] : [own("m.room.canonical_alias", new Map())]),
    ],
  };
}

/** The levels of the new room: creators who stand above all levels are not listed, those of other versions have to be. */
function levelsFor(
  before: JsonObject,
  sender: string,
  arePrivileged: boolean,
  creators: JsonValue | undefined,
): JsonObject {
  const users = new Map(objectAt(before, "users"));
  if (!arePrivileged && !users.has(sender)) users.set(sender, 100);
  if (arePrivileged) for (const user of [sender, ...(Array.isArray(creators) ? creators : [])]) users.delete(user);
  return new Map(before).set("users", users);
}

function closedLevels(before: JsonObject): JsonObject {
  const content = new Map(before);
  for (const key of ["events_default", "invite"]) {
    const level = before.get(key);
    content.set(key, typeof level === "number" && level > LEVEL_AFTER ? level : LEVEL_AFTER);
  }
  return content;
}
