import { type JsonObject, objectAt } from "@scop/matrix/json";
import { formatServerKeys, signObject } from "@scop/matrix/sign";
import { canonicalText } from "../canonical-text.ts";
import type { Answered, Call, Context } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { readKeptKeys } from "./kept-keys.ts";
import { NOTARY_SERVERS_MAX, OWN_KEYS_VALID_MS } from "./limits.ts";

/** `GET /.well-known/matrix/server` */
export async function getWellKnown({ options }: Context): Answered {
  const at = options.federationAt();
  if (at === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "The name of the server says where it is.");
  return { "m.server": at };
}

/** `GET /_matrix/federation/v1/version` */
export async function getVersion(): Answered {
  return { server: { name: "SCoP" } };
}

/** `GET /_matrix/key/v2/server` */
export async function getServerKey(context: Context): Answered {
  return plain(ownKeys(context));
}

/** `GET /_matrix/key/v2/query/{serverName}` */
export async function queryKeys(context: Context, { path }: Call): Answered {
  return { server_keys: await witnessed(context, [path.get("serverName")!]) };
}

/** `POST /_matrix/key/v2/query` */
export async function queryKeysOfMany(context: Context, { body }: Call): Answered {
  const asked = [...objectAt(body, "server_keys")!.keys()];
  return { server_keys: await witnessed(context, asked.slice(0, NOTARY_SERVERS_MAX)) };
}

function ownKeys({ io, options }: Context): JsonObject {
  return formatServerKeys(options.publicKey, io.clock.now() + OWN_KEYS_VALID_MS, options.signer);
}

/**
 * What is known of the keys of servers, signed by us too. Nobody is asked on behalf of strangers: who needs newer keys asks the server itself.
 * Server-server API, querying keys through another server
 */
async function witnessed(context: Context, servers: readonly string[]): Promise<readonly object[]> {
  const { options, store } = context;
  const found: object[] = [];
  for (const server of servers) {
    if (server === options.serverName) {
      found.push(plain(ownKeys(context)));
      continue;
    }
    const stored = await store.serverKeys(server);
    const kept = stored === undefined ? undefined : readKeptKeys(stored);
    if (kept !== undefined) found.push(plain(signObject(kept.answer, options.signer)));
  }
  return found;
}

function plain(object: JsonObject): object {
  return JSON.parse(canonicalText(object));
}
