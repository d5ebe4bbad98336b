import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import {
  bodyOctetsMaxOf,
  crowded,
  type Homeserver,
  type HttpAnswer,
  isMedia,
  type MediaRequest,
  unsafeWay,
} from "@scop/homeserver";
import { peerKey } from "@scop/smtp/run";
import { bodyReader } from "./bodies.ts";

/** What comes of bodies at a time. A transaction of another server has 8 MiB at most; files are not held. */
const readBody = bodyReader(128 * 1024 * 1024);

/** Whether a request is one for the homeserver. */
export function isMatrix(path: string): boolean {
  return path.startsWith("/_matrix/") || path.startsWith("/.well-known/matrix/");
}

/** Whether a request is one of another server. */
export function isOfMatrixServer(path: string): boolean {
  return (
    path.startsWith("/_matrix/federation/") || path.startsWith("/_matrix/key/") || path === "/.well-known/matrix/server"
  );
}

/** Gives a request to the homeserver and answers what it says. Without TLS only who is on this machine is let in: a proxy, or a person who tries. */
export async function serveMatrix(
  server: Homeserver,
  request: IncomingMessage,
  response: ServerResponse,
  way: "plain" | "tls",
): Promise<void> {
  const address = request.socket.remoteAddress ?? "";
  if (way === "plain" && !isLoopback(address)) return send(response, unsafeWay(), true);
  const asked = {
    method: request.method ?? "",
    target: request.url ?? "/",
    authorization: request.headers.authorization,
    peer: peerKey(address),
    onGone: (listener: () => void) => void response.once("close", listener),
  };
  if (isMedia(asked.target)) return serveMedia(server, request, response, asked);
  const octetsMax = bodyOctetsMaxOf(asked.target);
  const body = await readBody(request.iterator({ destroyOnReturn: false }), octetsMax);
  if (body === "crowded") return send(response, crowded(), true);
  send(response, await server.answer({ ...asked, body }), body.length > octetsMax);
}

/** Files go through in pieces, both ways. */
async function serveMedia(
  server: Homeserver,
  request: IncomingMessage,
  response: ServerResponse,
  asked: Omit<MediaRequest, "chunks" | "contentType" | "contentLength">,
): Promise<void> {
  const { "content-type": contentType, "content-length": contentLength } = request.headers;
  const length = contentLength === undefined ? undefined : Number(contentLength);
  const chunks = request.iterator({ destroyOnReturn: false });
  const { status, headers, body } = await server.media({ ...asked, contentType, contentLength: length, chunks });
  // What was not read of a file is not read any more.
  const isEnd = !request.complete;
  if (typeof body === "string") return send(response, { status, headers, body }, isEnd);
  response.writeHead(status, headers);
  await pipeline(body, response).catch(() => response.destroy());
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(address);
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer, isEnd: boolean): void {
  if (response.destroyed) return;
  // What is left of a body that is too large is not read.
  response.writeHead(status, isEnd ? { ...headers, connection: "close" } : headers);
  response.end(body);
}
