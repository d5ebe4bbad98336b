import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parseResolver } from "@scop/dns";
import { listen, nodePlatform, secureContext } from "@scop/node-host";
import type { Connection, IpText } from "@scop/platform";
import { type Around, startAround } from "../../../../../packages/unikernel-host/test/conformance/around.ts";
import { conform } from "../../../../../packages/unikernel-host/test/conformance/run.ts";
import { freePorts } from "../../../crash/server-process.ts";
import { withBootFile } from "../../../src/image/boot-file.ts";
import { buildImage } from "../../../src/image/build.ts";
import { qemuArguments } from "../../../src/image/run.ts";
import { serveZone, txt } from "../../zone-server.ts";
import { missing } from "../program.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { runOnward, whyNot } from "./machine.ts";

/** Fails with the lines of the checks that failed, and where not all were run. */
function assertAllOk(lines: readonly string[]): void {
  const planned = Number(/^1\.\.(\d+)$/.exec(lines.find(line => line.startsWith("1..")) ?? "")?.[1]);
  assert.deepEqual(
    lines.filter(line => line.startsWith("not ok") || line.startsWith("#")),
    [],
  );
  assert.equal(lines.filter(line => line.startsWith("ok ")).length, planned, lines.join("\n"));
}

/** The same checks on both hosts, with the same servers around. */
describe("what is promised of a host", { timeout: 420_000, skip: missing("openssl", "version", /SSL/) }, () => {
  const folder = mkdtempSync(join(tmpdir(), "scop-hosts-"));
  let certificates: Certificates;
  let around: Around;
  let zone: Awaited<ReturnType<typeof serveZone>>;
  before(async () => {
    certificates = makeCertificates(folder);
    mkdirSync(join(folder, "other"));
    const stranger = makeCertificates(join(folder, "other"));
    zone = await serveZone(new Map([["there.test", [txt("v=one"), txt("x".repeat(400))]]]));
    around = await startAround(certificates, stranger, certificates.authority, Number(zone.address.split(":")[1]));
  });
  after(() => {
    around?.close();
    zone?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("holds on Node", async () => {
    const [certificate, key, trust] = [certificates.certificate, certificates.key, certificates.authority].map(file =>
      readFileSync(file, "utf8"),
    );
    const io = nodePlatform({ trust: trust!, resolvers: [parseResolver(zone.address)!] });
    const accepted = Promise.withResolvers<Connection>();
    const over = Promise.withResolvers<void>();
    const context = secureContext({ certificate: certificate!, key: key! });
    const door = await listen({
      at: { host: "127.0.0.1", port: 0 },
      tls: () => context,
      connectionsMax: 4,
      accept: connection => {
        accepted.resolve(connection);
        return over.promise;
      },
      failed: error => assert.fail(String(error)),
    });
    around.callAt(door.port);
    const lines: string[] = [];
    const there = { address: "127.0.0.1" as IpText, nowMs: Date.now(), ports: around.ports };
    await conform(
      io,
      there,
      () => accepted.promise,
      line => lines.push(line),
    );
    over.resolve();
    await door.stop();
    assertAllOk(lines);
  });

  it("holds in a unikernel", { skip: whyNot() }, async () => {
    const image = join(folder, "conformance.elf");
    await buildImage("conformance", image, { probes: "no" });
    const { smtp: callPort } = await freePorts();
    around.callAt(callPort);
    const about = { ip: "10.0.2.15/24", gateway: "10.0.2.2", now: Date.now(), ...around.ports };
    const commandLine = Object.entries(about)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ");
    const forwards = [{ host: callPort, guest: 7000 }];
    const files = { certificate: certificates.certificate, key: certificates.key, trust: certificates.authority };
    await withBootFile(files, async bootFile => {
      const said = await runOnward(qemuArguments({ image, memoryMb: 32, forwards, bootFile, commandLine }));
      const lines = said.split(/\r?\n/);
      assertAllOk(lines);
      assert.equal(lines.at(-2), "stopped: all checks were run");
      const logged = lines.find(line => line.includes("a check of the log"));
      const { time, ...rest } = JSON.parse(logged ?? "{}");
      assert.equal(typeof time, "number");
      assert.deepEqual(rest, {
        level: "info",
        event: "a check of the log",
        text: 'a "word"\n',
        number: 1.5,
        truth: true,
      });
    });
  });
});
