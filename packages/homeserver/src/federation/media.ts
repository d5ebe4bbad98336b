import type { MediaFile } from "@scop/store";
import { hexEncode } from "@scop/wire";
import { queryText } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { fileHeaders } from "../media/disposition.ts";
import { piecesOf } from "../media/download.ts";
import type { MediaAnswer, MediaCall, MediaParts } from "../media/port.ts";
import { FILE_MS_MAX } from "./limits.ts";
import { formatFilePart, readFilePart } from "./multipart.ts";
import { PeerFault } from "./port.ts";

/** A file of ours, as another server is given it. Server-server API, content repository */
export function givenToPeer({ context }: Pick<MediaParts, "context">, file: MediaFile): MediaAnswer {
  const { io, store } = context;
  const boundary = hexEncode(io.random.bytes(16));
  const { "content-type": contentType, "content-disposition": disposition } = fileHeaders(
    file.contentType,
    file.name,
    file.octets,
  );
  const fields = { "Content-Type": contentType!, "Content-Disposition": disposition! };
  return {
    status: 200,
    headers: { "content-type": `multipart/mixed; boundary=${boundary}` },
    body: formatFilePart(fields, piecesOf(store, file), boundary),
  };
}

/**
 * A file of another server, handed on as it comes and not kept. Throws `MatrixFault`: 404 where there is none, 502 where the server gives
 * nothing of use. A file that is too large breaks off.
 */
export async function fileOfPeer(
  { context }: MediaParts,
  call: MediaCall,
  what: "download" | "thumbnail",
): Promise<MediaAnswer> {
  const { peers, media } = context.options;
  const none = new MatrixFault(404, "M_NOT_FOUND", "There is no such file.");
  if (peers === undefined || queryText(call, "allow_remote") === "false") throw none;
  const server = call.path.get("serverName")!;
  const target = `/_matrix/federation/v1/media/${what}/${call.path.get("mediaId")!}${questionOf(call)}`;
  try {
    const { contentType, chunks } = await peers.open(server, target, FILE_MS_MAX);
    const part = await readFilePart(contentType, chunks);
    if (part === undefined || part.isElsewhere) throw new PeerFault("malformed", `${server} gives no file`);
    const type = /^[ -~]{1,255}$/.test(part.contentType) ? part.contentType : "application/octet-stream";
    const { "content-length": _unknown, ...headers } = fileHeaders(type, call.path.get("fileName"), 0);
    return { status: 200, headers, body: bounded(part.chunks, media.octetsMax) };
  } catch (error) {
    if (!(error instanceof PeerFault)) throw error;
    if (error.status === 404) throw none;
    throw new MatrixFault(502, "M_UNKNOWN", "The server of this file does not give it.");
  }
}

/** What a thumbnail has to be, for its server to decide. */
function questionOf(call: MediaCall): string {
  const asked = ["width", "height", "method", "animated", "timeout_ms"].flatMap(name => {
    const value = queryText(call, name);
    return value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  return asked.length === 0 ? "" : `?${asked.join("&")}`;
}

async function* bounded(chunks: AsyncIterable<Uint8Array>, octetsMax: number): AsyncGenerator<Uint8Array> {
  let octets = 0;
  for await (const chunk of chunks) {
    octets += chunk.length;
    if (octets > octetsMax) throw new Error("the file is larger than files may be here");
    yield chunk;
  }
}
