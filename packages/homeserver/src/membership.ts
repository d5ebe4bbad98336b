import { jsonObject, textAt } from "@scop/matrix/json";
import { type Authoring, noSuchRoom } from "./authoring.ts";
import type { Answered, Context, OwnCall } from "./context.ts";
import { namedRoom } from "./directory/aliases.ts";
import { MatrixFault } from "./http.ts";
import { profileContent } from "./profile.ts";
import { addressOf } from "./user-id.ts";

/** `POST /rooms/{roomId}/join` and `POST /join/{roomIdOrAlias}` */
export async function join(context: Context, authoring: Authoring, call: OwnCall): Answered {
  const room = call.path.get("roomId") ?? (await namedRoom(context, call.path.get("roomIdOrAlias")!));
  const membership = await membershipOf(context, room, call.who.user);
  if (membership === "join") return { room_id: room };
  const content = jsonObject({
    membership: "join",
    ...(await profileContent(context, call.who)),
    reason: textAt(call.body, "reason"),
  });
  await authoring.send(room, { type: "m.room.member", stateKey: call.who.user, sender: call.who.user, content });
  return { room_id: room };
}

/** `POST /knock/{roomIdOrAlias}`: asks to be let in. */
export async function knock(context: Context, authoring: Authoring, call: OwnCall): Answered {
  const room = await namedRoom(context, call.path.get("roomIdOrAlias")!);
  const content = jsonObject({
    membership: "knock",
    ...(await profileContent(context, call.who)),
    reason: textAt(call.body, "reason"),
  });
  await authoring.send(room, { type: "m.room.member", stateKey: call.who.user, sender: call.who.user, content });
  return { room_id: room };
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
export async function leave(_context: Context, authoring: Authoring, call: OwnCall): Answered {
  await change(authoring, call, call.who.user, "leave");
  return {};
}

/** `POST /rooms/{roomId}/invite` */
export async function invite(context: Context, authoring: Authoring, call: OwnCall): Answered {
  const user = userOf(call);
  await checkedInvitee(context, user);
  await change(authoring, call, user, "invite");
  return {};
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

/** Fails unless somebody of this server is meant: others can't be reached yet. */
export async function checkedInvitee({ store, options }: Context, user: string): Promise<void> {
  const address = addressOf(user, options.serverName);
  const isHere = address !== undefined && (await store.accountByAddress(address)) !== undefined;
  if (!isHere)
    throw new MatrixFault(
      404,
      "M_NOT_FOUND",
      `${user} is no user of ${options.serverName}, and other servers can't be reached yet.`,
    );
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
