import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
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
