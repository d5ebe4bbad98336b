import { canonicalJson, isJsonObject, type JsonObject, jsonObject, parseJson } from "@scop/matrix/json";
import { readServerKeys } from "@scop/matrix/sign";
import type { Crypto } from "@scop/platform";
import { isList } from "../schema.ts";
import { KEYS_MS_MAX, KEYS_OCTETS_MAX } from "./limits.ts";
import type { PeerTransport } from "./transport.ts";

type Keys = Pick<Crypto, "publicKey">;

/** What a server says of its own keys, proved by its signature; or why there is nothing. Server-server API, publishing keys */
export async function keysFromServer(
  transport: PeerTransport,
  server: string,
  crypto: Keys,
): Promise<JsonObject | string> {
  const answer = await asked(transport, server, "GET", "/_matrix/key/v2/server", undefined);
  return typeof answer === "string" ? answer : proved(answer, server, crypto);
}

/**
 * What a notary gives for a server, proved by the signature of the server; whether the notary signed it is for the caller to look at. Undefined
 * where it gives nothing of use. Server-server API, querying keys through another server
 */
export async function keysFromNotary(
  transport: PeerTransport,
  notary: string,
  server: string,
  crypto: Keys,
): Promise<JsonObject | undefined> {
  const body = jsonObject({ server_keys: new Map([[server, new Map()]]) });
  const answer = await asked(transport, notary, "POST", "/_matrix/key/v2/query", body);
  const all = typeof answer === "string" ? undefined : answer.get("server_keys");
  let newest: JsonObject | undefined;
  for (const each of isList(all) ? all : []) {
    const found = isJsonObject(each) ? proved(each, server, crypto) : "";
    if (typeof found !== "string" && validUntil(found) > validUntil(newest)) newest = found;
  }
  return newest;
}

function validUntil(answer: JsonObject | undefined): number {
  const until = answer?.get("valid_until_ts");
  return typeof until === "number" ? until : -1;
}

async function asked(
  transport: PeerTransport,
  server: string,
  method: "GET" | "POST",
  target: string,
  body: JsonObject | undefined,
): Promise<JsonObject | string> {
  const answer = await transport.carry(server, {
    ...{ method, target, authorization: undefined },
    body: body && canonicalJson(body),
    timeoutMs: KEYS_MS_MAX,
    octetsMax: KEYS_OCTETS_MAX,
  });
  if (answer.got === "failure") return answer.detail;
  if (answer.status !== 200) return `status ${answer.status}`;
  const read = parseJson(answer.body, { octetsMax: KEYS_OCTETS_MAX, numbers: "any" });
  return read.ok && isJsonObject(read.value) ? read.value : "it is no object of JSON";
}

function proved(answer: JsonObject, server: string, crypto: Keys): JsonObject | string {
  const said = readServerKeys(answer, crypto);
  if (!said.ok) return said.error.code;
  // Nobody speaks for another server.
  return said.value.server === server ? answer : `they are those of ${said.value.server}`;
}
