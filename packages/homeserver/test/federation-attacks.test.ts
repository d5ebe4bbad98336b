import assert from "node:assert/strict";
import { test } from "node:test";
import { attacked, forged, idOf, sent } from "./attacker.ts";
import { said, say, stateOn } from "./servers.ts";
import type { Json } from "./world.ts";

test("attack 4: one event of a depth at the end of all numbers stops nobody", () =>
  attacked(async attack => {
    const { net, home, alice, bob, room } = attack;
    assert.deepEqual(await sent(attack, await forged(attack, { depth: Number.MAX_SAFE_INTEGER })), [undefined]);
    await say(net, alice, room, "after it");
    assert.equal((await home.store.room(room))!.depth, Number.MAX_SAFE_INTEGER);
    const last = await home.store.roomEvent(room, (await home.store.room(room))!.latest[0]!);
    assert.equal(JSON.parse(last!.json).depth, Number.MAX_SAFE_INTEGER);
    await net.deliver();
    assert.ok((await said(bob, room)).includes("after it"));
    const beyond = await forged(attack, {});
    const [refusal, good] = await sent(
      attack,
      { ...beyond, depth: 2 ** 53 },
      await forged(attack, { originServerTs: 2 }),
    );
    assert.match(refusal ?? "", /event-number/);
    assert.equal(good, undefined);
  }));

test("attack 5: signatures that are missing, of others or of nobody are none", () =>
  attacked(async attack => {
    const { home, evil, alice, room } = attack;
    const event = await forged(attack);
    const before = await home.store.room(room);
    const key = event.signatures[evil.name];
    const asAlice = await forged(attack, { sender: alice.user });
    const refused = await sent(
      attack,
      { ...event, signatures: {} },
      { ...event, origin_server_ts: 2, signatures: { [evil.name]: {} } },
      { ...event, origin_server_ts: 3, signatures: { [evil.name]: { "rot13:1": "abc" } } },
      { ...event, origin_server_ts: 4, signatures: { "elsewhere.test": key } },
      { ...asAlice, signatures: { [home.name]: asAlice.signatures[evil.name] } },
      asAlice,
    );
    assert.ok(
      refused.every(each => each?.includes("event-unsigned")),
      JSON.stringify(refused),
    );
    assert.deepEqual(await home.store.room(room), before);
  }));

test("attack 5: an event that is not what was hashed is taken without what it says", () =>
  attacked(async attack => {
    const event = await forged(attack);
    event.content.body = "changed on the way";
    assert.deepEqual(await sent(attack, event), [undefined]);
    const { chunk } = await attack.alice.ok("GET", `/rooms/${attack.room}/messages?dir=b&limit=1`);
    assert.deepEqual(chunk[0].content, {});
  }));

test("attack 6: what is fetched is looked at as what is pushed", () =>
  attacked(async attack => {
    const { net, home, evil, alice, room } = attack;
    const asAlice = await forged(attack, { sender: alice.user });
    const id = idOf(asAlice);
    net.lies.set(`${evil.name} get_missing_events`, () => ({ events: [asAlice] }));
    const [refusal] = await sent(attack, await forged(attack, { prevEvents: [id] }));
    assert.match(refusal ?? "", /could not be had/);
    assert.equal(await home.store.roomEvent(room, id), undefined);
    assert.deepEqual(await said(alice, room), []);
  }));

test("attack 6: a room that is joined is looked at event by event", () =>
  attacked(async attack => {
    const { net, home, evil, alice, bob } = attack;
    const { room_id: room } = await bob.ok("POST", "/createRoom", { preset: "public_chat" });
    const ban = { type: "m.room.member", stateKey: alice.user, sender: alice.user, content: { membership: "join" } };
    const forgery = await forged({ ...attack, room }, ban);
    net.lies.set(`${evil.name} send_join`, answer => {
      answer.state.push(forgery, {}, "text", { ...forgery, signatures: {} });
      return answer;
    });
    const carol = await home.login("carol");
    await carol.ok("POST", `/join/${room}?via=evil.test`, {});
    assert.equal(
      (await home.store.roomMembers(room)).find(each => each.user === alice.user),
      undefined,
    );
    const { room_id: headless } = await bob.ok("POST", "/createRoom", { preset: "public_chat" });
    net.lies.set(`${evil.name} send_join`, answer => {
      return { ...answer, state: answer.state.filter((each: Json) => each.type !== "m.room.create") };
    });
    assert.equal((await carol.ask("POST", `/join/${headless}?via=evil.test`, {})).status, 502);
    assert.ok(!(await carol.ok("GET", "/joined_rooms")).joined_rooms.includes(headless));
  }));

test("attack 7: a template makes nobody sign anything else", () =>
  attacked(async ({ net, home, evil, bob }) => {
    const carol = await home.login("carol");
    const { room_id: other } = await bob.ok("POST", "/createRoom", { preset: "public_chat", room_version: "11" });
    net.lies.set(`${evil.name} make_join`, answer => {
      Object.assign(answer.event, {
        type: "m.room.power_levels",
        state_key: "",
        sender: "@alice:home.test",
        room_id: "!elsewhere:home.test",
        content: { membership: "ban", users: { [bob.user]: 100 }, displayname: "Mallory" },
        redacts: "$x",
        "org.extra": true,
      });
      return answer;
    });
    await carol.ok("POST", `/join/${other}?via=evil.test`, {});
    const record = (await home.store.room(other))!;
    const { json } = (await home.store.stateEvent(record.state, "m.room.member", carol.user))!;
    const { type, sender, room_id, content, redacts, ...rest } = JSON.parse(json);
    assert.deepEqual(
      [type, sender, room_id, redacts, rest["org.extra"]],
      ["m.room.member", carol.user, other, undefined, undefined],
    );
    assert.equal(content.membership, "join");
    assert.equal(content.displayname, undefined);
  }));

test("attack 9: a room has one create event, and in version 12 its id is that event's", () =>
  attacked(async attack => {
    const create = { type: "m.room.create", stateKey: "", content: { room_version: "12" } };
    const [second] = await sent(attack, await forged(attack, create));
    assert.ok(second !== undefined);
    const { state } = (await attack.home.store.room(attack.room))!;
    const kept = await attack.home.store.stateEvent(state, "m.room.create", "");
    assert.equal(kept?.event, `$${attack.room.slice(1)}`);
    const asAuth = await forged(attack);
    const [listed] = await sent(attack, await forged(attack, { authEvents: [kept!.event, ...asAuth.auth_events] }));
    assert.match(listed ?? "", /create event is an auth event/);
  }));

test("attack 10: auth events that are twice there, of another room, rejected or not to be had make nothing allowed", () =>
  attacked(async attack => {
    const { home, evil, bob, room } = attack;
    const own = (await forged(attack)).auth_events as readonly string[];
    const { room_id: other } = await bob.ok("POST", "/createRoom", { preset: "public_chat" });
    const elsewhere = await evil.store.stateEvent((await evil.store.room(other))!.state, "m.room.power_levels", "");
    const takeover = { type: "m.room.power_levels", stateKey: "", content: { users: { [bob.user]: 100 } } };
    const rejected = await forged(attack, takeover);
    assert.ok((await sent(attack, rejected))[0] !== undefined);
    const id = idOf(rejected);
    assert.equal((await home.store.roomEvent(room, id))?.standing, "rejected");
    const before = await stateOn(home, room);
    const refused = await sent(
      attack,
      await forged(attack, { authEvents: [...own, own[0]!] }),
      await forged(attack, { authEvents: [elsewhere!.event, own[1]!] }),
      await forged(attack, { authEvents: [id, own[1]!] }),
      await forged(attack, { authEvents: [`$${"A".repeat(43)}`, own[1]!] }),
      await forged(attack, { authEvents: [] }),
    );
    assert.ok(
      refused.every(each => each !== undefined),
      JSON.stringify(refused),
    );
    assert.deepEqual(await stateOn(home, room), before);
  }));

test("attack 11: what is sent as a membership is one, of this room, of a user of who sends it", () =>
  attacked(async attack => {
    const { home, evil, alice, bob, room } = attack;
    const carol = "@carol:evil.test";
    const join = { type: "m.room.member", stateKey: carol, sender: carol, content: { membership: "join" } };
    const made = await home.asPeer(evil, "GET", `/_matrix/federation/v1/make_join/${room}/${carol}?ver=12`);
    const linked = { authEvents: made.event.auth_events, prevEvents: made.event.prev_events };
    const put = async (way: string, path: string, event: Json): Promise<number> => {
      const id = idOf(event);
      const target = `/_matrix/federation/v2/${way}/${path}/${encodeURIComponent(id)}`;
      return (await home.asPeer(evil, "PUT", target, event)).status;
    };
    const good = await forged(attack, { ...join, ...linked });
    const other = (await alice.ok("POST", "/createRoom", { preset: "public_chat" })).room_id;
    const statuses = [
      await put("send_join", other, good),
      await put("send_leave", room, good),
      await put("send_join", room, await forged(attack, { ...join, ...linked, content: { membership: "invite" } })),
      await put("send_join", room, await forged(attack, { ...join, ...linked, stateKey: bob.user })),
      await put(
        "send_join",
        room,
        await forged(attack, { ...join, ...linked, sender: alice.user, stateKey: alice.user }),
      ),
      await put("send_join", room, await forged(attack, { ...join, ...linked, prevEvents: [] })),
      await put("send_join", room, await forged(attack, { ...join, ...linked, prevEvents: [`$${"A".repeat(43)}`] })),
      await put("send_join", room, await forged(attack, linked)),
    ];
    assert.ok(
      statuses.every(each => each === 400 || each === 403 || each === 404),
      String(statuses),
    );
    await alice.ok("POST", `/rooms/${room}/ban`, { user_id: carol });
    assert.equal(await put("send_join", room, good), 403);
    const forbidden = await home.asPeer(evil, "GET", `/_matrix/federation/v1/make_join/${room}/${carol}?ver=12`);
    assert.deepEqual([forbidden.status, forbidden.errcode], [403, "M_FORBIDDEN"]);
    const strange = await home.asPeer(evil, "GET", `/_matrix/federation/v1/make_join/${room}/${alice.user}?ver=12`);
    assert.equal(strange.status, 403);
    const old = await home.asPeer(evil, "GET", `/_matrix/federation/v1/make_join/${room}/${carol}?ver=9`);
    assert.deepEqual([old.status, old.errcode, old.room_version], [400, "M_INCOMPATIBLE_ROOM_VERSION", "12"]);
  }));
