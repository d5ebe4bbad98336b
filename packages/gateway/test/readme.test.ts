import assert from "node:assert/strict";
import { test } from "node:test";
import { createGateway, membersChange, stateOf } from "../src/index.ts";
import { officeParts } from "./world.ts";

test("README example", async t => {
  const { io, store, homeserver, mta, options, team, until } = await officeParts(t);
  const gateway = createGateway({ io, store, homeserver, mta, options });
  await store.transaction({ changes: [membersChange(team, ["@alice:scop.test"])] });
  gateway.start();
  await until(async () => (await stateOf(store, { id: team })) !== undefined);
  const [asked] = await store.roomsOf("@alice:scop.test");
  assert.deepEqual([asked?.room, asked?.membership], [(await stateOf(store, { id: team }))?.room, "invite"]);
  await gateway.stop();
});
