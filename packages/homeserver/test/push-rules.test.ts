import assert from "node:assert/strict";
import { test } from "node:test";
import { withDevices } from "./devices.ts";
import { type Client, inWorld, type Json, refusal } from "./world.ts";

const RULES = "/pushrules/global";
const ids = (rules: readonly Json[]): readonly string[] => rules.map(each => each.rule_id);

function put(client: Client, kind: string, id: string, rest: object = {}, query = ""): ReturnType<Client["ask"]> {
  return client.ask("PUT", `${RULES}/${kind}/${id}${query}`, { actions: ["notify"], ...rest });
}

test("own rules stand behind the master rule and before the predefined ones, where they were asked to be", () =>
  inWorld(async (_world, alice) => {
    for (const [id, query] of [
      ["a", ""],
      ["b", ""],
      ["c", "?after=b"],
      ["d", "?before=a"],
    ] as const) {
      const conditions = [{ kind: "event_match", key: "type", pattern: `m.${id}` }];
      assert.equal((await put(alice, "override", id, { conditions }, query)).status, 200, id);
    }
    const { override } = await alice.ok("GET", `${RULES}/`);
    assert.deepEqual(ids(override).slice(0, 6), [".m.rule.master", "b", "c", "d", "a", ".m.rule.suppress_notices"]);
    await put(alice, "override", "c", { actions: [] });
    await put(alice, "override", "a", { actions: [] }, "?before=b");
    const moved = (await alice.ok("GET", "/pushrules/")).global.override;
    assert.deepEqual(ids(moved).slice(0, 5), [".m.rule.master", "a", "b", "c", "d"]);
    assert.deepEqual(await alice.ok("GET", `${RULES}/override/c`), {
      rule_id: "c",
      default: false,
      enabled: true,
      actions: [],
      conditions: [],
    });
    await alice.ok("DELETE", `${RULES}/override/c`);
    assert.deepEqual(await refusal(alice.ask("GET", `${RULES}/override/c`)), [404, "M_NOT_FOUND"]);
  }));

test("predefined rules are disabled and told otherwise, not removed", () =>
  inWorld(async (_world, alice, bob) => {
    const master = `${RULES}/override/.m.rule.master`;
    await alice.ok("PUT", `${master}/enabled`, { enabled: true });
    await alice.ok("PUT", `${RULES}/underride/.m.rule.message/actions`, {
      actions: ["notify", { set_tweak: "sound" }],
    });
    assert.deepEqual(await alice.ok("GET", `${master}/enabled`), { enabled: true });
    const actions = { actions: ["notify", { set_tweak: "sound" }] };
    assert.deepEqual(await alice.ok("GET", `${RULES}/underride/.m.rule.message/actions`), actions);
    assert.deepEqual(await refusal(alice.ask("DELETE", master)), [400, "M_INVALID_PARAM"]);
    assert.deepEqual(await bob.ok("GET", `${master}/enabled`), { enabled: false });
  }));

test("a sync tells the rules, at the beginning and when they change", () =>
  withDevices(async (world, alice) => {
    const rulesIn = (answer: Json): Json =>
      answer.account_data.events.find((each: Json) => each.type === "m.push_rules")?.content;
    const first = await alice.sync();
    assert.deepEqual(rulesIn(first), await alice.ok("GET", "/pushrules/"));
    const waiting = alice.ok("GET", `/sync?since=${first.next_batch}&timeout=30000`);
    await world.sim.advance(10);
    await put(alice, "room", "!r:scop.test");
    assert.deepEqual(ids(rulesIn(await waiting).global.room), ["!r:scop.test"]);
    const again = await world.restart();
    const alice2 = again.client(alice.user, "AD", alice.token);
    assert.deepEqual(ids(rulesIn(await alice2.sync()).global.room), ["!r:scop.test"]);
    const data = await alice2.ok("GET", `/user/${alice.user}/account_data/m.push_rules`);
    assert.deepEqual(ids(data.global.room), ["!r:scop.test"]);
    await again.close();
  }));

test("rules that are none are refused, and so are more than may be", () =>
  inWorld(async (_world, alice) => {
    const cases: readonly (readonly [
      what: string,
      answer: ReturnType<Client["ask"]>,
      refusal: readonly [number, string],
    ])[] = [
      ["a name of the server's", put(alice, "override", ".m.rule.mine"), [400, "M_INVALID_PARAM"]],
      ["a slash", put(alice, "override", "a%2Fb"), [400, "M_INVALID_PARAM"]],
      ["an unknown kind", put(alice, "other", "a"), [400, "M_INVALID_PARAM"]],
      ["no pattern", put(alice, "content", "a"), [400, "M_MISSING_PARAM"]],
      ["beside none", put(alice, "override", "a", {}, "?after=none"), [404, "M_NOT_FOUND"]],
      ["beside a predefined one", put(alice, "override", "a", {}, "?after=.m.rule.master"), [404, "M_NOT_FOUND"]],
      ["too much", put(alice, "content", "a", { pattern: "x".repeat(70_000) }), [400, "M_TOO_LARGE"]],
    ];
    for (const [what, answer, expected] of cases) assert.deepEqual(await refusal(answer), expected, what);
    const own = (await alice.ok("GET", "/pushrules/")).global;
    assert.deepEqual([own.content, own.override.length], [[], 10]);
  }));

test("changes at the same time are all kept", () =>
  inWorld(async (_world, alice) => {
    const names = ["a", "b", "c", "d"];
    await Promise.all(names.map(name => put(alice, "sender", name)));
    assert.deepEqual([...ids((await alice.ok("GET", `${RULES}`)).sender)].sort(), names);
  }));
