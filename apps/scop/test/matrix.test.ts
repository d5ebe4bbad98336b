import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { freePorts, startReady, stopServer, withinMs } from "../crash/server-process.ts";
import { loginOf, matrixClient } from "./matrix-client.ts";
import { scopIn } from "./scop-lines.ts";

const folder = await mkdtemp(join(tmpdir(), "scop-matrix-"));
after(() => rm(folder, { recursive: true, force: true }));

test("a mail account is a user of Matrix, and a room outlives a server that is killed", async () => {
  const data = join(folder, "restart");
  const first = await startReady({ data, ports: await freePorts() });
  assert.match(first.output(), new RegExp(`Matrix +127\\.0\\.0\\.1:${first.ports.http} .*@name:scop\\.test`));
  const ask = matrixClient(first);
  assert.equal((await ask("POST", "/v3/login", undefined, { ...loginOf("alice"), password: "no" })).status, 403);
  const { body: alice } = await ask("POST", "/v3/login", undefined, loginOf("alice"));
  assert.equal(alice.well_known["m.homeserver"].base_url, `http://127.0.0.1:${first.ports.http}`);
  const token = alice.access_token;
  const { room_id: room } = (await ask("POST", "/v3/createRoom", token, { name: "Kept" })).body;
  const message = { msgtype: "m.text", body: "kept" };
  assert.equal((await ask("PUT", `/v3/rooms/${room}/send/m.room.message/1`, token, message)).status, 200);
  const [key] = await readdir(join(data, "matrix"));
  // What was answered is on the disk, however the server ends.
  first.kill("SIGKILL");
  await first.ended;

  const second = await startReady({ data, ports: await freePorts() });
  const again = matrixClient(second);
  const { body: messages } = await again("GET", `/v3/rooms/${room}/messages?dir=b&limit=1`, token);
  assert.deepEqual(messages.chunk[0].content, message);
  assert.deepEqual(await readdir(join(data, "matrix")), [key]);
  assert.equal(await stopServer(second), true, second.output());
});

test("who waits for news does not keep the server from ending", async () => {
  const server = await startReady({ data: join(folder, "waiting"), ports: await freePorts() });
  const ask = matrixClient(server);
  const token = (await ask("POST", "/v3/login", undefined, loginOf("bob"))).body.access_token;
  const since = (await ask("GET", "/v3/sync", token)).body.next_batch;
  const waiting = ask("GET", `/v3/sync?since=${since}&timeout=60000`, token).catch(() => undefined);
  await ask("GET", "/v3/account/whoami", token);
  server.kill("SIGTERM");
  assert.equal((await withinMs(server.ended, 5_000))?.code, 0, server.output());
  await waiting;
});

test("what is too large, unknown or malformed is answered as clients expect it", async () => {
  const server = await startReady({ data: join(folder, "faults"), ports: await freePorts() });
  const ask = matrixClient(server);
  const large = await ask("POST", "/v3/login", undefined, { type: "x".repeat(1_100_000) });
  assert.deepEqual([large.status, large.body.errcode, large.cors], [413, "M_TOO_LARGE", "*"]);
  const unknown = await ask("GET", "/v3/nothing");
  assert.deepEqual([unknown.status, unknown.body.errcode, unknown.cors], [404, "M_UNRECOGNIZED", "*"]);
  const wellKnown = await fetch(`http://127.0.0.1:${server.ports.http}/.well-known/matrix/client`);
  assert.deepEqual(await wellKnown.json(), {
    "m.homeserver": { base_url: `http://127.0.0.1:${server.ports.http}` },
  });
  assert.equal(await stopServer(server), true, server.output());
});

const outside = Object.values(networkInterfaces())
  .flatMap(each => each ?? [])
  .find(each => each.family === "IPv4" && !each.internal)?.address;

test("without TLS nobody is let in but who is on this machine", {
  skip: outside === undefined ? "the machine has no address but loopback" : false,
}, async () => {
  const data = join(folder, "outside");
  assert.equal(scopIn(folder)(`domain add scop.test --data ${data}`)[0]?.status, 0);
  const server = await startReady({ data, ports: await freePorts(), options: ["--host", "0.0.0.0"] });
  const at = async (host: string): Promise<number> =>
    (await fetch(`http://${host}:${server.ports.http}/_matrix/client/versions`)).status;
  assert.deepEqual([await at("127.0.0.1"), await at(outside!)], [200, 403]);
  assert.equal(await stopServer(server), true, server.output());
});
