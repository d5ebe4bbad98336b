import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { RoomEvent } from "@scop/matrix/event";
import { resolveState, type StateIds } from "@scop/matrix/state-res";
import { eventOf, keyOf, MemoryRoom, type PlainEvent, resolvedRoom, withEvent } from "./rooms.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = resolve(root, process.env["SCOP_SUITES"] ?? "../shared/suites", "matrix/state-res");
const skip = existsSync(folder) ? false : "the suite `matrix/state-res` is not there (SCOP_SUITES)";

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(join(folder, "fixtures", name), "utf8")) as T;
}

/** The events that a snapshot has, by id; what stands above the second line of dashes says how it was made. */
function snapshot(name: string): readonly string[] {
  const text = readFileSync(join(folder, "snapshots", `${name}@resolved_state.snap`), "utf8");
  const state = JSON.parse(text.split("---\n").slice(2).join("---\n")) as readonly PlainEvent[];
  return state.map(each => each.event_id).sort();
}

function idsOf(state: StateIds): readonly string[] {
  return [...state.values()].sort();
}

/** The state in which a graph ends, each event applied to what the states before it come to. */
function endOf(events: readonly RoomEvent[], version: string): StateIds {
  const store = new MemoryRoom(events);
  const room = resolvedRoom(version);
  const after = new Map<string, StateIds>();
  const ends = new Set<string>();
  for (const event of events) {
    for (const id of event.prevEvents) ends.delete(id);
    ends.add(event.eventId);
    const before = event.prevEvents.map(id => after.get(id)!);
    after.set(event.eventId, withEvent(before.length === 0 ? new Map() : resolveState(store, room, before), event));
  }
  return resolveState(
    store,
    room,
    [...ends].map(id => after.get(id)!),
  );
}

const PUBLIC = "bootstrap-public-chat";
const GRAPHS: readonly (readonly [snapshot: string, ...fixtures: string[]])[] = [
  ["minimal_private_chat", "bootstrap-private-chat"],
  ["minimal_public_chat", PUBLIC],
  ["ban_vs_power_levels", PUBLIC, "ban-vs-power-levels-alice", "ban-vs-power-levels-bob"],
  ["concurrent_joins", PUBLIC, "concurrent-joins-charlie", "concurrent-joins-ella"],
  ["join_rules_vs_join", PUBLIC, "join-rules-vs-join-common", "join-rules-vs-join-alice", "join-rules-vs-join-ella"],
  ["origin_server_ts_tiebreak", "bootstrap-private-chat", "origin-server-ts-tiebreak"],
  ["power_levels_admin_vs_mod", PUBLIC, "power-levels-admin-vs-mod-alice", "power-levels-admin-vs-mod-bob"],
  ["topic_vs_ban", PUBLIC, "topic-vs-ban-common", "topic-vs-ban-alice", "topic-vs-ban-bob"],
  ["topic_vs_power_levels", PUBLIC, "topic-vs-power-levels-alice", "topic-vs-power-levels-bob"],
];

const PROBLEMS: readonly (readonly [problem: string, version: string, algorithm: string, sets: readonly string[]])[] = [
  ["A", "11", "v2_0", ["state-bob", "state-charlie"]],
  ["A", "12", "v2_1", ["state-bob", "state-charlie"]],
  ["B", "11", "v2_0", ["state-eve", "state-zara"]],
  ["B", "12", "v2_1", ["state-eve", "state-zara"]],
];

describe("the suite of state resolution", { skip }, () => {
  for (const [name, ...fixtures] of GRAPHS) {
    it(name, () => {
      const events = fixtures
        .flatMap(each => fixture<readonly PlainEvent[]>(`${each}.json`))
        .map(each => eventOf(each));
      assert.deepEqual(idsOf(endOf(events, "10")), snapshot(name));
    });
  }

  for (const [problem, version, algorithm, files] of PROBLEMS) {
    it(`attack 9: CVE-2025-49090, problem ${problem} of MSC4297 in room version ${version}`, () => {
      const path = `MSC4297-problem-${problem}`;
      const roomId = version === "12" ? "!00-m-room-create" : "!room:example.com";
      const plain = fixture<readonly PlainEvent[]>(`${path}/pdus-v${version}.json`);
      const store = new MemoryRoom(plain.map(each => eventOf(each, roomId)));
      const stateOf = (ids: readonly string[]): StateIds =>
        new Map(ids.map(id => [keyOf(store.get(id)!.event), id] as const));
      const sets = files.map(each => stateOf(fixture<readonly string[]>(`${path}/${each}.json`)));
      const expected = snapshot(`msc4297_problem_${problem.toLowerCase()}_state_res_${algorithm}`);
      const room = resolvedRoom(version, roomId);
      assert.deepEqual(idsOf(resolveState(store, room, sets)), expected);
      assert.deepEqual(idsOf(resolveState(store, room, [...sets].reverse())), expected);
    });
  }
});
