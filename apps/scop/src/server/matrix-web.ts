import type { IncomingMessage, ServerResponse } from "node:http";
import { bodyOctetsMaxOf, type Homeserver, type HttpAnswer, unsafeWay } from "@scop/homeserver";
import { peerKey } from "@scop/smtp/run";

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
  const octetsMax = bodyOctetsMaxOf(request.url ?? "/");
  const body = await bodyOf(request, octetsMax);
  const asked = {
    method: request.method ?? "",
    target: request.url ?? "/",
    authorization: request.headers.authorization,
    body,
    peer: peerKey(address),
    onGone: (listener: () => void) => void response.once("close", listener),
  };
  send(response, await server.answer(asked), body.length > octetsMax);
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

/** The body, or so much of it that it is seen to be too large. */
async function bodyOf(request: IncomingMessage, octetsMax: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    octets += chunk.length;
    if (octets > octetsMax) break;
  }
  return Buffer.concat(chunks);
}
