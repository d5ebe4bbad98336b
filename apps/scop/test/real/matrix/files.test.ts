import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type MatrixUser, startTwoServers, synapseMissing, type TwoServers } from "./servers.ts";

/** Many pieces, and more than either side reads at once. */
const OCTETS = 5_000_000;

describe("files with a current Synapse", { skip: synapseMissing() }, () => {
  let two: TwoServers;
  let alice: MatrixUser;
  let carol: MatrixUser;
  before(async () => {
    two = await startTwoServers();
    alice = await two.scop.user("alice");
    carol = await two.synapse.user("carol");
  });
  after(() => two.close());

  const goes = async (from: MatrixUser, to: MatrixUser): Promise<void> => {
    for (const file of [Buffer.from("--b\r\n"), Buffer.alloc(1), randomBytes(OCTETS)]) {
      const found = await to.download(await from.upload("image/png", file));
      assert.ok(typeof found !== "number", `status ${found}`);
      assert.equal(found[0], "image/png");
      assert.ok(found[1].equals(file), `${found[1].length} octets`);
    }
  };

  it("Synapse gives out files of ours", () => goes(alice, carol));
  it("we give out files of Synapse", () => goes(carol, alice));
  it("what is not there is said so by both", async () => {
    assert.equal(await alice.download(`mxc://${two.synapse.name}/none`), 404);
    assert.equal(await carol.download(`mxc://${two.scop.name}/none`), 404);
  });
});
