import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { dialPlain } from "../../crash/line-socket.ts";
import { freePorts, startReady, stopServer } from "../../crash/server-process.ts";
import { missing } from "./program.ts";

const ACTIVATE = fileURLToPath(new URL("python/activate.py", import.meta.url));

test("a listener takes the socket that a service manager opened for it", {
  skip: missing("python3", "--version", /Python 3/),
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "scop-activated-"));
  const [ports, others] = [await freePorts(), await freePorts()];
  const wrapper = ["/usr/bin/env", "python3", ACTIVATE, "smtp", String(others.smtp)];
  const server = await startReady({ data: join(folder, "data"), ports, wrapper });
  const activated = await dialPlain(others.smtp);
  assert.match(await activated.line(), /^220 /);
  activated.close();
  await assert.rejects(dialPlain(ports.smtp));
  assert.equal(await stopServer(server), true);
  await rm(folder, { recursive: true, force: true });
});
