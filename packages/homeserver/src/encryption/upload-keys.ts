import { isJsonObject, type JsonObject, objectAt, textAt } from "@scop/matrix/json";
import type { Change, ClaimableKey, KeyCounts } from "@scop/store";
import type { Answered, Context, OwnCall, Who } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { newsChanges } from "./news.ts";
import { isSigned, keyText, publicOctets, storedKey, withOwnSignatures } from "./published-key.ts";

/** The algorithm of keys that devices give out. One that nobody signed is of use to whoever puts their own in its place. */
const ONE_TIME_ALGORITHM = "signed_curve25519";
/** Characters behind the colon of the name of a key. Our own bound. */
const KEY_ID_CHARACTERS_MAX = 255;

/** `POST /keys/upload`: all of it or nothing. */
export async function uploadKeys(context: Context, call: OwnCall): Answered {
  const { store } = context;
  const { who, body } = call;
  const { account, device } = who;
  const before = (await store.encryption.deviceKeys(account)).find(each => each.device === device);
  const given = objectAt(body, "device_keys");
  if (given !== undefined) checkDeviceKeys(context, given, who);
  const known = before && storedKey(before.json);
  if (given !== undefined && known !== undefined) checkSameIdentity(given, known, who);
  const identity = given ?? known;
  const oneTime = claimable(context, who, identity, objectAt(body, "one_time_keys"));
  const fallback = claimable(context, who, identity, objectAt(body, "fallback_keys"));
  const changes: Change[] = [];
  const json = given && keyText(withOwnSignatures(given, who.user));
  if (json !== undefined && json !== before?.json) {
    const news = { of: "device", device, keys: JSON.parse(json) as object } as const;
    changes.push({ change: "put-device-keys", account, device, json });
    changes.push(...(await newsChanges(context, who.user, [news])));
  }
  if (oneTime.length > 0) changes.push({ change: "add-one-time-keys", account, device, keys: oneTime });
  for (const key of fallback) changes.push({ change: "put-fallback-key", account, device, key });
  const answer = await store.transaction({ changes });
  if (!answer.ok) throw faultOf(answer.refusal);
  return { one_time_key_counts: shownCounts(await store.encryption.keyCounts(account, device)) };
}

/** How many one-time keys of a device nobody claimed, by algorithm. Clients take what is not there for not said. */
export function shownCounts({ oneTime }: KeyCounts): Readonly<Record<string, number>> {
  return { [ONE_TIME_ALGORITHM]: 0, ...Object.fromEntries(oneTime) };
}

function faultOf(refusal: string): MatrixFault {
  if (refusal === "exists") return new MatrixFault(400, "M_INVALID_PARAM", "Another key has this id already.");
  if (refusal === "over-quota") return new MatrixFault(400, "M_TOO_LARGE", "The device has as many keys as it may.");
  return new MatrixFault(401, "M_UNKNOWN_TOKEN", "The device was removed.");
}

/** Client-server API, device keys: they are of who asks, and signed by the device itself. */
function checkDeviceKeys(context: Context, keys: JsonObject, { user, device }: Who): void {
  if (textAt(keys, "user_id") !== user || textAt(keys, "device_id") !== device) {
    throw new MatrixFault(400, "M_INVALID_PARAM", "The keys are of another device.");
  }
  const named = objectAt(keys, "keys") ?? new Map();
  for (const [name, key] of named) {
    if (!name.endsWith(`:${device}`)) throw new MatrixFault(400, "M_INVALID_PARAM", "A key is of another device.");
    if (typeof key !== "string") throw new MatrixFault(400, "M_BAD_JSON", "A key is a text.");
  }
  for (const algorithm of ["ed25519", "curve25519"]) {
    if (publicOctets(named.get(`${algorithm}:${device}`)) === undefined) {
      throw new MatrixFault(400, "M_INVALID_PARAM", `The device has no ${algorithm} key of 32 octets.`);
    }
  }
  keyText(keys);
  const keyId = `ed25519:${device}`;
  if (!isSigned(context, keys, user, keyId, named.get(keyId))) {
    throw new MatrixFault(400, "M_INVALID_SIGNATURE", "The device did not sign its keys.");
  }
}

/** Others trust a device by its keys: with other ones it is another device. */
function checkSameIdentity(given: JsonObject, known: JsonObject, { device }: Who): void {
  for (const algorithm of ["ed25519", "curve25519"]) {
    const name = `${algorithm}:${device}`;
    if (objectAt(given, "keys")?.get(name) !== objectAt(known, "keys")?.get(name)) {
      throw new MatrixFault(400, "M_INVALID_PARAM", "The device has other keys already: log in as a new one.");
    }
  }
}

function claimable(
  context: Context,
  { user, device }: Who,
  identity: JsonObject | undefined,
  keys: JsonObject | undefined,
): readonly ClaimableKey[] {
  const keyId = `ed25519:${device}`;
  const own = objectAt(identity, "keys")?.get(keyId);
  return [...(keys ?? [])].map(([name, key]) => {
    const colon = name.indexOf(":");
    const [algorithm, id] = [name.slice(0, Math.max(colon, 0)), name.slice(colon + 1)];
    if (algorithm !== ONE_TIME_ALGORITHM || id === "" || id.length > KEY_ID_CHARACTERS_MAX) {
      throw new MatrixFault(400, "M_INVALID_PARAM", `Keys to be claimed are ${ONE_TIME_ALGORITHM} ones.`);
    }
    if (!isJsonObject(key) || publicOctets(key.get("key")) === undefined) {
      throw new MatrixFault(400, "M_INVALID_PARAM", `${name} has no key of 32 octets.`);
    }
    const json = keyText(key);
    if (!isSigned(context, key, user, keyId, own)) {
      throw new MatrixFault(400, "M_INVALID_SIGNATURE", `The device did not sign ${name}.`);
    }
    return { algorithm, id, json };
  });
}
