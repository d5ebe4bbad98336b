import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { certificatePath, freePorts, startReady, stopServer } from "../crash/server-process.ts";
import { scopIn } from "./scop-lines.ts";

const folder = await mkdtemp(join(tmpdir(), "scop-federation-"));
after(() => rm(folder, { recursive: true, force: true }));

test("the port for other servers opens where it is asked for, and says who we are", async () => {
  const data = join(folder, "open");
  const [ports, { smtp: federation }] = [await freePorts(), await freePorts()];
  const server = await startReady({ data, ports, options: ["--demo", "--federation", String(federation)] });
  assert.match(server.output(), new RegExp(`federation +127\\.0\\.0\\.1:${federation} .*scop\\.test`));
  const trust = await readFile(certificatePath(data), "utf8");
  const ask = async (path: string, method = "GET"): Promise<readonly [number, ReturnType<typeof JSON.parse>]> =>
    new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: federation, servername: "scop.test", path, method, ca: trust };
      const sent = request(options, async response => {
        const text = (await response.setEncoding("utf8").toArray()).join("");
        resolve([response.statusCode ?? 0, JSON.parse(text)]);
      });
      sent.on("error", reject).end();
    });
  const [status, keys] = await ask("/_matrix/key/v2/server");
  assert.deepEqual([status, keys.server_name, Object.keys(keys.verify_keys).length], [200, "scop.test", 1]);
  assert.deepEqual(await ask("/.well-known/matrix/server"), [200, { "m.server": `mail.scop.test:${federation}` }]);
  const [unsigned, { errcode }] = await ask("/_matrix/federation/v1/query/profile?user_id=@alice:scop.test");
  assert.deepEqual([unsigned, errcode], [401, "M_UNAUTHORIZED"]);
  for (const path of ["/_matrix/client/versions", "/health", "/metrics", "/", "/_matrix/client/v3/login"]) {
    const [refused, answer] = await ask(path);
    assert.deepEqual([refused, answer.errcode], [404, "M_UNRECOGNIZED"], path);
  }
  assert.equal(await stopServer(server), true, server.output());
});

test("without the option there are no other servers", async () => {
  const server = await startReady({ data: join(folder, "closed"), ports: await freePorts() });
  assert.doesNotMatch(server.output(), /^ +federation/m);
  const answer = await fetch(`http://127.0.0.1:${server.ports.http}/_matrix/key/v2/server`);
  assert.deepEqual([answer.status, ((await answer.json()) as { errcode: string }).errcode], [404, "M_UNRECOGNIZED"]);
  assert.equal(await stopServer(server), true, server.output());
});

test("a port for other servers that is none, or is taken, is said with the option that moves it", async () => {
  const server = await startReady({ data: join(folder, "taken"), ports: await freePorts() });
  const flags = Object.keys(server.ports).map(name => `--${name} 0`);
  const [none, taken] = scopIn(folder)(
    "serve --demo --federation none",
    `serve --demo --data other ${flags.join(" ")} --federation ${server.ports.http}`,
  );
  assert.deepEqual([none?.status, taken?.status], [2, 1]);
  assert.match(none?.err ?? "", /--federation none: a port is a number/);
  assert.match(taken?.err ?? "", /--federation PORT/);
  assert.equal(await stopServer(server), true, server.output());
});
