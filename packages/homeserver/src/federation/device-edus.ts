import { serverOf } from "@scop/matrix/auth";
import { isJsonObject, type JsonObject, objectAt, textAt } from "@scop/matrix/json";
import type { Change } from "@scop/store";
import type { Context } from "../context.ts";
import { deviceListChange } from "../encryption/news.ts";
import { messageText, sentHere } from "../encryption/to-device.ts";
import { MatrixFault } from "../http.ts";

/** Messages of one EDU, and characters of its id and type. Our own bounds; the id has 32 at most by the server-server API. */
const MESSAGES_MAX = 5_000;
const TYPE_CHARACTERS_MAX = 255;
const MESSAGE_ID_CHARACTERS_MAX = 255;

/**
 * `m.device_list_update` and `m.signing_key_update`: whoever shares a room with the user here asks for the whole list again, so that nothing
 * is believed of what stands in it. Of users who are in no room with anybody here nothing is kept.
 */
export async function deviceListUpdate(context: Context, origin: string, content: JsonObject): Promise<void> {
  const { store, options, keptKeys } = context;
  const user = textAt(content, "user_id");
  if (user === undefined || serverOf(user) !== origin) return;
  keptKeys.forget(user);
  for (const { room, membership } of await store.roomsOf(user)) {
    if (membership !== "join" || !(await store.roomServers(room)).includes(options.serverName)) continue;
    await store.transaction({ changes: [deviceListChange(user)] });
    return;
  }
}

/** `m.direct_to_device`: messages to devices of ours, each looked at alone. The same one again is the same one. */
export async function directToDevice(context: Context, origin: string, content: JsonObject): Promise<void> {
  const [sender, type, id] = ["sender", "type", "message_id"].map(name => textAt(content, name) ?? "");
  if (!sender || !type || !id || serverOf(sender) !== origin) return;
  if (type.length > TYPE_CHARACTERS_MAX || id.length > MESSAGE_ID_CHARACTERS_MAX) return;
  const changes: Change[] = [];
  for (const [user, devices] of objectAt(content, "messages") ?? []) {
    if (!isJsonObject(devices)) continue;
    for (const [device, message] of devices) {
      const json = textOf(type, sender, message);
      if (json !== undefined) changes.push(...(await sentHere(context, origin, { user, device, json })));
      if (changes.length >= MESSAGES_MAX) break;
    }
  }
  const idempotencyKey = `direct-to-device ${JSON.stringify([origin, sender, id])}`;
  await context.store.transaction({ changes: changes.slice(0, MESSAGES_MAX), idempotencyKey });
}

/** Undefined: it is no message, and is passed over. */
function textOf(...message: Parameters<typeof messageText>): string | undefined {
  try {
    return messageText(...message);
  } catch (error) {
    if (error instanceof MatrixFault) return undefined;
    throw error;
  }
}
