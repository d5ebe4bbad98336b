import assert from "node:assert/strict";
import { request } from "node:https";
import { after, before, describe, it } from "node:test";
import { type Json, type MatrixServer, startTwoServers, synapseMissing, type TwoServers } from "./servers.ts";

describe("a current Synapse and us, who each other is", { skip: synapseMissing() }, () => {
  let two: TwoServers;
  before(async () => {
    two = await startTwoServers();
  });
  after(() => two.close());

  /** Asks a server at its port for others, without a signature. */
  const asked = ({ name, federationPort }: MatrixServer, path: string): Promise<readonly [number, Json]> =>
    new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: federationPort, servername: name, path, ca: two.trust };
      const sent = request(options, async response => {
        const text = (await response.setEncoding("utf8").toArray()).join("");
        resolve([response.statusCode ?? 0, JSON.parse(text)]);
      });
      sent.on("error", reject).end();
    });

  it("Synapse fetches our keys and believes a request that we signed", async () => {
    const carol = await two.synapse.user("carol");
    const profile = `/v3/profile/${carol.id}`;
    await carol.ok("PUT", `${profile}/displayname`, { displayname: "Carol" });
    const alice = await two.scop.user("alice");
    const said = await alice.ok("GET", profile);
    assert.equal(said.displayname, "Carol", two.scop.output());
    assert.equal((await alice.ask("GET", `/v3/profile/@nobody:${two.synapse.name}`)).status, 404);
  });

  it("we fetch its keys and believe a request that it signed", async () => {
    const alice = await two.scop.user("alice");
    const profile = `/v3/profile/${alice.id}`;
    await alice.ok("PUT", `${profile}/displayname`, { displayname: "Alice" });
    const carol = await two.synapse.user("carol");
    assert.deepEqual(await carol.ok("GET", profile), { displayname: "Alice" });
    const [status, keys] = await asked(two.scop, `/_matrix/key/v2/query/${two.synapse.name}`);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(keys.server_keys[0].signatures).sort(), [two.scop.name, two.synapse.name]);
  });

  it("who does not sign learns keys and versions, and no more", async () => {
    for (const server of [two.scop, two.synapse]) {
      const [status, keys] = await asked(server, "/_matrix/key/v2/server");
      assert.deepEqual([status, keys.server_name], [200, server.name]);
      assert.equal((await asked(server, "/_matrix/federation/v1/version"))[0], 200);
      const query = "/_matrix/federation/v1/query/profile?user_id=@alice:scop.test";
      const [refused, { errcode }] = await asked(server, query);
      assert.deepEqual([refused, errcode], [401, "M_UNAUTHORIZED"], server.name);
    }
    assert.equal((await asked(two.scop, "/_matrix/client/versions"))[0], 404);
  });
});
