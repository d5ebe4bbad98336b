import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSender, type MailSender } from "@scop/node-host/mail";
import { selfSigned } from "@scop/node-host/self-signed";
import type { KeyType } from "@scop/platform";
import { latin1, latin1Bytes } from "@scop/wire";
import { type BenchKey, makeBenchKeys, writeKey, writeMessages } from "../../../../bench/auth/messages.ts";
import { commandOf, signCommandOf } from "../../../../bench/auth/peers.ts";
import type { AuthTask, AuthTaskResult } from "../../../../bench/auth.ts";
import { startWorker } from "../../../../bench/worker-process.ts";
import { freePorts } from "../../crash/server-process.ts";
import { scopIn } from "../scop-lines.ts";
import { type DnsLab, labMissing, startDnsLab } from "./dns-lab.ts";
import { postfixMissing, type Sink, startPostfixRelay, startSink } from "./postfix-relay.ts";
import { sampleMessage } from "./sample.ts";
import { ALICE, arrivedAtBob, BOB, startTestServer, submitterTo, type TestServer } from "./server.ts";

const PEERS = ["OpenDKIM", "dkimpy"] as const;
const TYPES: readonly KeyType[] = ["rsa", "ed25519"];
const SIGNER = "signer.test";

const lacking = PEERS.map(peer => commandOf(peer, tmpdir())).find(command => typeof command === "string");
const skip = postfixMissing() || labMissing() || (typeof lacking === "string" ? lacking : false);

/** A record of a zone file, its text in strings as DNS has them. */
function zoneLine({ selector, record }: BenchKey): string {
  const strings = record.match(/.{1,200}/g)!.map(text => `"${text}"`);
  return `${selector}._domainkey IN TXT ${strings.join(" ")}`;
}

/** The message without the signatures of other algorithms: verifiers that look at one take the first that they like. */
function withOnly(type: KeyType, message: string): Uint8Array {
  const fields = message.slice(0, message.indexOf("\r\n\r\n") + 2).split(/(?<=\r\n)(?![ \t])/);
  const kept = fields.filter(field => !/^DKIM-Signature:/i.test(field) || field.includes(`a=${type}-sha256`));
  assert.equal(fields.length - kept.length, TYPES.length - 1, "a signature for each kind of key");
  return latin1Bytes(`${kept.join("")}${message.slice(message.indexOf("\r\n\r\n") + 2)}`);
}

describe("signatures on their way through Postfix", { skip }, () => {
  const keys = makeBenchKeys();
  let folder: string;
  let lab: DnsLab;
  let server: TestServer;
  let relay: { stop(): Promise<void> };
  let sink: Sink;
  let toRelay: MailSender;
  let toUs: MailSender;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "scop-dkim-postfix-"));
    await chmod(folder, 0o755);
    const records = [...keys.map(zoneLine), '_dmarc IN TXT "v=DMARC1; p=reject; psd=n"', "mx IN A 127.0.0.1"];
    const identity = await selfSigned({ names: ["dns.lab.test"], now: Date.now() });
    lab = await startDnsLab([{ origin: SIGNER, records, is: "signed" }], identity);
    sink = await startSink("mx.peer.test");
    const configuration = join(folder, "scop.config.mjs");
    writeFileSync(configuration, `export default { verify: { peers: "all" }, resolvers: ["${lab.resolver}"] };\n`);
    const { smtp: port } = await freePorts();
    const options = ["--demo", "--config", configuration, "--transport", `peer.test=127.0.0.1:${port}`];
    server = await startTestServer(() => [], options);
    relay = await startPostfixRelay(folder, `mx.${SIGNER}`, port, {
      "scop.test": server.ports.smtp,
      "peer.test": sink.port,
    });
    toRelay = createSender({ hostname: `mx.${SIGNER}`, via: { host: "127.0.0.1", port, tls: "never" } });
    toUs = await submitterTo(server);
  });
  after(async () => {
    await toRelay?.close();
    await toUs?.close();
    await relay?.stop();
    await sink?.close();
    await server?.stop();
    await lab?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("ours are verified by others, whichever key made them", async () => {
    const [dns] = scopIn(folder)(`dns scop.test --json --data ${join(server.folder, "data")}`);
    const published: { name: string; purpose: string; value: string }[] = JSON.parse(dns!.out).records;
    const zone = published.filter(({ purpose }) => purpose === "dkim").map(({ name, value }) => `${name}\t${value}\n`);
    assert.equal(zone.length, TYPES.length);
    writeFileSync(join(folder, "zone.txt"), zone.join(""));
    const arriving = sink.arrival("by-scop");
    const { failed } = await toUs.send({ from: ALICE, to: ["user@peer.test"], message: sampleMessage("by-scop") });
    assert.deepEqual(failed, []);
    const message = await arriving;
    assert.match(message, /^Received: [^\r]*\r\n\tby mx\.signer\.test \(Postfix\)/m);
    const last = message.lastIndexOf("From here");
    const changed = `${message.slice(0, last)}Form${message.slice(last + 4)}`;
    for (const type of TYPES) writeMessages(folder, type, [withOnly(type, message), withOnly(type, changed)]);
    for (const peer of PEERS) {
      const worker = startWorker<AuthTask, AuthTaskResult>(peer, commandOf(peer, folder) as readonly string[]);
      try {
        for (const type of TYPES) {
          const { words } = await worker.ask({ input: type, cpuMsMin: 0 });
          assert.equal(words[0], "pass", `${peer} verifies our ${type} signature`);
          assert.notEqual(words[1], "pass", `${peer} notices the change under our ${type} signature`);
        }
      } finally {
        worker.stop();
      }
    }
  });

  for (const peer of PEERS) {
    for (const type of TYPES) {
      it(`those of ${peer} by ${type} are verified by us`, async () => {
        const marker = `by-${peer}-${type}`;
        const key = keys.find(each => each.type === type)!;
        const input = latin1(sampleMessage(marker)).replaceAll("alice@scop.test", `eve@${SIGNER}`);
        const [program, ...args] = signCommandOf(peer, folder) as readonly string[];
        const about = [key.selector, SIGNER, writeKey(folder, peer, key), type, "relaxed", "relaxed"];
        const message = execFileSync(program!, [...args, ...about], { input });
        const { failed } = await toRelay.send({ from: `eve@${SIGNER}`, to: [BOB], message });
        assert.deepEqual(failed, []);
        const stored = latin1(await arrivedAtBob(server, marker));
        const [results = ""] = /^Authentication-Results: (?:[^\r]|\r\n[ \t])*/m.exec(stored) ?? [];
        assert.match(results, new RegExp(`dkim=pass[^;]*header\\.d=${SIGNER}[^;]*header\\.a=${type}-sha256`), stored);
        assert.match(results, new RegExp(`dmarc=pass[^;]*header\\.from=${SIGNER}`));
        assert.match(stored, /^Received: [^\r]*\r\n\tby mx\.signer\.test \(Postfix\)/m);
      });
    }
  }
});
