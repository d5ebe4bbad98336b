import { parseMxc } from "@scop/matrix/id";
import { type JsonValue, jsonObject } from "@scop/matrix/json";
import { type Attachment, isMediaType } from "@scop/mime";
import { newBlob } from "@scop/store";
import { hexEncode, utf8Bytes } from "@scop/wire";
import { type Desk, inThread, notice, send } from "./desk.ts";
import type { IncomingFile } from "./incoming.ts";
import { FILE_OCTETS_MAX, FILES_OCTETS_MAX } from "./limits.ts";

/** Octets of a media id; as long as those that users get. */
const ID_OCTETS = 16;
const ANY_TYPE = "application/octet-stream";
/** What a client shows by itself. */
const KINDS: readonly (readonly [prefix: string, kind: string])[] = [
  ["image/", "m.image"],
  ["audio/", "m.audio"],
  ["video/", "m.video"],
];

/** Where the files of a message are shown, and by whom. */
interface Place {
  readonly room: string;
  readonly speaker: string;
  readonly root: string;
  readonly uid: number;
}

/** Shows the files of a message in its thread, each as an event. The same message again makes the same files and events. */
export async function showFiles(desk: Desk, place: Place, files: readonly IncomingFile[]): Promise<void> {
  for (const [index, file] of files.entries()) {
    const url = await stored(desk, place, index, file);
    const transaction = `mail-${place.uid}-file-${index}`;
    if (url === undefined) {
      const body = `There is no room left for the file ${file.name}. It is in the mailbox of ${desk.account.address}.`;
      await notice(desk, place.room, { transaction, body, root: place.root });
      continue;
    }
    const content: Record<string, JsonValue> = {
      msgtype: KINDS.find(([prefix]) => file.mediaType.startsWith(prefix))?.[1] ?? "m.file",
      body: file.name,
      filename: file.name,
      url,
      info: jsonObject({ mimetype: file.mediaType, size: file.bytes.length }),
      ...inThread(place.root),
    };
    await send(desk, place.speaker, place.room, { type: "m.room.message", transaction, content });
  }
}

/** Its address; undefined where the account has as many files as it may. */
async function stored(desk: Desk, { uid }: Place, index: number, file: IncomingFile): Promise<string | undefined> {
  const { io, store, options } = desk.parts;
  const account = desk.account.id;
  const name = utf8Bytes(`scop gateway file\n${account}\n${uid}\n${index}`);
  const media = hexEncode(io.crypto.hmacSha256(options.secret, name).subarray(0, ID_OCTETS));
  const blob = await newBlob(store, [file.bytes]);
  const answer = await store.transaction({
    blobs: [blob],
    changes: [
      {
        change: "put-media",
        media,
        account,
        blob: { new: 0 },
        hash: io.crypto.sha256(file.bytes),
        contentType: file.mediaType,
        name: file.name,
        octetsMax: FILES_OCTETS_MAX,
      },
    ],
  });
  return answer.ok || answer.refusal === "exists" ? `mxc://${options.serverName}/${media}` : undefined;
}

/** A file of the room that goes out with a message; a sentence where it can't. */
export async function fileOf(desk: Desk, url: string, name: string): Promise<Attachment | string> {
  const { store, options } = desk.parts;
  const place = parseMxc(url);
  if (url === "") return `${name} is encrypted, and mail is not: it was not sent.`;
  if (!place.ok || place.value.server !== options.serverName) return `${name} is on another server: it was not sent.`;
  const file = (await store.media(place.value.mediaId))?.file;
  if (file === undefined) return `${name} is not here: it was not sent.`;
  if (file.octets > FILE_OCTETS_MAX) return `${name} has more than ${FILE_OCTETS_MAX} octets: it was not sent.`;
  return {
    mediaType: attachable(file.contentType),
    fileName: name,
    disposition: "attachment",
    bytes: await store.readBlob(file.blob),
  };
}

/** What a client says of a file, where a part of a message may say so too. */
function attachable(contentType: string): string {
  const essence = contentType.split(";", 1)[0]!.trim().toLowerCase();
  const isComposite = essence.startsWith("message/") || essence.startsWith("multipart/");
  return isMediaType(essence) && !isComposite ? essence : ANY_TYPE;
}
