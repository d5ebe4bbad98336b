import type { JsonValue } from "@scop/matrix/json";
import { utf8Bytes } from "@scop/wire";
import { accountDataObject, putAccountData } from "./account-data.ts";
import { canonicalText } from "./canonical-text.ts";
import type { Answered, Context, OwnCall } from "./context.ts";
import { MatrixFault } from "./http.ts";

/** Octets of the name of a tag, and tags of a room. Client-server API, room tagging; the second is our own bound */
const TAG_OCTETS_MAX = 255;
const TAGS_MAX = 100;

/** `GET /user/{userId}/rooms/{roomId}/tags` */
export async function getRoomTags(context: Context, call: OwnCall): Answered {
  return { tags: Object.fromEntries(await tagsOf(context, call)) };
}

/** `PUT /user/{userId}/rooms/{roomId}/tags/{tag}` */
export async function setRoomTag(context: Context, call: OwnCall): Answered {
  const tag = call.path.get("tag")!;
  const tags = new Map(await tagsOf(context, call)).set(tag, call.body);
  if (utf8Bytes(tag).length > TAG_OCTETS_MAX || tags.size > TAGS_MAX)
    throw new MatrixFault(400, "M_TOO_LARGE", `A room has at most ${TAGS_MAX} tags of ${TAG_OCTETS_MAX} octets.`);
  return putTags(context, call, tags);
}

/** `DELETE /user/{userId}/rooms/{roomId}/tags/{tag}` */
export async function deleteRoomTag(context: Context, call: OwnCall): Answered {
  const tags = new Map(await tagsOf(context, call));
  tags.delete(call.path.get("tag")!);
  return putTags(context, call, tags);
}

async function tagsOf(context: Context, { path, who }: OwnCall): Promise<ReadonlyMap<string, JsonValue>> {
  if (path.get("userId") !== who.user) throw new MatrixFault(403, "M_FORBIDDEN", "The tags are not yours.");
  const data = await accountDataObject(context, who, path.get("roomId")!, "m.tag");
  const tags = data.get("tags");
  return tags instanceof Map ? tags : new Map();
}

async function putTags(context: Context, { path, who }: OwnCall, tags: ReadonlyMap<string, JsonValue>): Answered {
  return putAccountData(context, who, {
    room: path.get("roomId")!,
    type: "m.tag",
    json: canonicalText(new Map([["tags", tags]])),
  });
}
