import {
  hasCanonicalNumbers,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  objectAt,
  textAt,
} from "@scop/matrix/json";
import { keyIdsOf } from "@scop/matrix/sign";
import type { Change, CrossSigningKind, KeySignature } from "@scop/store";
import { canonicalText } from "../canonical-text.ts";
import type { Answered, Context, OwnCall, Who } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { masterKeyElsewhere } from "./elsewhere.ts";
import { type News, newsChanges } from "./news.ts";
import { isSameKey, isSigned, keyWith, storedKey } from "./published-key.ts";
import { accountOf, publicKeyOf } from "./query-keys.ts";

/** Keys that are signed in one request. Our own bound. */
const SIGNED_MAX = 500;

/** The keys that somebody signs with, by their ids. */
interface Signers {
  /** On own devices: the key for them, and on the own master key the devices. */
  readonly devices: ReadonlyMap<string, JsonValue>;
  readonly selfSigning: ReadonlyMap<string, JsonValue>;
  readonly userSigning: ReadonlyMap<string, JsonValue>;
}

/** Something that is signed. */
interface Target {
  /** What is told of it when its own user has signed it. */
  readonly of: "device" | "master";
  /** As it is published. */
  readonly key: JsonObject;
  /** With which keys it may be signed. */
  readonly signers: ReadonlyMap<string, JsonValue>;
}

/** `POST /keys/signatures/upload`: what can't be taken is named, and keeps nothing else from being taken. */
export async function uploadCrossSigningSignatures(context: Context, call: OwnCall): Answered {
  const { who, body } = call;
  const failures = new Map<string, Map<string, object>>();
  const signers = await signersOf(context, who);
  let count = 0;
  for (const [user, objects] of body) {
    if (!isJsonObject(objects)) throw new MatrixFault(400, "M_BAD_JSON", "What is signed is by user and by key.");
    for (const [target, object] of objects) {
      count += 1;
      if (count > SIGNED_MAX) throw new MatrixFault(400, "M_TOO_LARGE", `At most ${SIGNED_MAX} keys at a time.`);
      const fault = await take(context, call, signers, [user, target, object]).catch((error: unknown) => {
        if (error instanceof MatrixFault) return error;
        throw error;
      });
      if (fault === undefined) continue;
      const shown = { errcode: fault.errcode, error: fault.message };
      failures.set(user, (failures.get(user) ?? new Map<string, object>()).set(target, shown));
    }
  }
  return { failures: Object.fromEntries([...failures].map(([user, each]) => [user, Object.fromEntries(each)])) };
}

async function take(
  context: Context,
  call: OwnCall,
  signers: Signers,
  [user, target, object]: readonly [user: string, target: string, object: JsonValue],
): Promise<undefined> {
  if (!isJsonObject(object) || !hasCanonicalNumbers(object)) {
    throw new MatrixFault(400, "M_BAD_JSON", "What is signed is an object, and its numbers are whole ones.");
  }
  const { who } = call;
  const found = await targetOf(context, call, signers, [user, target]);
  if (found === undefined || textAt(object, "user_id") !== user || !isSameKey(found.key, object)) {
    throw new MatrixFault(404, "M_NOT_FOUND", "There is no such key.");
  }
  const signatures = takenSignatures(context, who, found, target, object);
  const changes = signatures.map(
    signature => ({ change: "add-key-signature", account: who.account, user, signature }) as const,
  );
  const told = await toldOf(context, who, found, [user, target], signatures);
  const answer = await context.store.transaction({ changes: [...changes, ...told] });
  if (!answer.ok) throw new MatrixFault(400, "M_TOO_LARGE", "The account keeps as many signatures as it may.");
  return undefined;
}

/** The signatures that may be on a key, each checked. */
function takenSignatures(
  context: Context,
  { user }: Who,
  found: Target,
  target: string,
  object: JsonObject,
): readonly KeySignature[] {
  const taken: KeySignature[] = [];
  for (const keyId of keyIdsOf(object, user)) {
    const key = found.signers.get(keyId);
    if (key === undefined) continue;
    if (!isSigned(context, object, user, keyId, key)) {
      throw new MatrixFault(400, "M_INVALID_SIGNATURE", `The signature with ${keyId} is wrong.`);
    }
    const signature = textAt(objectAt(objectAt(object, "signatures"), user) ?? new Map(), keyId)!;
    taken.push({ target, key: keyId, signature });
  }
  if (taken.length > 0) return taken;
  throw new MatrixFault(400, "M_INVALID_SIGNATURE", "No signature is of a key that may sign this one.");
}

/** Of whom somebody verified, their own devices hear and nobody else. */
async function toldOf(
  context: Context,
  who: Who,
  { of, key }: Target,
  [user, target]: readonly [user: string, target: string],
  added: readonly KeySignature[],
): Promise<readonly Change[]> {
  if (user !== who.user) return [{ change: "note-device-list", user, seenBy: who.user }];
  const before = (await context.store.encryption.keySignatures(who.account, user)).filter(
    each => each.target === target,
  );
  const shown = keyWith(
    canonicalText(key),
    [...before, ...added].map(each => [user, each] as const),
  );
  const news: News =
    of === "device" ? { of, device: target, keys: shown } : { of: "user", keys: { master_key: shown } };
  return newsChanges(context, user, [news]);
}

async function signersOf({ store }: Context, { account }: Who): Promise<Signers> {
  const crossSigning = await store.encryption.crossSigningKeys(account);
  const keysIn = (kind: CrossSigningKind): ReadonlyMap<string, JsonValue> => {
    const json = crossSigning.get(kind);
    return (json === undefined ? undefined : objectAt(storedKey(json), "keys")) ?? new Map();
  };
  const devices = new Map<string, JsonValue>();
  for (const { device, json } of await store.encryption.deviceKeys(account)) {
    const keyId = `ed25519:${device}`;
    const key = objectAt(storedKey(json), "keys")?.get(keyId);
    if (key !== undefined) devices.set(keyId, key);
  }
  return { devices, selfSigning: keysIn("self_signing"), userSigning: keysIn("user_signing") };
}

/** Own devices are signed by the key for them, the own master key by own devices, master keys of others by the key for users. */
async function targetOf(
  context: Context,
  call: OwnCall,
  signers: Signers,
  [user, target]: readonly [user: string, target: string],
): Promise<Target | undefined> {
  const { who } = call;
  const { encryption } = context.store;
  const account = await accountOf(context, user);
  if (account === undefined) {
    const elsewhere = await masterKeyElsewhere(context, call, user);
    if (elsewhere === undefined || publicKeyOf(canonicalText(elsewhere)) !== target) return undefined;
    return { of: "master", key: elsewhere, signers: signers.userSigning };
  }
  const master = (await encryption.crossSigningKeys(account)).get("master");
  if (master !== undefined && publicKeyOf(master) === target) {
    const by = user === who.user ? signers.devices : signers.userSigning;
    return { of: "master", key: storedKey(master), signers: by };
  }
  const device =
    user === who.user ? (await encryption.deviceKeys(account)).find(each => each.device === target) : undefined;
  return device && { of: "device", key: storedKey(device.json), signers: signers.selfSigning };
}
