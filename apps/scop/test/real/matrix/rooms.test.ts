import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Json, type MatrixUser, startTwoServers, synapseMissing, type TwoServers } from "./servers.ts";

const WAIT_MS_MAX = 40_000;
const LOOK_MS = 100;
/** More than one page and one answer has. */
const LONG = 130;

function at(room: string): string {
  return `/v3/rooms/${encodeURIComponent(room)}`;
}

/** Texts of a room as a user sees them, the oldest first. */
async function texts(user: MatrixUser, room: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let from: string | undefined, page = 0; page < 20; page += 1) {
    const query = `dir=b&limit=100${from === undefined ? "" : `&from=${encodeURIComponent(from)}`}`;
    const { chunk, end } = await user.ok("GET", `${at(room)}/messages?${query}`);
    for (const { type, content } of chunk) if (type === "m.room.message") found.push(content.body);
    if (end === undefined || chunk.length === 0) break;
    from = end;
  }
  return found.reverse();
}

let transaction = 0;
function say(user: MatrixUser, room: string, body: string): Promise<Json> {
  transaction += 1;
  return user.ok("PUT", `${at(room)}/send/m.room.message/${transaction}`, { msgtype: "m.text", body });
}

/** What is so of a room for a user: who is in it, and its topic. */
async function stateOf(user: MatrixUser, room: string): Promise<object> {
  const events: readonly Json[] = await user.ok("GET", `${at(room)}/state`);
  return Object.fromEntries(
    events
      .map(({ type, state_key, content }) => [`${type} ${state_key}`, content.membership ?? content] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

async function membership(user: MatrixUser, room: string, of: MatrixUser): Promise<string> {
  const { status, body } = await user.ask("GET", `${at(room)}/state/m.room.member/${encodeURIComponent(of.id)}`);
  return status === 200 ? body.membership : `status ${status}`;
}

describe("rooms with a current Synapse", { skip: synapseMissing() }, () => {
  let two: TwoServers;
  let alice: MatrixUser;
  let carol: MatrixUser;
  before(async () => {
    two = await startTwoServers();
    alice = await two.scop.user("alice");
    carol = await two.synapse.user("carol");
  });
  after(() => two.close());

  const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
    for (const end = performance.now() + WAIT_MS_MAX; performance.now() < end; ) {
      if (await isSo().catch(() => false)) return;
      await sleep(LOOK_MS);
    }
    if (process.env["SHOW"]) console.log(two.scop.output(), two.synapse.output());
    throw new Error(`it did not come to this: ${what}`);
  };
  const sees = (user: MatrixUser, room: string, wanted: readonly string[]): Promise<void> =>
    until(`${user.id} reads ${wanted.slice(-3)}`, async () => {
      const found = await texts(user, room);
      return wanted.every(each => found.includes(each));
    });
  const create = async (by: MatrixUser, version: string, options: object = {}): Promise<string> =>
    (await by.ok("POST", "/v3/createRoom", { room_version: version, preset: "public_chat", ...options })).room_id;
  const join = async (user: MatrixUser, room: string, via: string): Promise<void> => {
    await user.ok("POST", `/v3/join/${encodeURIComponent(room)}?via=${via}&server_name=${via}`, {});
  };
  const isMember = (user: MatrixUser, room: string, of: MatrixUser, wanted: string): Promise<void> =>
    until(`${of.id} is ${wanted} for ${user.id}`, async () => (await membership(user, room, of)) === wanted);

  const isRedacted = (user: MatrixUser, room: string, event: string): Promise<void> =>
    until(`${event} is empty for ${user.id}`, async () => {
      const { content } = await user.ok("GET", `${at(room)}/event/${encodeURIComponent(event)}`);
      return Object.keys(content).length === 0;
    });

  /** A room that `host` makes and `guest` comes to. */
  const lives = async (host: MatrixUser, guest: MatrixUser, version: string): Promise<void> => {
    const via = host.id.slice(host.id.indexOf(":") + 1);
    const room = await create(host, version);
    await say(host, room, "before");
    await join(guest, room, via);
    await isMember(host, room, guest, "join");
    await say(host, room, "from the host");
    await sees(guest, room, ["before", "from the host"]);
    const { event_id: said } = await say(guest, room, "from the guest");
    await sees(host, room, ["from the guest"]);
    await host.ok("PUT", `${at(room)}/redact/${encodeURIComponent(said)}/r`, { reason: "no" });
    await isRedacted(guest, room, said);
    const { event_id: own } = await say(guest, room, "taken back");
    await sees(host, room, ["taken back"]);
    await guest.ok("PUT", `${at(room)}/redact/${encodeURIComponent(own)}/r`, {});
    await isRedacted(host, room, own);
    await guest.ok("POST", `${at(room)}/leave`, {});
    await isMember(host, room, guest, "leave");

    await host.ok("POST", `${at(room)}/invite`, { user_id: guest.id });
    await until("the guest is asked in", async () => {
      const { rooms } = await guest.ok("GET", "/v3/sync");
      return Object.hasOwn(rooms?.invite ?? {}, room);
    });
    await join(guest, room, via);
    await isMember(host, room, guest, "join");
    await host.ok("POST", `${at(room)}/kick`, { user_id: guest.id, reason: "enough" });
    await isMember(guest, room, guest, "leave");
    await join(guest, room, via);
    await isMember(host, room, guest, "join");
    await host.ok("POST", `${at(room)}/ban`, { user_id: guest.id });
    await until("the guest knows that it is banned", async () => {
      // Each with an id of its own: what was answered once is answered again.
      return say(guest, room, "x").then(
        () => false,
        (error: unknown) => String(error).includes("403"),
      );
    });
    const query = `?via=${via}&server_name=${via}`;
    assert.notEqual((await guest.ask("POST", `/v3/join/${encodeURIComponent(room)}${query}`, {})).status, 200);
    await host.ok("POST", `${at(room)}/unban`, { user_id: guest.id });
    await join(guest, room, via);
    await say(guest, room, "back");
    await sees(host, room, ["back"]);
    assert.deepEqual(await stateOf(host, room), await stateOf(guest, room));
  };

  /** A long room is read to its beginning by who comes late. */
  const isRead = async (host: MatrixUser, guest: MatrixUser, version: string): Promise<void> => {
    const via = host.id.slice(host.id.indexOf(":") + 1);
    const room = await create(host, version);
    const all = Array.from({ length: LONG }, (_none, number) => `m${number}`);
    for (const each of all) await say(host, room, each);
    await join(guest, room, via);
    await sees(guest, room, all);
    assert.deepEqual(await texts(guest, room), all);
  };

  /** Both go on while they can't reach each other; then both have the same. */
  const heals = async (version: string): Promise<void> => {
    const room = await create(alice, version, { invite: [carol.id], preset: "trusted_private_chat" });
    await join(carol, room, two.scop.name);
    await isMember(alice, room, carol, "join");
    two.cut(true);
    const own = ["a1", "a2", "a3"];
    const other = ["c1", "c2", "c3"];
    for (const each of own) await say(alice, room, each);
    for (const each of other) await say(carol, room, each);
    await alice.ok("PUT", `${at(room)}/state/m.room.topic/`, { topic: "of alice" });
    await carol.ok("PUT", `${at(room)}/state/m.room.topic/`, { topic: "of carol" });
    await sleep(1_000);
    two.cut(false);
    await say(alice, room, "a4");
    await say(carol, room, "c4");
    await sees(alice, room, [...own, ...other, "a4", "c4"]);
    await sees(carol, room, [...own, ...other, "a4", "c4"]);
    await say(alice, room, "a5");
    await sees(carol, room, ["a5"]);
    await until("both have the same state", async () => {
      return JSON.stringify(await stateOf(alice, room)) === JSON.stringify(await stateOf(carol, room));
    });
  };

  for (const version of ["10", "11", "12"]) {
    it(`version ${version}: Synapse comes to a room of ours`, () => lives(alice, carol, version));
    it(`version ${version}: we come to a room of Synapse`, () => lives(carol, alice, version));
    it(`version ${version}: Synapse reads a long room of ours to its beginning`, () => isRead(alice, carol, version));
    it(`version ${version}: we read a long room of Synapse to its beginning`, () => isRead(carol, alice, version));
    it(`version ${version}: after a partition both have the same`, () => heals(version));
  }

  it("either side is killed and started again, and nothing is lost", async () => {
    const room = await create(alice, "12");
    await join(carol, room, two.scop.name);
    await isMember(alice, room, carol, "join");
    await two.synapse.kill();
    for (const each of ["one", "two"]) await say(alice, room, each);
    await two.scop.kill();
    await two.scop.start();
    await say(alice, room, "three");
    await two.synapse.start();
    await sees(carol, room, ["one", "two", "three"]);
    await two.scop.kill();
    for (const each of ["four", "five"]) await say(carol, room, each);
    await two.scop.start();
    await say(carol, room, "six");
    // Synapse tries again once in a minute, and when it hears from a server.
    await say(alice, room, "seven");
    await sees(alice, room, ["four", "five", "six"]);
    await sees(carol, room, ["seven"]);
    assert.deepEqual((await texts(carol, room)).toSorted(), ["five", "four", "one", "seven", "six", "three", "two"]);
  });

  for (const [who, isOurs] of [
    ["Synapse", false],
    ["we", true],
  ] as const) {
    it(`${who} can't be reached for long, and can read everything afterwards`, async () => {
      const room = await create(alice, "12");
      await join(carol, room, two.scop.name);
      await isMember(alice, room, carol, "join");
      const [speaker, away, server] = isOurs ? [carol, alice, two.scop] : [alice, carol, two.synapse];
      const all = Array.from({ length: LONG }, (_none, number) => `m${number}`);
      await server.kill();
      for (const each of all) await say(speaker, room, each);
      await server.start();
      await say(away, room, "here again");
      await sees(speaker, room, ["here again"]);
      await say(speaker, room, "welcome");
      await sees(away, room, ["m129", "welcome"]);
      await sees(away, room, all);
    });
  }
});
