import { type JsonObject, objectAt, textAt } from "@scop/matrix/json";
import { unpaddedBase64 } from "@scop/matrix/sign";
import type { Change, CrossSigningKind } from "@scop/store";
import type { Answered, Context, OwnCall } from "../context.ts";
import { MatrixFault } from "../http.ts";
import type { InteractiveAuth } from "../interactive-auth.ts";
import { isList } from "../schema.ts";
import { newsChanges } from "./news.ts";
import { isSameKey, isSigned, keyText, publicOctets, storedKey, withOwnSignatures } from "./published-key.ts";
import { publicKeyOf } from "./query-keys.ts";

const KINDS: readonly CrossSigningKind[] = ["master", "self_signing", "user_signing"];

/**
 * `POST /keys/device_signing/upload`: the first keys are taken as they come, and those that are there already. Who replaces them needs the
 * password: they are what others know the user by.
 */
export async function uploadCrossSigningKeys(context: Context, auth: InteractiveAuth, call: OwnCall): Answered {
  const { store } = context;
  const { account, user } = call.who;
  const known = await store.encryption.crossSigningKeys(account);
  const given = new Map<CrossSigningKind, JsonObject>();
  for (const kind of KINDS) {
    const key = objectAt(call.body, `${kind}_key`);
    if (key !== undefined) given.set(kind, checkedKey(key, kind, user));
  }
  const knownMaster = known.get("master");
  const master = given.get("master") ?? (knownMaster === undefined ? undefined : storedKey(knownMaster));
  if (master === undefined || given.size === 0) {
    throw new MatrixFault(400, "M_MISSING_PARAM", "There is no master key.");
  }
  for (const [kind, key] of given) if (kind !== "master") checkSignedBy(context, master, key, user);
  await checkNoDevice(context, call, given);
  const isKnown = (kind: CrossSigningKind, key: JsonObject): boolean => {
    const before = known.get(kind);
    return before !== undefined && isSameKey(storedKey(before), key);
  };
  const isNew = [...given].some(([kind, key]) => !isKnown(kind, key));
  if (isNew && knownMaster !== undefined) await auth.prove("uploadCrossSigningKeys", call);
  const isMasterNew = given.has("master") && !isKnown("master", master);
  const changes: Change[] = [];
  for (const kind of KINDS) {
    const key = given.get(kind);
    const before = known.get(kind);
    // What the master key before signed says nothing of the new one.
    if (key === undefined && !isMasterNew) continue;
    if (before !== undefined && (key === undefined || !isKnown(kind, key))) {
      changes.push({ change: "forget-key-signatures", account, key: `ed25519:${publicKeyOf(before)}` });
    }
    changes.push({ change: "put-cross-signing-key", account, kind, json: key && keyText(key) });
  }
  const after = (kind: CrossSigningKind): string | undefined => {
    const key = given.get(kind);
    return key === undefined && !isMasterNew ? known.get(kind) : key && keyText(key);
  };
  const news = { of: "user", keys: shownKeys(after("master"), after("self_signing")) } as const;
  await store.transaction({ changes: [...changes, ...(await newsChanges(context, user, [news]))] });
  return {};
}

function shownKeys(master: string | undefined, selfSigning: string | undefined): Readonly<Record<string, object>> {
  const shown = [
    ["master_key", master],
    ["self_signing_key", selfSigning],
  ] as const;
  return Object.fromEntries(shown.flatMap(([name, json]) => (json === undefined ? [] : [[name, JSON.parse(json)]])));
}

/** A key as it is kept: with the signatures of its user alone. Client-server API, cross-signing */
function checkedKey(key: JsonObject, kind: CrossSigningKind, user: string): JsonObject {
  const usage = key.get("usage");
  if (textAt(key, "user_id") !== user) throw new MatrixFault(400, "M_INVALID_PARAM", "The key is of another user.");
  if (!isList(usage) || usage.length !== 1 || usage[0] !== kind) {
    throw new MatrixFault(400, "M_INVALID_PARAM", `The usage of the key is not ${kind}.`);
  }
  const named = [...(objectAt(key, "keys") ?? [])];
  const [name, value] = named[0] ?? [];
  const octets = publicOctets(value);
  // A key is named by itself, in one form.
  const isNamed = octets !== undefined && value === unpaddedBase64(octets) && name === `ed25519:${value}`;
  if (named.length !== 1 || !isNamed) {
    throw new MatrixFault(400, "M_INVALID_PARAM", "A key for cross-signing is one of 32 octets, named by itself.");
  }
  const kept = withOwnSignatures(key, user);
  keyText(kept);
  return kept;
}

function checkSignedBy(context: Context, master: JsonObject, key: JsonObject, user: string): void {
  const [keyId, octets] = [...(objectAt(master, "keys") ?? [])][0] ?? [];
  if (keyId === undefined || !isSigned(context, key, user, keyId, octets)) {
    throw new MatrixFault(400, "M_INVALID_SIGNATURE", "The master key did not sign the key.");
  }
}

/** Signatures name devices and keys alike: one may not look like the other. */
async function checkNoDevice(
  { store }: Context,
  { who }: OwnCall,
  given: ReadonlyMap<CrossSigningKind, JsonObject>,
): Promise<void> {
  const devices = new Set((await store.devices(who.account)).map(({ device }) => device));
  for (const key of given.values()) {
    for (const value of objectAt(key, "keys")?.values() ?? []) {
      if (typeof value === "string" && devices.has(value)) {
        throw new MatrixFault(400, "M_INVALID_PARAM", "A device has the name of the key.");
      }
    }
  }
}
