import { isJsonObject, type JsonObject, type JsonValue, objectAt } from "@scop/matrix/json";
import type { AccountId, CrossSigningKind, KeySignature } from "@scop/store";
import type { Answered, Context, OwnCall, Who } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { isList } from "../schema.ts";
import { addressOf } from "../user-id.ts";
import { addKeysElsewhere, claimElsewhere } from "./elsewhere.ts";
import { keyWith, storedKey } from "./published-key.ts";

/** Users of one question, and keys that are claimed in one. Our own bounds: clients ask for a few hundred at a time. */
const USERS_MAX = 2_000;
const CLAIMS_MAX = 5_000;

/** The account of a user of ours; undefined where there is none. */
export async function accountOf({ store, options }: Context, user: string): Promise<AccountId | undefined> {
  const address = addressOf(user, options.serverName);
  return address === undefined ? undefined : (await store.accountByAddress(address))?.id;
}

/** `POST /keys/query` */
export async function queryKeys(context: Context, call: OwnCall): Answered {
  const asked = objectAt(call.body, "device_keys") ?? new Map<string, JsonValue>();
  if (asked.size > USERS_MAX) throw new MatrixFault(400, "M_TOO_LARGE", `At most ${USERS_MAX} users at a time.`);
  const found = await foundKeys(context, asked, call.who);
  const failures = await addKeysElsewhere(context, call, asked, found);
  return { ...shownKeys(found), failures };
}

/** What is found of users. */
export type FoundKeys = Readonly<Record<(typeof FOUND)[number], Map<string, object>>>;
const FOUND = ["device_keys", "master_keys", "self_signing_keys", "user_signing_keys"] as const;

/** Keys of users of ours, of the devices that are named, or of all where none is. Who is not there is left out. */
export async function foundKeys(
  context: Context,
  asked: JsonObject,
  asker: Pick<Who, "account" | "user"> | undefined,
): Promise<FoundKeys> {
  const found = Object.fromEntries(FOUND.map(name => [name, new Map()])) as unknown as FoundKeys;
  for (const [user, devices] of asked) {
    const account = await accountOf(context, user);
    if (account === undefined) continue;
    const keys = await keysOf(context, { account, user }, asker);
    const isAsked = (device: string): boolean => !isList(devices) || devices.length === 0 || devices.includes(device);
    found.device_keys.set(user, Object.fromEntries([...keys.devices].filter(([device]) => isAsked(device))));
    for (const [kind, key] of keys.crossSigning) found[`${kind}_keys`].set(user, key);
  }
  return found;
}

/** The same as it is answered. */
export function shownKeys(found: FoundKeys): Readonly<Record<string, object>> {
  return Object.fromEntries(FOUND.map(name => [name, Object.fromEntries(found[name])]));
}

/** The keys of a user, as somebody sees them. */
interface UserKeys {
  readonly devices: ReadonlyMap<string, object>;
  readonly crossSigning: ReadonlyMap<CrossSigningKind, object>;
}

/**
 * The keys of a user, with the signatures that `asker` may see: those of the user, and their own. Whom somebody has verified is nobody
 * else's business, and so is with what. Undefined: another server asks.
 */
export async function keysOf(
  { store }: Context,
  { account, user }: Pick<Who, "account" | "user">,
  asker: Pick<Who, "account" | "user"> | undefined,
): Promise<UserKeys> {
  const { encryption } = store;
  const signers = asker === undefined || asker.account === account ? [{ account, user }] : [{ account, user }, asker];
  const signatures: (readonly [string, KeySignature])[] = [];
  for (const signer of signers) {
    for (const each of await encryption.keySignatures(signer.account, user)) signatures.push([signer.user, each]);
  }
  const on = (target: string): readonly (readonly [string, KeySignature])[] =>
    signatures.filter(([, each]) => each.target === target);
  const devices = new Map<string, object>();
  for (const { device, displayName, json } of await encryption.deviceKeys(account)) {
    // How somebody calls their devices is not told to other servers.
    const isTold = displayName !== undefined && asker !== undefined;
    const unsigned = isTold ? { device_display_name: displayName } : {};
    devices.set(device, { ...keyWith(json, on(device)), unsigned });
  }
  const crossSigning = new Map<CrossSigningKind, object>();
  for (const [kind, json] of await encryption.crossSigningKeys(account)) {
    if (kind === "user_signing" && asker?.account !== account) continue;
    crossSigning.set(kind, keyWith(json, on(publicKeyOf(json))));
  }
  return { devices, crossSigning };
}

/** The public key of a stored key for cross-signing: it is named by it. */
export function publicKeyOf(json: string): string {
  const [key] = objectAt(storedKey(json), "keys")?.values() ?? [];
  return typeof key === "string" ? key : "";
}

/** `POST /keys/claim`: each one-time key is given out once, and that it was is on stable storage before anybody has it. */
export async function claimKeys(context: Context, call: OwnCall): Answered {
  const asked = objectAt(call.body, "one_time_keys") ?? new Map<string, JsonValue>();
  const [own, elsewhere] = await Promise.all([claimedKeys(context, asked), claimElsewhere(context, call, asked)]);
  return { one_time_keys: { ...own, ...elsewhere.found }, failures: elsewhere.failures };
}

/** Claims keys of users of ours. Who and what is not there is left out. */
export async function claimedKeys(context: Context, asked: JsonObject): Promise<object> {
  const claims: {
    readonly account: AccountId;
    readonly user: string;
    readonly device: string;
    readonly algorithm: string;
  }[] = [];
  for (const [user, devices] of asked) {
    const account = await accountOf(context, user);
    if (account === undefined || !isJsonObject(devices)) continue;
    for (const [device, algorithm] of devices) {
      if (typeof algorithm === "string") claims.push({ account, user, device, algorithm });
    }
    if (claims.length > CLAIMS_MAX) throw new MatrixFault(400, "M_TOO_LARGE", `At most ${CLAIMS_MAX} keys at a time.`);
  }
  const answer = await context.store.transaction({
    changes: claims.map(
      ({ account, device, algorithm }) => ({ change: "claim-key", account, device, algorithm }) as const,
    ),
  });
  const found = new Map<string, Map<string, object>>();
  for (const [index, { user, device }] of claims.entries()) {
    const key = answer.ok ? answer.results[index]?.key : undefined;
    if (key === undefined || key === null) continue;
    const given = { [`${key.algorithm}:${key.id}`]: JSON.parse(key.json) as unknown };
    found.set(user, (found.get(user) ?? new Map<string, object>()).set(device, given));
  }
  return Object.fromEntries([...found].map(([user, devices]) => [user, Object.fromEntries(devices)]));
}
