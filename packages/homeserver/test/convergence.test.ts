import assert from "node:assert/strict";
import { test } from "node:test";
import { authRulesOf } from "@scop/matrix/auth";
import { AuthChains, resolutionOf, resolveState, type StoredEvent } from "@scop/matrix/state-res";
import fc from "fast-check";
import { Resolution } from "../src/federation/resolution.ts";
import { type KeptEvent, RoomEvents } from "../src/federation/room-events.ts";
import { keptState } from "../src/federation/room-state.ts";
import type { HomeserverOptions } from "../src/index.ts";
import { type Net, openNet, type Server, stateOn } from "./servers.ts";
import type { Client } from "./world.ts";

/** What somebody does, whether they may or not. */
type Deed =
  | { readonly do: "say" | "join" | "leave"; readonly who: number }
  | { readonly do: "kick" | "ban" | "unban"; readonly who: number; readonly whom: number }
  | { readonly do: "topic" | "closed" | "open"; readonly who: number }
  | { readonly do: "level"; readonly who: number; readonly whom: number; readonly level: number }
  | { readonly do: "part"; readonly who: number }
  | { readonly do: "heal" };

const who = fc.integer({ min: 0, max: 2 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ do: fc.constantFrom("say", "join", "leave", "topic", "closed", "open", "part"), who }),
  fc.record({ do: fc.constantFrom("kick", "ban", "unban"), who, whom: who }),
  fc.record({ do: fc.constant("level"), who, whom: who, level: fc.constantFrom(0, 50, 100) }),
  fc.constant({ do: "heal" } as const),
) as fc.Arbitrary<Deed>;

const NAMES = ["a.test", "b.test", "c.test"];

async function perform(net: Net, users: readonly Client[], room: string, each: Deed, number: number): Promise<void> {
  if (each.do === "heal") return void net.part();
  const server = net.servers.get(NAMES[each.who]!)!;
  if (each.do === "part") return void net.part(server);
  const user = users[each.who]!;
  const at = `/rooms/${room}`;
  const member = (way: string, whom: number): Promise<object> =>
    user.ask("POST", `${at}/${way}`, { user_id: users[whom]!.user });
  const state = (type: string, content: object): Promise<object> => user.ask("PUT", `${at}/state/${type}`, content);
  if (each.do === "say") await user.ask("PUT", `${at}/send/m.room.message/${number}`, { body: `${number}` });
  else if (each.do === "join") await user.ask("POST", `/join/${room}?via=a.test&via=b.test&via=c.test`, {});
  else if (each.do === "leave") await user.ask("POST", `${at}/leave`, {});
  else if (each.do === "topic") await state("m.room.topic", { topic: `${number}` });
  else if (each.do === "closed") await state("m.room.join_rules", { join_rule: "invite" });
  else if (each.do === "open") await state("m.room.join_rules", { join_rule: "public" });
  else if (each.do === "level") {
    const { status, body } = await user.ask("GET", `${at}/state/m.room.power_levels`);
    if (status !== 200) return;
    const levels = { ...body, users: { ...body.users, [users[each.whom]!.user]: each.level } };
    await state("m.room.power_levels", levels);
  } else await member(each.do, (each as { readonly whom: number }).whom);
}

/** Servers that have somebody in the room by their own account. */
async function inside(servers: readonly Server[], room: string): Promise<readonly Server[]> {
  const found: Server[] = [];
  for (const each of servers) if ((await each.store.roomServers(room)).includes(each.name)) found.push(each);
  return found;
}

/** The states of any two branches come to what they come to where everything is at hand. */
async function resolvesAsInMemory({ sim }: Net, { store, identity }: Server, name: string): Promise<void> {
  const room = (await store.room(name))!;
  const options = { serverName: identity.serverName } as HomeserverOptions;
  const events = new RoomEvents({ io: sim.platform("192.0.2.8"), store, options });
  const known = new Map<string, KeptEvent>();
  const all = await store.roomEvents(name, { after: -1e6, upTo: 1e9, order: "falling", limit: 100 });
  const states = [...new Set(all.map(each => each.state))].slice(0, 8).map(each => keptState(store, each));
  const open = (await Promise.all(states.map(async each => [...(await each.ids()).values()]))).flat();
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const kept = known.has(id) ? undefined : await events.get(room, id);
    if (kept === undefined) continue;
    known.set(id, kept);
    open.push(...kept.event.authEvents);
  }
  const authChains = new AuthChains();
  const rising = [...known.values()].sort((one, other) => one.event.depth - other.event.depth);
  for (const { event } of rising) authChains.add(event.eventId, event.authEvents);
  const get = (id: string): StoredEvent | undefined => {
    const kept = known.get(id);
    return kept && { event: kept.event, isRejected: kept.record.standing === "rejected" };
  };
  const [rules, algorithm] = [authRulesOf(room.version)!, resolutionOf(room.version)!];
  for (const [index, one] of states.entries()) {
    for (const other of states.slice(index + 1)) {
      const sets = await Promise.all([one, other].map(each => each.ids()));
      const wanted = resolveState({ get, authChains }, { roomId: name, algorithm, rules, checks: events.checks }, sets);
      const found = await new Resolution(store, events).resolve(room, [one, other]);
      assert.deepEqual(new Map([...(await found.ids())].sort()), new Map([...wanted].sort()));
    }
  }
}

async function converges(version: string, deeds: readonly Deed[]): Promise<void> {
  const net = await openNet(...NAMES);
  try {
    const servers = NAMES.map(name => net.servers.get(name)!);
    const users = [await servers[0]!.login("alice"), await servers[1]!.login("bob"), await servers[2]!.login("carol")];
    const { room_id: room } = await users[0]!.ok("POST", "/createRoom", {
      preset: "public_chat",
      room_version: version,
    });
    for (const each of users.slice(1)) await each.ok("POST", `/join/${room}?via=a.test`, {});
    await net.deliver();
    for (const [number, each] of deeds.entries()) {
      await perform(net, users, room, each, number);
      if (number % 3 === 0) await net.deliver();
    }
    net.part();
    await net.deliver();
    // Whoever is in it still says something, so that all branches meet.
    for (const user of users) await user.ask("PUT", `/rooms/${room}/send/m.room.message/last`, { body: "last" });
    await net.deliver();
    for (const each of servers) await resolvesAsInMemory(net, each, room);
    const [first, ...others] = await inside(servers, room);
    for (const each of others) assert.deepEqual(await stateOn(each, room), await stateOn(first!, room));
  } finally {
    await net.close();
  }
}

for (const version of ["10", "12"]) {
  test(`whatever three servers do while they are apart, all have one state afterwards: version ${version}`, () =>
    fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 25 }), deeds => converges(version, deeds)),
      { numRuns: 8 },
    ));
}
