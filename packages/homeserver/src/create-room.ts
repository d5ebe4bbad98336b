import { authRulesOf, serverOf } from "@scop/matrix/auth";
import { isJsonObject, type JsonObject, type JsonValue, jsonObject, objectAt, textAt } from "@scop/matrix/json";
import type { RoomChange } from "@scop/store";
import type { Authoring } from "./authoring.ts";
import type { Answered, Context, OwnCall } from "./context.ts";
import { ownAlias } from "./directory/aliases.ts";
import { inviteElsewhere } from "./federation/inviting.ts";
import { MatrixFault } from "./http.ts";
import { checkedInvitee } from "./membership.ts";
import { ROOM_VERSION_DEFAULT, servedFormat } from "./pdu.ts";
import { profileContent } from "./profile.ts";
import { type Authored, RoomDraft } from "./room-draft.ts";
import { isList } from "./schema.ts";

/** What a preset says. Client-server API, createRoom */
interface Preset {
  readonly joinRule: "invite" | "public";
  readonly guests: "can_join" | "forbidden";
  readonly invitedAsCreators: "yes" | "no";
}

const PRESETS: ReadonlyMap<string, Preset> = new Map<string, Preset>([
  ["private_chat", { joinRule: "invite", guests: "can_join", invitedAsCreators: "no" }],
  ["trusted_private_chat", { joinRule: "invite", guests: "can_join", invitedAsCreators: "yes" }],
  ["public_chat", { joinRule: "public", guests: "forbidden", invitedAsCreators: "no" }],
]);

/** Who is asked in at once. Our own bound. */
const INVITES_MAX = 100;
const INITIAL_STATE_MAX = 100;
/** Rooms that differ in nothing, made by one user in one moment. Our own bound. */
const SAME_ROOMS_MAX = 20;

/** `POST /createRoom`: all its events in one transaction, each checked by those before it; then users of other servers are asked in. */
export async function createRoom(context: Context, authoring: Authoring, call: OwnCall): Answered {
  const plan = await planOf(context, call);
  const room = await makeRoom(context, plan);
  // The room is there whether they can be reached or not: who made it sees who is asked in.
  await Promise.allSettled(plan.elsewhere.map(each => inviteElsewhere(context, authoring, room, each)));
  return { room_id: room };
}

/** Makes a room with all its events, or nothing; answers its id. */
export async function makeRoom(context: Context, plan: Plan): Promise<string> {
  const now = context.io.clock.now();
  // The id of a room is the hash of its create event: two that are made in one millisecond would be one.
  for (let at = now; at < now + SAME_ROOMS_MAX; at += 1) {
    const standing = { room: plan.room, version: plan.version, latest: [], depth: 0, at, state: new Map() };
    const draft = new RoomDraft(context, standing);
    for (const authored of plan.events) draft.add(authored, undefined);
    const add: RoomChange = { change: "add-room", room: draft.room, version: plan.version };
    const further = plan.further(draft.room);
    const answer = await context.store.transaction({ changes: [add, ...draft.changes, ...further] });
    if (answer.ok) return draft.room;
    if (answer.at > draft.changes.length)
      throw new MatrixFault(400, "M_ROOM_IN_USE", "There is such an alias already.");
  }
  throw new MatrixFault(429, "M_LIMIT_EXCEEDED", "Too many rooms at once: come again later.");
}

/** What a room begins with. */
export interface Plan {
  readonly version: string;
  readonly room: string | undefined;
  readonly events: readonly Authored[];
  /** What is done with it once it has its id. */
  further(room: string): readonly RoomChange[];
}

/** What is asked for, with invitations that other servers have to sign. */
interface AskedPlan extends Plan {
  readonly elsewhere: readonly Authored[];
}

function isOurs({ options }: Context, user: string): boolean {
  return serverOf(user) === options.serverName;
}

async function planOf(context: Context, { body, who }: OwnCall): Promise<AskedPlan> {
  if (isFilled(body.get("invite_3pid")))
    throw new MatrixFault(400, "M_UNKNOWN", "Invitations by third party are not served.");
  const alias = aliasOf(context, body);
  const version = textAt(body, "room_version") ?? ROOM_VERSION_DEFAULT;
  const rules = servedFormat(version) && authRulesOf(version);
  if (rules === undefined)
    throw new MatrixFault(400, "M_UNSUPPORTED_ROOM_VERSION", `Room version ${version} is not served.`);
  const isPublic = textAt(body, "visibility") === "public";
  const preset = PRESETS.get(textAt(body, "preset") ?? (isPublic ? "public_chat" : "private_chat"))!;
  const invited = textsOf(body.get("invite"));
  if (invited.length > INVITES_MAX)
    throw new MatrixFault(400, "M_INVALID_PARAM", `At most ${INVITES_MAX} are invited at once.`);
  for (const user of invited) await checkedInvitee(context, user);
  const own = (type: string, content: JsonObject, stateKey = ""): Authored => ({
    type,
    stateKey,
    sender: who.user,
    content,
  });
  const trusted = preset.invitedAsCreators === "yes" ? invited : [];
  const profile = await profileContent(context, who);
  const isDirect = body.get("is_direct") === true ? true : undefined;
  const invitation = (user: string): Authored =>
    own("m.room.member", jsonObject({ membership: "invite", is_direct: isDirect }), user);
  const events = [
    own(
      "m.room.create",
      creationOf(body, version, rules.privilegedCreators ? trusted : [], who.user, !rules.senderIsCreator),
    ),
    own("m.room.member", jsonObject({ membership: "join", ...profile }), who.user),
    own("m.room.power_levels", levelsOf(body, rules.privilegedCreators, [who.user, ...trusted])),
    ...merged(presetState(preset, own), initialState(body, own)),
    ...(alias === undefined ? [] : [own("m.room.canonical_alias", jsonObject({ alias }))]),
    ...["name", "topic"].flatMap(key => named(body, key, own)),
    ...invited.filter(user => isOurs(context, user)).map(invitation),
  ];
  const further = (room: string): readonly RoomChange[] => [
    ...(alias === undefined ? [] : [{ change: "put-room-alias", alias, room, creator: who.user } as const]),
    ...(isPublic ? [{ change: "publish-room", room, isPublished: true } as const] : []),
  ];
  const elsewhere = invited.filter(user => !isOurs(context, user)).map(invitation);
  return { version, room: roomIdFor(context, version), events, further, elsewhere };
}

/** The alias that a room is to have. */
function aliasOf(context: Context, body: JsonObject): string | undefined {
  const name = textAt(body, "room_alias_name");
  return name === undefined ? undefined : ownAlias(context, `#${name}:${context.options.serverName}`);
}

/** An id for a room of a version; undefined where its create event gives it one. */
export function roomIdFor(context: Context, version: string): string | undefined {
  return servedFormat(version)?.createIdIsRoomId === true ? undefined : newRoomId(context);
}

type Own = (type: string, content: JsonObject, stateKey?: string) => Authored;

function creationOf(
  body: JsonObject,
  version: string,
  trusted: readonly string[],
  creator: string,
  namesCreator: boolean,
): JsonObject {
  const given = objectAt(body, "creation_content") ?? new Map<string, JsonValue>();
  const content = new Map(given);
  content.set("room_version", version);
  content.delete("creator");
  if (namesCreator) content.set("creator", creator);
  const others = new Set([...textsOf(given.get("additional_creators")), ...trusted]);
  others.delete(creator);
  if (trusted.length > 0 && others.size > 0) content.set("additional_creators", [...others]);
  return content;
}

/** Who may do what. In rooms of version 12 creators stand above all levels and are not listed. */
function levelsOf(body: JsonObject, hasPrivilegedCreators: boolean, creators: readonly string[]): JsonObject {
  const users = hasPrivilegedCreators ? [] : creators;
  const content = new Map(
    jsonObject({
      ban: 50,
      events: jsonObject({
        "m.room.avatar": 50,
        "m.room.canonical_alias": 50,
        "m.room.encryption": 100,
        "m.room.history_visibility": 100,
        "m.room.name": 50,
        "m.room.power_levels": 100,
        "m.room.server_acl": 100,
        "m.room.tombstone": hasPrivilegedCreators ? 150 : 100,
      }),
      events_default: 0,
      invite: 0,
      kick: 50,
      redact: 50,
      state_default: 50,
      users: new Map(users.map(user => [user, 100] as const)),
      users_default: 0,
    }),
  );
  for (const [key, value] of objectAt(body, "power_level_content_override") ?? []) content.set(key, value);
  return content;
}

function presetState(preset: Preset, own: Own): readonly Authored[] {
  return [
    own("m.room.join_rules", jsonObject({ join_rule: preset.joinRule })),
    own("m.room.history_visibility", jsonObject({ history_visibility: "shared" })),
    own("m.room.guest_access", jsonObject({ guest_access: preset.guests })),
  ];
}

function initialState(body: JsonObject, own: Own): readonly Authored[] {
  const given = body.get("initial_state");
  const list = isList(given) ? given : [];
  if (list.length > INITIAL_STATE_MAX)
    throw new MatrixFault(400, "M_INVALID_PARAM", `At most ${INITIAL_STATE_MAX} events of state.`);
  return list.filter(isJsonObject).map(each => {
    return own(textAt(each, "type")!, objectAt(each, "content")!, textAt(each, "state_key") ?? "");
  });
}

/** What is given stands in place of what the preset says. */
function merged(preset: readonly Authored[], given: readonly Authored[]): readonly Authored[] {
  const isGiven = (one: Authored): boolean =>
    given.some(each => each.type === one.type && each.stateKey === one.stateKey);
  return [...preset.filter(each => !isGiven(each)), ...given];
}

function named(body: JsonObject, key: string, own: Own): readonly Authored[] {
  const text = textAt(body, key);
  return text === undefined ? [] : [own(`m.room.${key}`, jsonObject({ [key]: text }))];
}

function newRoomId({ io, options }: Context): string {
  const letters = [...io.random.bytes(18)].map(octet => String.fromCharCode(97 + (octet % 26))).join("");
  return `!${letters}:${options.serverName}`;
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return isList(value) ? value.filter(each => typeof each === "string") : [];
}

function isFilled(value: JsonValue | undefined): boolean {
  return isList(value) && value.length > 0;
}
