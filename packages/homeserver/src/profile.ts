import { parseUserId } from "@scop/matrix/id";
import { type JsonValue, jsonObject } from "@scop/matrix/json";
import type { AccountId } from "@scop/store";
import { utf8Bytes } from "@scop/wire";
import type { Authoring } from "./authoring.ts";
import { canonicalText } from "./canonical-text.ts";
import type { Answered, Call, Context, OwnCall, Who } from "./context.ts";
import { profileAt } from "./federation/profile.ts";
import { MatrixFault } from "./http.ts";
import { addressOf } from "./user-id.ts";

/** Fields of one profile, and octets of one. Client-server API, profiles: 64 KiB in all */
const FIELDS_MAX = 64;
const FIELD_OCTETS_MAX = 1_024;
/** What memberships have of a profile. */
const TOLD_IN_ROOMS = ["displayname", "avatar_url"] as const;
const FIELD_NAME = /^[a-z0-9._-]{1,255}$/;

/** `GET /profile/{userId}` */
export async function getUserProfile(context: Context, call: Call): Answered {
  return fieldsObject(await fieldsOf(context, call.path.get("userId")!, undefined));
}

/** `GET /profile/{userId}/{keyName}` */
export async function getProfileField(context: Context, call: Call): Answered {
  const field = call.path.get("keyName")!;
  const json = (await fieldsOf(context, call.path.get("userId")!, field)).get(field);
  if (json === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "The profile has no such field.");
  return { [field]: JSON.parse(json) };
}

/** `PUT /profile/{userId}/{keyName}`: name and picture are told in every room that the user is in. */
export async function setProfileField(context: Context, authoring: Authoring, call: OwnCall): Answered {
  const field = ownField(call);
  const value = call.body.get(field);
  if (value === undefined) throw new MatrixFault(400, "M_MISSING_PARAM", `${field} is missing.`);
  if (TOLD_IN_ROOMS.some(each => each === field) && typeof value !== "string") {
    throw new MatrixFault(400, "M_BAD_JSON", `${field} is a text.`);
  }
  const known = await context.store.profile(call.who.account);
  const json = canonicalText(value);
  if (utf8Bytes(json).length > FIELD_OCTETS_MAX || (!known.has(field) && known.size >= FIELDS_MAX)) {
    throw new MatrixFault(400, "M_TOO_LARGE", "The profile would be too large.");
  }
  return put(context, authoring, call, json);
}

/** `DELETE /profile/{userId}/{keyName}` */
export async function deleteProfileField(context: Context, authoring: Authoring, call: OwnCall): Answered {
  return put(context, authoring, call, undefined);
}

async function put(context: Context, authoring: Authoring, call: OwnCall, json: string | undefined): Answered {
  const { who } = call;
  const field = ownField(call);
  const change = { change: "put-profile", account: who.account, field, json } as const;
  await context.store.transaction({ changes: [change] });
  if (!TOLD_IN_ROOMS.some(each => each === field)) return {};
  const content = jsonObject({ membership: "join", ...(await profileContent(context, who)) });
  const joined = (await context.store.roomsOf(who.user)).filter(each => each.membership === "join");
  const told = { type: "m.room.member", stateKey: who.user, sender: who.user, content };
  // A room that was left meanwhile is not told, and keeps none of the others from it.
  await Promise.allSettled(joined.map(each => authoring.send(each.room, told)));
  return {};
}

function ownField(call: OwnCall): string {
  if (call.path.get("userId") !== call.who.user) throw new MatrixFault(403, "M_FORBIDDEN", "The profile is not yours.");
  const field = call.path.get("keyName")!;
  if (!FIELD_NAME.test(field))
    throw new MatrixFault(400, "M_INVALID_PARAM", "A field is named by small letters, digits, dots, - and _.");
  return field;
}

/** Fields of a profile as what is answered. */
export function fieldsObject(fields: ReadonlyMap<string, string>): object {
  return Object.fromEntries([...fields].map(([field, json]) => [field, JSON.parse(json)]));
}

async function fieldsOf(
  context: Context,
  user: string,
  field: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const { peers, serverName } = context.options;
  const read = parseUserId(user);
  if (!read.ok || read.value.server === serverName || peers === undefined) return ownFields(context, user);
  return profileAt(peers, read.value.server, user, field);
}

/** Fields of the profile of a user of ours, as JSON. Throws `MatrixFault` where there is no such user. */
export async function ownFields({ store, options }: Context, user: string): Promise<ReadonlyMap<string, string>> {
  const address = addressOf(user, options.serverName);
  const account = address === undefined ? undefined : await store.accountByAddress(address);
  if (account === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "There is no such user.");
  return store.profile(account.id);
}

/** What a membership tells of a user. */
export async function profileContent(
  { store }: Context,
  { account }: Pick<Who, "account">,
): Promise<Record<string, JsonValue>> {
  const fields = await store.profile(account satisfies AccountId);
  const found: Record<string, JsonValue> = {};
  for (const field of TOLD_IN_ROOMS) {
    const json = fields.get(field);
    const value: unknown = json === undefined ? undefined : JSON.parse(json);
    if (typeof value === "string") found[field] = value;
  }
  return found;
}
