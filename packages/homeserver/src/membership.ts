import { serverOf } from "@scop/matrix/auth";
import { parseUserId } from "@scop/matrix/id";
import { type JsonObject, jsonObject, textAt } from "@scop/matrix/json";
import { type Authoring, noSuchRoom } from "./authoring.ts";
import type { Answered, Context, OwnCall } from "./context.ts";
import { namedRoom } from "./directory/aliases.ts";
import { inviteElsewhere } from "./federation/inviting.ts";
import { joinElsewhere } from "./federation/outside.ts";
import { isServedHere, knockElsewhere, leaveElsewhere, serversFor } from "./federation/outside-members.ts";
import { authoriserFor } from "./federation/restricted.ts";
import { MatrixFault } from "./http.ts";
import { profileContent } from "./profile.ts";
import type { Authored } from "./room-draft.ts";
import { addressOf } from "./user-id.ts";

/** `POST /rooms/{roomId}/join` and `POST /join/{roomIdOrAlias}`: through another server where this one is not in the room. */
export async function join(context: Context, authoring: Authoring, call: OwnCall): Answered {
  const named = await namedRoom(context, call.path.get("roomId") ?? call.path.get("roomIdOrAlias")!);
  const { room } = named;
  const membership = await membershipOf(context, room, call.who.user);
  if (membership === "join") return { room_id: room };
  return enter(context, authoring, call, named, "join");
}

/** `POST /knock/{roomIdOrAlias}`: asks to be let in. */
export async function knock(context: Context, authoring: Authoring, call: OwnCall): Answered {
  return enter(context, authoring, call, await namedRoom(context, call.path.get("roomIdOrAlias")!), "knock");
}

async function enter(
  context: Context,
  authoring: Authoring,
  call: OwnCall,
  { room, servers }: Awaited<ReturnType<typeof namedRoom>>,
  membership: "join" | "knock",
): Answered {
  const { user } = call.who;
  const profile = await profileContent(context, call.who);
  const content = jsonObject({ membership, ...profile, reason: textAt(call.body, "reason") });
  if (await isServedHere(context, room)) await enterHere(context, authoring, room, user, content);
  else {
    const named = ["via", "server_name"].flatMap(key => call.query.get(key) ?? []);
    const via = await serversFor(context, room, user, [...named, ...servers]);
    const wanted = { room, user, membership, content, via };
    const outcome =
      membership === "join" ? await joinElsewhere(context, wanted) : await knockElsewhere(context, wanted);
    if (outcome === "here") await enterHere(context, authoring, room, user, content);
  }
  return { room_id: room };
}

async function enterHere(
  context: Context,
  authoring: Authoring,
  room: string,
  user: string,
  content: JsonObject,
): Promise<void> {
  const record = textAt(content, "membership") === "join" ? await context.store.room(room) : undefined;
  const by = record && (await authoriserFor(context, record, user));
  const letIn = by === undefined ? content : new Map(content).set("join_authorised_via_users_server", by);
  await authoring.send(room, memberOf(user, user, letIn));
}

/** `POST /rooms/{roomId}/forget`: a room that was left is none of the user's any more. */
export async function forget({ store }: Context, { path, who }: OwnCall): Answered {
  const change = { change: "forget-room", room: path.get("roomId")!, user: who.user } as const;
  const answer = await store.transaction({ changes: [change] });
  if (!answer.ok && answer.refusal === "in-use")
    throw new MatrixFault(400, "M_UNKNOWN", "You have not left this room.");
  if (!answer.ok) throw noSuchRoom();
  return {};
}

/** `POST /rooms/{roomId}/leave`: also refuses an invitation. */
export async function leave(context: Context, authoring: Authoring, call: OwnCall): Answered {
  const { user } = call.who;
  const room = call.path.get("roomId")!;
  if (!(await isServedHere(context, room)) && isAsked(await membershipOf(context, room, user))) {
    const content = jsonObject({ membership: "leave", reason: textAt(call.body, "reason") });
    const via = await serversFor(context, room, user, []);
    await leaveElsewhere(context, { room, user, membership: "leave", content, via });
  } else await change(authoring, call, user, "leave");
  return {};
}

function isAsked(membership: string | undefined): boolean {
  return membership === "invite" || membership === "knock";
}

/** `POST /rooms/{roomId}/invite` */
export async function invite(context: Context, authoring: Authoring, call: OwnCall): Answered {
  const user = userOf(call);
  await checkedInvitee(context, user);
  if (serverOf(user) === context.options.serverName) await change(authoring, call, user, "invite");
  else {
    const content = jsonObject({ membership: "invite", reason: textAt(call.body, "reason") });
    await inviteElsewhere(context, authoring, call.path.get("roomId")!, memberOf(call.who.user, user, content));
  }
  return {};
}

function memberOf(sender: string, user: string, content: JsonObject): Authored {
  return { type: "m.room.member", stateKey: user, sender, content };
}

/** `POST /rooms/{roomId}/kick` */
export async function kick(context: Context, authoring: Authoring, call: OwnCall): Answered {
  const membership = await membershipOf(context, call.path.get("roomId")!, userOf(call));
  if (membership !== "join" && membership !== "invite" && membership !== "knock") {
    throw new MatrixFault(403, "M_FORBIDDEN", "The user is not in the room.");
  }
  await change(authoring, call, userOf(call), "leave");
  return {};
}

/** `POST /rooms/{roomId}/ban` */
export async function ban(_context: Context, authoring: Authoring, call: OwnCall): Answered {
  await change(authoring, call, userOf(call), "ban");
  return {};
}

/** `POST /rooms/{roomId}/unban` */
export async function unban(context: Context, authoring: Authoring, call: OwnCall): Answered {
  if ((await membershipOf(context, call.path.get("roomId")!, userOf(call))) !== "ban") {
    throw new MatrixFault(403, "M_FORBIDDEN", "The user is not banned.");
  }
  await change(authoring, call, userOf(call), "leave");
  return {};
}

/** Fails unless somebody of this server is meant, or of another one where others can be reached. */
export async function checkedInvitee({ store, options }: Context, user: string): Promise<void> {
  const address = addressOf(user, options.serverName);
  const isHere = address !== undefined && (await store.accountByAddress(address)) !== undefined;
  const read = parseUserId(user);
  const isElsewhere = options.peers !== undefined && read.ok && read.value.server !== options.serverName;
  if (isHere || isElsewhere) return;
  throw new MatrixFault(404, "M_NOT_FOUND", `There is no user ${user}, or their server can't be reached from here.`);
}

/** What a user is in a room now. */
async function membershipOf({ store }: Context, room: string, user: string): Promise<string | undefined> {
  return (await store.roomsOf(user)).find(each => each.room === room)?.membership;
}

async function change(authoring: Authoring, call: OwnCall, user: string, membership: string): Promise<void> {
  const content = jsonObject({ membership, reason: textAt(call.body, "reason") });
  const room = call.path.get("roomId")!;
  await authoring.send(room, { type: "m.room.member", stateKey: user, sender: call.who.user, content });
}

function userOf(call: OwnCall): string {
  return textAt(call.body, "user_id")!;
}
