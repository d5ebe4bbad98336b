import { formatMxc, isMediaId } from "@scop/matrix/id";
import { BLOB_INLINE_OCTETS_MAX, type BlobWriter, type NewBlob } from "@scop/store";
import { hexEncode } from "@scop/wire";
import { type Context, queryText } from "../context.ts";
import { answerOf, MatrixFault } from "../http.ts";
import type { MediaAnswer, MediaCall, MediaParts } from "./port.ts";

/** Octets of randomness in a media id. */
const ID_OCTETS = 16;
/** How long a file may be awaited, and how many of an account are. Client-server API, POST /media/v1/create; the second is our own bound */
const AWAITED_MS = 24 * 3600 * 1000;
const AWAITED_MAX = 20;
/** Characters of a content type, and of a file name. Our own bounds. */
const TYPE_CHARACTERS_MAX = 255;
const NAME_CHARACTERS_MAX = 255;
const ANY_TYPE = "application/octet-stream";
const PRINTABLE = /^[ -~]+$/;

/** `POST /media/v3/upload` */
export async function uploadContent({ context, uploads }: MediaParts, call: MediaCall): Promise<MediaAnswer> {
  const media = newMediaId(context);
  await uploads.run(call.who.account, () => take(context, call, media));
  return answerOf(200, { content_uri: formatMxc({ server: context.options.serverName, mediaId: media }) });
}

/** `POST /media/v1/create`: an address for a file that is brought later. */
export async function createContent({ context }: MediaParts, { who }: MediaCall): Promise<MediaAnswer> {
  const { io, store, options } = context;
  const now = io.clock.now();
  const { awaited } = await store.mediaUse(who.account);
  const waiting = awaited.filter(created => created > now - AWAITED_MS);
  if (waiting.length >= AWAITED_MAX) {
    // So long until the oldest of them is awaited no more.
    const more = { retry_after_ms: waiting[0]! + AWAITED_MS - now };
    throw new MatrixFault(429, "M_LIMIT_EXCEEDED", "Too many files are awaited: bring some of them first.", more);
  }
  const media = newMediaId(context);
  const change = { change: "await-media", media, account: who.account, forgetBefore: now - AWAITED_MS } as const;
  await store.transaction({ changes: [change] });
  const uri = formatMxc({ server: options.serverName, mediaId: media });
  return answerOf(200, { content_uri: uri, unused_expires_at: now + AWAITED_MS });
}

/** `PUT /media/v3/upload/{serverName}/{mediaId}`: the file that was announced, by who announced it, once. */
export async function uploadContentToMxc(
  { context, arrivals, uploads }: MediaParts,
  call: MediaCall,
): Promise<MediaAnswer> {
  const media = call.path.get("mediaId")!;
  const isOurs = call.path.get("serverName") === context.options.serverName && isMediaId(media);
  const known = isOurs ? await context.store.media(media) : undefined;
  if (known === undefined || known.created <= context.io.clock.now() - AWAITED_MS)
    throw new MatrixFault(404, "M_NOT_FOUND", "No such file is awaited.");
  if (known.account !== call.who.account)
    throw new MatrixFault(403, "M_FORBIDDEN", "The file is awaited from somebody else.");
  if (known.file !== undefined) throw overwritten();
  await uploads.run(call.who.account, () => take(context, call, media));
  arrivals.tell(media);
  return answerOf(200, {});
}

/** Stores what comes: a small file in memory at first, a large one on its way to the disk, and nothing of one that is too large. */
async function take(context: Context, call: MediaCall, media: string): Promise<void> {
  const { store, io, options } = context;
  const { octetsMax, octetsOfAccountMax } = options.media;
  const { account } = call.who;
  const said = call.request.contentLength ?? 0;
  if (said > octetsMax) throw tooLarge(octetsMax);
  const { octets: used } = await store.mediaUse(account);
  if (used + said > octetsOfAccountMax) throw full();
  const hasher = io.crypto.hasher();
  const blob = await received(context, call.request.chunks, octetsMax, hasher);
  const file = { contentType: typeOf(call.request.contentType), name: nameOf(call), hash: hasher.digest() };
  const change = {
    change: "put-media",
    media,
    account,
    blob: { new: 0 },
    octetsMax: octetsOfAccountMax,
    ...file,
  } as const;
  const answer = await store.transaction({ blobs: [blob], changes: [change] });
  if (answer.ok) return;
  if (answer.refusal === "over-quota") throw full();
  if (answer.refusal === "exists") throw overwritten();
  throw new MatrixFault(403, "M_FORBIDDEN", "The account was removed.");
}

async function received(
  { store }: Context,
  chunks: AsyncIterable<Uint8Array>,
  octetsMax: number,
  hasher: { update(bytes: Uint8Array): void },
): Promise<NewBlob> {
  // However small the pieces are that come.
  const small = new Uint8Array(BLOB_INLINE_OCTETS_MAX);
  let octets = 0;
  let writer: BlobWriter | undefined;
  try {
    for await (const chunk of untilGone(chunks)) {
      const before = octets;
      octets += chunk.length;
      if (octets > octetsMax) throw tooLarge(octetsMax);
      hasher.update(chunk);
      if (octets <= BLOB_INLINE_OCTETS_MAX) {
        small.set(chunk, before);
        continue;
      }
      if (writer === undefined) {
        writer = await store.stage();
        await writer.write(small.subarray(0, before));
      }
      await writer.write(chunk);
    }
    return writer === undefined ? { bytes: [small.subarray(0, octets)] } : { staged: await writer.finish() };
  } catch (error) {
    await writer?.discard();
    throw error;
  }
}

/** What comes from a client, who may be gone before the end. */
async function* untilGone(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch {
    throw new MatrixFault(400, "M_UNKNOWN", "The file did not come to its end.");
  }
}

function newMediaId({ io }: Context): string {
  return hexEncode(io.random.bytes(ID_OCTETS));
}

function typeOf(given: string | undefined): string {
  const isFit = given !== undefined && given.length <= TYPE_CHARACTERS_MAX && PRINTABLE.test(given);
  return isFit ? given : ANY_TYPE;
}

function nameOf(call: MediaCall): string | undefined {
  const name = queryText(call, "filename");
  return name === undefined || name === "" ? undefined : name.slice(0, NAME_CHARACTERS_MAX).toWellFormed();
}

function tooLarge(octetsMax: number): MatrixFault {
  return new MatrixFault(413, "M_TOO_LARGE", `A file has at most ${octetsMax} octets.`);
}

function full(): MatrixFault {
  return new MatrixFault(413, "M_TOO_LARGE", "The account keeps as many files as it may.");
}

function overwritten(): MatrixFault {
  return new MatrixFault(409, "M_CANNOT_OVERWRITE_MEDIA", "The file was brought already.");
}
