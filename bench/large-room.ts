import { mkdirSync } from "node:fs";
import { jsonObject } from "@scop/matrix/json";
import { nodePlatform } from "@scop/node-host";
import { createAuthenticator, createLoginGuard, deriveVerifier } from "@scop/sasl";
import type { AccountId } from "@scop/store";
import { openSqliteStore } from "@scop/store/sqlite";
import { openMatrix } from "../apps/scop/src/server/matrix.ts";

/** Where a room is made, and how large. */
interface LargeRoom {
  /** The data folder of a server that does not run. */
  readonly data: string;
  readonly serverName: string;
  readonly members: number;
  readonly events: number;
  /** A number that ends its name. */
  readonly version: string;
}

/** Steps after which something is told. */
const TOLD_AFTER = 5_000;

/** Makes a server's data with one public room: so many members, all of that server, and so many events in all. Answers its id. */
export async function makeLargeRoom(plan: LargeRoom, tell: (step: string) => void): Promise<string> {
  const { data, serverName, members, events } = plan;
  mkdirSync(data, { recursive: true });
  const io = nodePlatform();
  const fatal = (error: Error): never => {
    throw error;
  };
  // It is made for a measurement, and made again if it is lost.
  const store = await openSqliteStore({ folder: data, now: Date.now, owner: "daemon", synchronous: "NORMAL", fatal });
  const verifier = await deriveVerifier(io, "nobody logs in");
  const address = `admin@${serverName}`;
  const account = { change: "add-account", address, verifier, mailboxes: [] } as const;
  await store.transaction({ changes: [{ change: "add-domain", domain: serverName }, account] });
  const admin = (await store.accountByAddress(address))!.id;
  const authenticators = createAuthenticator(io, async () => undefined, { guard: { guard: createLoginGuard(), io } });
  const matrix = openMatrix({
    io,
    store,
    data,
    domains: [serverName],
    authenticators,
    demo: false,
    baseUrl: () => "",
    federation: undefined,
    federationAt: () => undefined,
  });
  const homeserver = matrix.server;
  const who = (user: string): { account: AccountId; user: string; device: string } => ({
    account: admin,
    user: `@${user}:${serverName}`,
    device: "BENCH",
  });
  const made = await homeserver.perform(who("admin"), "createRoom", {
    body: jsonObject({ preset: "public_chat", room_version: plan.version, name: "Large" }),
  });
  const roomId = "room_id" in made ? String(made.room_id) : "";
  const body = jsonObject({ membership: "join" });
  for (let at = 1; at < members; at += 1) {
    const user = `member${at}`;
    const path = { roomId, eventType: "m.room.member", stateKey: `@${user}:${serverName}` };
    await homeserver.perform(who(user), "setRoomStateWithKey", { path, body });
    if (at % TOLD_AFTER === 0) tell(`${at} of ${members} members`);
  }
  for (let at = members; at < events; at += 1) {
    const path = { roomId, eventType: "m.room.message", txnId: String(at) };
    const said = jsonObject({ msgtype: "m.text", body: `message ${at}` });
    await homeserver.perform(who(`member${1 + (at % (members - 1))}`), "sendMessage", { path, body: said });
    if (at % TOLD_AFTER === 0) tell(`${at} of ${events} events`);
  }
  matrix.close();
  await store.close();
  return roomId;
}
