import type { JsonObject } from "@scop/matrix/json";
import { parseServerName } from "@scop/matrix/resolve";
import { checkRequest, readRequestSignature } from "@scop/matrix/sign";
import type { Context } from "../context.ts";
import { type HttpRequest, MatrixFault } from "../http.ts";
import type { Peers } from "./port.ts";

/**
 * The name of the server that sent a request, proved by its signature over method, path, query and body, for this server alone. Throws
 * `MatrixFault` 401 with what is wrong. Server-server API, request authentication
 */
export async function whichServerAsks(
  { io, options }: Context,
  peers: Peers,
  { method, target, authorization, body }: HttpRequest,
  content: JsonObject,
): Promise<string> {
  if (authorization === undefined) throw unauthorized("The request is not signed.");
  const read = readRequestSignature(authorization);
  if (!read.ok) throw unauthorized(`The signature can't be read: ${read.error.code} at ${read.error.offset}.`);
  const { origin, destination, keyId } = read.value;
  if (destination !== options.serverName) {
    throw unauthorized(`The request is ${destination === undefined ? "for nobody" : "for another server"}.`);
  }
  if (!parseServerName(origin).ok || origin === options.serverName)
    throw unauthorized("No other server has this name.");
  const key = await peers.keyOf(origin, keyId, io.clock.now());
  if (key === undefined) throw unauthorized(`${origin} has no key ${keyId} that is valid now, or can't be asked.`);
  const request = { method, uri: target, origin, destination, content: body.length === 0 ? undefined : content };
  const result = checkRequest(request, read.value, key, io.crypto);
  if (result !== "signed") throw unauthorized(`The signature is ${result}.`);
  return origin;
}

function unauthorized(sentence: string): MatrixFault {
  return new MatrixFault(401, "M_UNAUTHORIZED", sentence);
}
