import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bodyOctetsMaxOf } from "../src/index.ts";
import { type Client, openWorld, type World } from "./world.ts";

const V3 = "/_matrix/client/v3";
let world: World;
let alice: Client;
before(async () => {
  world = await openWorld();
  alice = await world.login("alice");
});
after(() => world.close());

test("every answer has what browsers ask for, errors too", async () => {
  for (const [method, target] of [
    ["GET", "/_matrix/client/versions"],
    ["GET", `${V3}/account/whoami`],
    ["GET", "/_matrix/nothing"],
    ["OPTIONS", `${V3}/sync`],
    ["POST", `${V3}/login`],
  ] as const) {
    const { headers } = await world.ask(method, target);
    assert.equal(headers["access-control-allow-origin"], "*", target);
    assert.equal(headers["access-control-allow-headers"], "X-Requested-With, Content-Type, Authorization", target);
    assert.equal(headers["content-type"], "application/json", target);
  }
});

test("what is not there, and what is asked with a wrong method, is unrecognised", async () => {
  const rows: readonly [method: string, target: string, status: number][] = [
    ["GET", "/_matrix/client/v3/nothing", 404],
    ["GET", "/_matrix/client/v3", 404],
    ["GET", "/_matrix/client/r0/sync", 404],
    ["GET", "/_matrix/client/v3/rooms/!a", 404],
    ["GET", "/_matrix/client/v1/auth_metadata", 404],
    [`GET`, `${V3}/${"a/".repeat(9_999)}`, 404],
    ["PATCH", `${V3}/sync`, 405],
    ["DELETE", `${V3}/login`, 405],
    ["constructor", `${V3}/login`, 405],
  ];
  for (const [method, target, expected] of rows) {
    const { status, body } = await world.ask(method, target);
    assert.deepEqual([status, body.errcode], [expected, "M_UNRECOGNIZED"], target.slice(0, 50));
  }
  assert.equal((await world.ask("OPTIONS", `${V3}/sync`)).status, 200);
});

test("a body is looked at before anything else is done with it", async () => {
  const rows: readonly [body: string, status: number, errcode: string][] = [
    ["{", 400, "M_NOT_JSON"],
    ['{"type":"m.login.password","type":"x"}', 400, "M_NOT_JSON"],
    ['{"type":"\\ud800"}', 400, "M_NOT_JSON"],
    ["[]", 400, "M_BAD_JSON"],
    ["1", 400, "M_BAD_JSON"],
    ['{"type":7}', 400, "M_BAD_JSON"],
    ['{"type":"m.login.password","identifier":[]}', 400, "M_BAD_JSON"],
    ['{"type":"m.login.password","identifier":{}}', 400, "M_MISSING_PARAM"],
    ["", 400, "M_MISSING_PARAM"],
    ["{}", 400, "M_MISSING_PARAM"],
    [`{"a":"${"x".repeat(bodyOctetsMaxOf("/_matrix/client/v3/login"))}"}`, 413, "M_TOO_LARGE"],
    [`{"type":${"[".repeat(5_000)}`, 400, "M_NOT_JSON"],
  ];
  for (const [body, status, errcode] of rows) {
    const answer = await world.ask("POST", `${V3}/login`, { body });
    assert.deepEqual([answer.status, answer.body.errcode], [status, errcode], body.slice(0, 60));
  }
});

test("segments of the path are decoded once, and what can't be is refused", async () => {
  const room = (await alice.ok("POST", "/createRoom", {})).room_id;
  const type = "a/b%2F ü";
  const path = `/rooms/${encodeURIComponent(room)}/state/${encodeURIComponent(type)}/${encodeURIComponent("k/#?")}`;
  await alice.ok("PUT", path, { here: 1 });
  assert.deepEqual(await alice.ok("GET", path), { here: 1 });
  const state = await alice.ok("GET", `/rooms/${room}/state`);
  const sent = state.find((each: { content: { here?: number } }) => each.content.here === 1);
  assert.deepEqual([sent.type, sent.state_key], [type, "k/#?"]);
  for (const bad of ["%", "%4", "%zz", "%ff"]) {
    const { status, body } = await alice.ask("GET", `/rooms/${bad}/state`);
    assert.deepEqual([status, body.errcode], [400, "M_INVALID_PARAM"], bad);
  }
});

test("a slash at the end changes nothing", async () => {
  for (const path of ["/pushrules", "/pushrules/", "/joined_rooms/"]) assert.ok(await alice.ok("GET", path));
  assert.equal((await alice.ok("GET", "/pushrules/")).global.override[0].rule_id, ".m.rule.master");
});

test("queries are looked at", async () => {
  const rows: readonly [path: string, errcode: string][] = [
    ["/rooms/!a/messages", "M_MISSING_PARAM"],
    ["/rooms/!a/messages?dir=x", "M_INVALID_PARAM"],
    ["/sync?timeout=soon", "M_INVALID_PARAM"],
    ["/sync?since=nonsense", "M_INVALID_PARAM"],
    ["/sync?full_state=maybe", "M_INVALID_PARAM"],
    ["/sync?filter={", "M_NOT_JSON"],
    ["/sync?filter=7", "M_NOT_FOUND"],
  ];
  for (const [path, errcode] of rows) assert.equal((await alice.ask("GET", path)).body.errcode, errcode, path);
});

test("a token counts in the Authorization field alone", async () => {
  const whoami = `${V3}/account/whoami`;
  assert.equal((await world.ask("GET", `${whoami}?access_token=${alice.token}`)).body.errcode, "M_MISSING_TOKEN");
  assert.equal((await world.ask("GET", whoami)).status, 401);
  const unknown = await world.ask("GET", whoami, { token: `${alice.token}x` });
  assert.deepEqual([unknown.status, unknown.body.errcode], [401, "M_UNKNOWN_TOKEN"]);
  assert.deepEqual(await alice.ok("GET", "/account/whoami"), {
    user_id: "@alice:scop.test",
    device_id: alice.device,
    is_guest: false,
  });
});
