import type { IncomingMessage, ServerResponse } from "node:http";
import { BODY_OCTETS_MAX, type Homeserver, type HttpAnswer, unsafeWay } from "@scop/homeserver";
import { peerKey } from "@scop/smtp/run";

/** Whether a request is one for the homeserver. */
export function isMatrix(path: string): boolean {
  return path.startsWith("/_matrix/") || path.startsWith("/.well-known/matrix/");
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
  const body = await bodyOf(request);
  const asked = {
    method: request.method ?? "",
    target: request.url ?? "/",
    authorization: request.headers.authorization,
    body,
    peer: peerKey(address),
    onGone: (listener: () => void) => void response.once("close", listener),
  };
  send(response, await server.answer(asked), body.length > BODY_OCTETS_MAX);
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
async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    octets += chunk.length;
    if (octets > BODY_OCTETS_MAX) break;
  }
  return Buffer.concat(chunks);
}
