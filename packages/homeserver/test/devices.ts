import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type JsonObject, parseJson } from "@scop/matrix/json";
import { signObject, unpaddedBase64 } from "@scop/matrix/sign";
import { canonicalText } from "../src/canonical-text.ts";
import { type Client, type Json, openWorld, type World } from "./world.ts";

/** A key that signs, with its public half as others write it. */
interface SigningKey {
  readonly privateKey: KeyObject;
  readonly text: string;
}

/** A device with its keys. */
interface Device {
  readonly client: Client;
  readonly key: SigningKey;
  /** What it publishes of itself, signed. */
  readonly keys: Json;
}

const ALGORITHMS = ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"];

/** A new key. */
export function newKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { privateKey, text: unpaddedBase64(publicKey.export({ type: "spki", format: "der" }).subarray(-32)) };
}

/** Text that could be a public key. */
export function somePublic(octet: number): string {
  return unpaddedBase64(new Uint8Array(32).fill(octet));
}

/** An object with a further signature. */
export function signed(object: object, user: string, keyId: string, { privateKey }: SigningKey): Json {
  const read = parseJson(new TextEncoder().encode(JSON.stringify(object)), { octetsMax: 1e6, numbers: "any" });
  if (!read.ok) throw new Error("it is no JSON");
  const signer = { entity: user, keyId, sign: (octets: Uint8Array) => sign(null, octets, privateKey) };
  return JSON.parse(canonicalText(signObject(read.value as JsonObject, signer)));
}

/** The keys that a device would publish. */
export function deviceOf(client: Client, key: SigningKey = newKey()): Device {
  const { user, device } = client;
  const named = { [`ed25519:${device}`]: key.text, [`curve25519:${device}`]: somePublic(7) };
  const keys = { user_id: user, device_id: device, algorithms: ALGORITHMS, keys: named };
  return { client, key, keys: signed(keys, user, `ed25519:${device}`, key) };
}

/** A device that has published its keys. */
export async function publishedDevice(client: Client): Promise<Device> {
  const device = deviceOf(client);
  await client.ok("POST", "/keys/upload", { device_keys: device.keys });
  return device;
}

/** One-time keys by name; their octets are those of the number. */
export function oneTimeKeys({ client, key }: Device, ...numbers: readonly number[]): Json {
  const keyId = `ed25519:${client.device}`;
  return Object.fromEntries(
    numbers.map(number => [
      `signed_curve25519:${number}`,
      signed({ key: somePublic(number) }, client.user, keyId, key),
    ]),
  );
}

/** A key to fall back to. */
export function fallbackKey({ client, key }: Device, number: number): Json {
  const signedKey = signed({ key: somePublic(number), fallback: true }, client.user, `ed25519:${client.device}`, key);
  return { [`signed_curve25519:${number}`]: signedKey };
}

/** Keys for cross-signing. */
interface CrossSigning {
  readonly master: SigningKey;
  readonly selfSigning: SigningKey;
  readonly userSigning: SigningKey;
  /** As they are uploaded. */
  readonly body: Json;
}

/** New keys for cross-signing of a user. */
export function crossSigningOf(user: string): CrossSigning {
  const [master, selfSigning, userSigning] = [newKey(), newKey(), newKey()];
  const keyOf = (usage: string, { text }: SigningKey): object => ({
    user_id: user,
    usage: [usage],
    keys: { [`ed25519:${text}`]: text },
  });
  const byMaster = (key: object): Json => signed(key, user, `ed25519:${master.text}`, master);
  const body = {
    master_key: keyOf("master", master),
    self_signing_key: byMaster(keyOf("self_signing", selfSigning)),
    user_signing_key: byMaster(keyOf("user_signing", userSigning)),
  };
  return { master, selfSigning, userSigning, body };
}

/** The auth part of a request with a password. */
export function passwordOf(user: string, password: string, session?: string): Json {
  const identifier = { type: "m.id.user", user };
  return { type: "m.login.password", identifier, password, ...(session === undefined ? {} : { session }) };
}

/** A room that all of them are in. */
export async function sharedRoom(first: Client, ...others: readonly Client[]): Promise<string> {
  const { room_id: room } = await first.ok("POST", "/createRoom", { preset: "public_chat" });
  for (const each of others) await each.ok("POST", `/join/${room}`, {});
  return room;
}

/** A world in which alice has the device `AD` and bob has `BD`. */
export async function withDevices(body: (world: World, alice: Client, bob: Client) => Promise<void>): Promise<void> {
  const world = await openWorld();
  try {
    await body(world, await world.login("alice", "AD"), await world.login("bob", "BD"));
  } finally {
    await world.close();
  }
}
