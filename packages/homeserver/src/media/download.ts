import { isMediaId } from "@scop/matrix/id";
import type { MediaFile, Store } from "@scop/store";
import { queryText } from "../context.ts";
import { fileOfPeer, givenToPeer } from "../federation/media.ts";
import { answerOf, MatrixFault } from "../http.ts";
import { fileHeaders, isShownImage } from "./disposition.ts";
import type { MediaAnswer, MediaCall, MediaParts } from "./port.ts";

/** How long a file that is to come is waited for. Client-server API, timeout_ms; the second is our own bound */
const WAIT_MS_DEFAULT = 20_000;
const WAIT_MS_MAX = 60_000;
/** Octets of a picture that is its own thumbnail. Our own bound: as large as servers make thumbnails of busy pictures. */
const THUMBNAIL_OCTETS_MAX = 1024 * 1024;
/** Octets that are read at a time. */
const PIECE_OCTETS = 128 * 1024;

/** `GET /media/download/{serverName}/{mediaId}` and the same with a file name */
export async function getContent(parts: MediaParts, call: MediaCall): Promise<MediaAnswer> {
  if (isElsewhere(parts, call)) return fileOfPeer(parts, call, "download");
  const file = await fileOf(parts, call);
  return given(parts.context.store, file, call.path.get("fileName") ?? file.name);
}

/** `GET /media/thumbnail/{serverName}/{mediaId}`: a small picture as it is. Nothing of strangers is decoded here. */
export async function getThumbnail(parts: MediaParts, call: MediaCall): Promise<MediaAnswer> {
  if (isElsewhere(parts, call)) return fileOfPeer(parts, call, "thumbnail");
  return given(parts.context.store, asThumbnail(await fileOf(parts, call)), undefined);
}

/** `GET /_matrix/federation/v1/media/download/{mediaId}` */
export async function getContentForPeer(parts: MediaParts, call: Asking): Promise<MediaAnswer> {
  return givenToPeer(parts, await fileOf(parts, call));
}

/** `GET /_matrix/federation/v1/media/thumbnail/{mediaId}` */
export async function getThumbnailForPeer(parts: MediaParts, call: Asking): Promise<MediaAnswer> {
  return givenToPeer(parts, asThumbnail(await fileOf(parts, call)));
}

function isElsewhere({ context }: MediaParts, { path }: Asking): boolean {
  return path.get("serverName") !== context.options.serverName && isMediaId(path.get("mediaId")!);
}

/** A small picture is its own thumbnail. Throws `MatrixFault` for other files. */
function asThumbnail(file: MediaFile): MediaFile {
  if (isShownImage(file.contentType) && file.octets <= THUMBNAIL_OCTETS_MAX) return file;
  throw new MatrixFault(404, "M_NOT_FOUND", "There is no thumbnail of this file.");
}

/** `GET /media/config` */
export async function getConfig({ context }: MediaParts): Promise<MediaAnswer> {
  return answerOf(200, { "m.upload.size": context.options.media.octetsMax });
}

/** `GET /media/preview_url`: nothing is fetched for anybody, so that there is nothing to tell of a page. */
export async function getUrlPreview(): Promise<MediaAnswer> {
  return answerOf(200, {});
}

/** Who asks for a file: somebody who is logged in, or another server, which asks for ours alone and names none. */
type Asking = Pick<MediaCall, "path" | "query" | "onGone">;

/** A file that is here, or that comes while it is waited for. */
async function fileOf({ context, arrivals }: MediaParts, call: Asking): Promise<MediaFile> {
  const { store, options } = context;
  const media = call.path.get("mediaId")!;
  const isOurs = (call.path.get("serverName") ?? options.serverName) === options.serverName && isMediaId(media);
  const known = isOurs ? await store.media(media) : undefined;
  if (known === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "There is no such file.");
  if (known.file !== undefined) return known.file;
  const waitMs = Math.min(Number(queryText(call, "timeout_ms") ?? WAIT_MS_DEFAULT), WAIT_MS_MAX);
  await arrivals.until(media, waitMs, listener => call.onGone(listener));
  const file = (await store.media(media))?.file;
  if (file === undefined) throw new MatrixFault(504, "M_NOT_YET_UPLOADED", "The file has not come yet.");
  return file;
}

function given(store: Store, file: MediaFile, name: string | undefined): MediaAnswer {
  return { status: 200, headers: fileHeaders(file.contentType, name, file.octets), body: piecesOf(store, file) };
}

/** A file in pieces. */
export async function* piecesOf(store: Store, { blob, octets }: MediaFile): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets; at += PIECE_OCTETS) yield await store.readBlob(blob, at, at + PIECE_OCTETS);
}
