import assert from "node:assert/strict";
import { buildEvent, type EventDraft, eventFormatOf, eventIdOf } from "@scop/matrix/event";
import { canonicalJson, isJsonObject, type JsonObject, parseJson } from "@scop/matrix/json";
import { simulatedCrypto } from "@scop/sim";
import { type Net, openNet, type Server } from "./servers.ts";
import type { Client, Json } from "./world.ts";

/** A server with a room of alice, and another one that is in it with bob and does as it likes. */
export interface Attack {
  readonly net: Net;
  readonly home: Server;
  readonly evil: Server;
  readonly alice: Client;
  readonly bob: Client;
  readonly room: string;
}

/** Opens the two, and others that are not in the room yet, and ends them. */
export async function attacked(body: (attack: Attack) => Promise<void>, ...others: readonly string[]): Promise<void> {
  const net = await openNet("home.test", "evil.test", ...others);
  try {
    const [home, evil] = ["home.test", "evil.test"].map(name => net.servers.get(name)!) as [Server, Server];
    const [alice, bob] = [await home.login("alice"), await evil.login("bob")];
    const { room_id: room } = await alice.ok("POST", "/createRoom", { preset: "public_chat" });
    await bob.ok("POST", `/join/${room}?via=home.test`, {});
    await net.deliver();
    await body({ net, home, evil, alice, bob, room });
  } finally {
    await net.close();
  }
}

function objectOf(value: object): JsonObject {
  const read = parseJson(new TextEncoder().encode(JSON.stringify(value)), { octetsMax: 1_000_000, numbers: "any" });
  assert.ok(read.ok && isJsonObject(read.value));
  return read.value;
}

function plain(object: JsonObject): Json {
  return JSON.parse(new TextDecoder().decode(canonicalJson(object)));
}

/** An event as a server makes it that looks at nothing, after the latest events of the room and by what authorises a message of bob. */
export async function forged(
  { evil, bob, room }: Attack,
  draft: Partial<Omit<EventDraft, "content">> & { readonly content?: object } = {},
): Promise<Json> {
  const record = (await evil.store.room(room))!;
  const format = eventFormatOf(record.version)!;
  const keys = [
    ["m.room.create", ""],
    ["m.room.power_levels", ""],
    ["m.room.member", bob.user],
  ] as const;
  const auth = await Promise.all(keys.map(([type, key]) => evil.store.stateEvent(record.state, type, key)));
  const { content = { msgtype: "m.text", body: "forged" }, ...rest } = draft;
  const made = buildEvent(
    {
      roomId: room,
      type: "m.room.message",
      stateKey: undefined,
      sender: bob.user,
      originServerTs: 1,
      depth: record.depth + 1,
      prevEvents: record.latest,
      authEvents: auth.slice(format.createIdIsRoomId ? 1 : 0).map(each => each!.event),
      redacts: undefined,
      content: objectOf(content),
      ...rest,
    },
    format,
    evil.identity.signer,
    simulatedCrypto,
  );
  return plain(made!.json);
}

let transactions = 0;

/** What a transaction with these events is answered: for each of them nothing, or why not. */
export async function sent(
  { home, evil, room }: Attack,
  ...pdus: readonly Json[]
): Promise<readonly (string | undefined)[]> {
  transactions += 1;
  const body = { origin: evil.name, origin_server_ts: 1, pdus };
  const answer = await home.asPeer(evil, "PUT", `/_matrix/federation/v1/send/x${transactions}`, body);
  assert.equal(answer.status, 200, JSON.stringify(answer));
  const format = eventFormatOf((await home.store.room(room))!.version)!;
  return pdus.map(each => answer.pdus[eventIdOf(objectOf(each), format, simulatedCrypto)!]?.error);
}

/** The id of an event of room version 12. */
export function idOf(event: Json): string {
  return eventIdOf(objectOf(event), eventFormatOf("12")!, simulatedCrypto)!;
}
