import type { Authoring } from "./authoring.ts";
import type { Answered, Context, OwnCall } from "./context.ts";
import { checkCanonicalAlias } from "./directory/aliases.ts";

/** `PUT /rooms/{roomId}/send/{eventType}/{txnId}`: the same transaction id again is the same event. */
export async function sendMessage(_context: Context, authoring: Authoring, { path, body, who }: OwnCall): Answered {
  const authored = { type: path.get("eventType")!, stateKey: undefined, sender: who.user, content: body };
  const sentBy = { account: who.account, device: who.device, transaction: path.get("txnId")! };
  return { event_id: await authoring.send(path.get("roomId")!, authored, sentBy) };
}

/** `PUT /rooms/{roomId}/state/{eventType}/{stateKey}` */
export async function setRoomState(context: Context, authoring: Authoring, { path, body, who }: OwnCall): Answered {
  const stateKey = path.get("stateKey") ?? "";
  if (path.get("eventType") === "m.room.canonical_alias" && stateKey === "")
    await checkCanonicalAlias(context, path.get("roomId")!, body);
  const authored = { type: path.get("eventType")!, stateKey, sender: who.user, content: body };
  return { event_id: await authoring.send(path.get("roomId")!, authored) };
}
