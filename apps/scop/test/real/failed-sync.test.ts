import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ServerProcess, withinMs } from "../../crash/server-process.ts";
import { connectSmtp, isAccepted } from "../../crash/smtp-client.ts";
import { type FaultyServer, faultyServer, numberedMessage } from "./faults.ts";
import { BOB } from "./server.ts";

const PRELOAD = ["/usr/lib/fiu/fiu_run_preload.so", "/usr/lib/fiu/fiu_posix_preload.so"];
const END_MS_MAX = 5_000;
const SMALL_OCTETS = 10_000;
const LARGE_OCTETS = 1_000_000;
const isMissing = PRELOAD.every(existsSync) ? false : "libfiu is not installed (Debian packages fiu-utils and libfiu0)";

/** What fails, what size of message brings it about, and what of it the store does with it. */
const FAILURES: readonly (readonly [point: string, octets: number, what: string])[] = [
  ["posix/io/sync/*", SMALL_OCTETS, "the sync of a commit"],
  ["posix/io/sync/*", LARGE_OCTETS, "the sync of a large message"],
  ["posix/io/rw/pwrite", SMALL_OCTETS, "the write of a commit"],
];

describe("a disk that fails", { skip: isMissing }, () => {
  let server: FaultyServer;
  let running: ServerProcess | undefined;
  let taken = 0;
  before(async () => {
    server = await faultyServer();
  });
  after(async () => {
    running?.kill("SIGKILL");
    await running?.ended;
    await server.remove();
  });

  for (const [point, octets, what] of FAILURES) {
    it(`at ${what}: nothing is acknowledged, the process says so and ends, and the next one has what was`, async () => {
      const fifo = join(server.folder, "fiu");
      const failing = await server.start({ environment: { LD_PRELOAD: PRELOAD.join(":"), FIU_CTRL_FIFO: fifo } });
      running = failing;
      const client = await connectSmtp(server.ports.smtp);
      assert.match(await client.send([BOB], numberedMessage("before", octets)), /^250 /);
      taken += 1;
      const control = ["-f", fifo, "-c", `enable name=${point},failinfo=5`, String(failing.pid)];
      assert.equal(spawnSync("fiu-ctrl", control).status, 0);
      const answer = await client.send([BOB], numberedMessage("failed", octets)).catch(() => "closed");
      assert.ok(!isAccepted(answer), answer);
      const ending = await withinMs(failing.ended, END_MS_MAX);
      assert.equal(ending?.code, 1, failing.output());
      assert.match(failing.output(), /"event":"the disk failed; stopping"/);
      const next = await server.start();
      assert.ok([taken, taken + 1].includes(await server.messagesOfBob()), "what was acknowledged is there");
      taken = await server.messagesOfBob();
      assert.deepEqual(await server.stop(next), []);
    });
  }
});
