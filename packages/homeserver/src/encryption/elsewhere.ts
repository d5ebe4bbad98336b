import { serverOf } from "@scop/matrix/auth";
import { isJsonObject, type JsonObject, type JsonValue, jsonObject, objectAt, textAt } from "@scop/matrix/json";
import { canonicalText } from "../canonical-text.ts";
import type { Context, OwnCall } from "../context.ts";
import { PeerFault } from "../federation/port.ts";
import { isList } from "../schema.ts";
import type { KeysElsewhere } from "./kept-keys.ts";
import { keyWith } from "./published-key.ts";
import { type FoundKeys, publicKeyOf } from "./query-keys.ts";

/** How long other servers are waited for, unless a client says so, and at most. Client-server API, keys: 10 seconds */
const WAIT_MS_DEFAULT = 10_000;
const WAIT_MS_MAX = 30_000;
/** Servers that one request asks. Our own bound. */
const SERVERS_MAX = 500;

/** Servers that gave no answer of use. */
type Failures = Readonly<Record<string, object>>;

interface Answers {
  readonly answers: ReadonlyMap<string, JsonObject>;
  readonly failures: Failures;
}

/** Asks the servers of users, all at once. `asked` is by user; users of ours are passed over, and all others where there are no other servers. */
async function askServers(
  { options }: Context,
  call: OwnCall,
  asked: JsonObject,
  [path, field]: readonly [path: string, field: string],
): Promise<Answers> {
  const { peers, serverName } = options;
  const byServer = Map.groupBy([...asked], ([user]) => serverOf(user));
  byServer.delete(serverName);
  byServer.delete("");
  const answers = new Map<string, JsonObject>();
  const failures = new Map<string, object>();
  const wanted = call.body.get("timeout");
  const timeoutMs = typeof wanted === "number" && wanted > 0 ? Math.min(wanted, WAIT_MS_MAX) : WAIT_MS_DEFAULT;
  if (peers === undefined) return { answers, failures: {} };
  await Promise.all(
    [...byServer].map(async ([server, users], at) => {
      const body = jsonObject({ [field]: new Map(users) });
      try {
        if (at >= SERVERS_MAX) throw new PeerFault("unreachable", "So many servers are not asked at a time.");
        const target = `/_matrix/federation/v1/user/keys/${path}`;
        answers.set(server, await peers.ask(server, { method: "POST", target, body, timeoutMs }));
      } catch (error) {
        if (!(error instanceof PeerFault)) throw error;
        failures.set(server, { error: error.message });
      }
    }),
  );
  return { answers, failures: Object.fromEntries(failures) };
}

/**
 * Adds the keys of users of other servers: as they were told before, where who asks has been in a room with the user ever since, so that this
 * server would have heard of a change; otherwise their servers are asked.
 */
export async function addKeysElsewhere(
  context: Context,
  call: OwnCall,
  asked: JsonObject,
  found: FoundKeys,
): Promise<Failures> {
  const { store, keptKeys } = context;
  const position = await store.streamPosition();
  const unknown = new Map<string, JsonValue>();
  const news = new Map<string, number>();
  for (const [user, devices] of asked) {
    const kept = keptKeys.of(user);
    if (kept !== undefined && (await store.encryption.shareRoom(call.who.user, user, kept.position))) {
      await addKeys(context, call, found, [user, devices], kept.keys);
    } else {
      unknown.set(user, devices);
      news.set(user, keptKeys.newsOf(user));
    }
  }
  const { answers, failures } = await askServers(context, call, unknown, ["query", "device_keys"]);
  for (const [user, devices] of unknown) {
    const answer = answers.get(serverOf(user));
    if (answer === undefined) continue;
    const keys = readKeys(answer, user);
    if (isList(devices) && devices.length === 0) keptKeys.keep(user, keys, { position, news: news.get(user)! });
    await addKeys(context, call, found, [user, devices], keys);
  }
  return failures;
}

/** What a server says of a user. What is no key of the user is passed over. */
function readKeys(answer: JsonObject, user: string): KeysElsewhere {
  const devices = [...(objectAt(objectAt(answer, "device_keys"), user) ?? [])].flatMap(([device, keys]) =>
    isKeyOf(keys, user) && textAt(keys, "device_id") === device ? [[device, shownDevice(keys)] as const] : [],
  );
  const keyIn = (field: string): string | undefined => {
    const key = objectAt(answer, field)?.get(user);
    return isKeyOf(key, user) ? canonicalText(key) : undefined;
  };
  return {
    devices: Object.fromEntries(devices),
    master: keyIn("master_keys"),
    selfSigning: keyIn("self_signing_keys"),
  };
}

async function addKeys(
  context: Context,
  call: OwnCall,
  found: FoundKeys,
  [user, named]: readonly [user: string, named: JsonValue],
  { devices, master, selfSigning }: KeysElsewhere,
): Promise<void> {
  const isAsked = (device: string): boolean => !isList(named) || named.length === 0 || named.includes(device);
  found.device_keys.set(user, Object.fromEntries(Object.entries(devices).filter(([device]) => isAsked(device))));
  if (master !== undefined) found.master_keys.set(user, await signedKey(context, call, user, master));
  if (selfSigning !== undefined) found.self_signing_keys.set(user, await signedKey(context, call, user, selfSigning));
}

function isKeyOf(key: JsonValue | undefined, user: string): key is JsonObject {
  return isJsonObject(key) && textAt(key, "user_id") === user && objectAt(key, "keys") !== undefined;
}

function shownDevice(keys: JsonObject): object {
  const unsigned = objectAt(keys, "unsigned");
  const name = unsigned && textAt(unsigned, "device_display_name");
  const shown = JSON.parse(canonicalText(keys)) as Record<string, unknown>;
  return { ...shown, unsigned: name === undefined ? {} : { device_display_name: name } };
}

/** With what who asks has signed it by. */
async function signedKey({ store }: Context, { who }: OwnCall, user: string, json: string): Promise<object> {
  const own = await store.encryption.keySignatures(who.account, user);
  const target = publicKeyOf(json);
  return keyWith(
    json,
    own.filter(each => each.target === target).map(each => [who.user, each] as const),
  );
}

/** The master key of a user of another server as that says it is. */
export async function masterKeyElsewhere(
  context: Context,
  call: OwnCall,
  user: string,
): Promise<JsonObject | undefined> {
  const { answers } = await askServers(context, call, new Map([[user, []]]), ["query", "device_keys"]);
  const key = objectAt(answers.get(serverOf(user)), "master_keys")?.get(user);
  return isKeyOf(key, user) ? key : undefined;
}

/** Claims keys of users of other servers: for each device that was asked for at most one, of the algorithm that was. */
export async function claimElsewhere(
  context: Context,
  call: OwnCall,
  asked: JsonObject,
): Promise<{ readonly found: object; readonly failures: Failures }> {
  const { answers, failures } = await askServers(context, call, asked, ["claim", "one_time_keys"]);
  const found = new Map<string, object>();
  for (const [user, devices] of asked) {
    const answer = objectAt(objectAt(answers.get(serverOf(user)), "one_time_keys"), user);
    if (answer === undefined || !isJsonObject(devices)) continue;
    const keys = [...devices].flatMap(([device, algorithm]) => {
      const [given, ...more] = [...(objectAt(answer, device) ?? [])];
      const isAsked = given !== undefined && more.length === 0 && given[0].startsWith(`${algorithm}:`);
      return isAsked ? [[device, JSON.parse(canonicalText(new Map([given])))] as const] : [];
    });
    if (keys.length > 0) found.set(user, Object.fromEntries(keys));
  }
  return { found: Object.fromEntries(found), failures };
}
