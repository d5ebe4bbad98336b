import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const ASKER = fileURLToPath(new URL("resolv-conf-asker.ts", import.meta.url));

/** A file over `/etc/resolv.conf` for one process and its children needs a mount namespace of their own. */
const canMount = process.platform === "linux" && spawnSync("unshare", ["-m", "true"]).status === 0;
const skip = canMount ? false : "no mount namespace here (unshare -m, as root on Linux)";

const folder = mkdtempSync(join(tmpdir(), "scop-resolv-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("a process that runs follows /etc/resolv.conf when it changes", { skip, timeout: 60_000 }, async () => {
  const file = join(folder, "resolv.conf");
  writeFileSync(file, "nameserver 127.0.0.2\n");
  const script = `mount --bind "${file}" /etc/resolv.conf && exec "$0" --conditions=@scop/source "${ASKER}"`;
  const asker = spawn("unshare", ["-m", "sh", "-c", script, process.execPath], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: string[] = [];
  for await (const line of createInterface({ input: asker.stdout })) {
    if (said.at(-1) === line) continue;
    said.push(line);
    if (said.length === 1) writeFileSync(file, "# another network\nnameserver 127.0.0.3\n");
    if (said.length === 2) asker.kill();
  }
  assert.deepEqual(said, ["from 127.0.0.2", "from 127.0.0.3"]);
});
