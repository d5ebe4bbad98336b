import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Pressed, startPressed } from "./pressure.ts";

const MEMORY_MB = 32;
const MESSAGES = 3;
const GOOD = Array.from({ length: MESSAGES }, () => "250 2.0.0 taken");

/** The image under attack, in a network where everybody else is this test. The large counts are those of `npm run pressure:unikernel`. */
export function describePressure(image: () => string): void {
  describe("under attack", { timeout: 60_000 }, () => {
    let machine: Pressed;
    before(async () => {
      machine = await startPressed(image(), MEMORY_MB);
    });
    after(() => machine?.stop());

    it("takes mail while handshakes are begun that nobody ends", async () => {
      await machine.flood(3000);
      assert.deepEqual(await machine.send(MESSAGES), GOOD, "from who comes after them");
      const [heard] = await Promise.all([machine.send(MESSAGES), machine.flood(3000)]);
      assert.deepEqual(heard, GOOD, "and from who is there before");
    });

    it("takes mail while others hold all connections and say nothing", async () => {
      await machine.slow(200);
      assert.deepEqual(await machine.send(MESSAGES), GOOD);
      assert.equal(machine.taken(), 3 * MESSAGES);
    });
  });
}
