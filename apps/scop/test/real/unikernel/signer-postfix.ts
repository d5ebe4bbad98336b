import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { MailSender } from "@scop/node-host/mail";
import { latin1Bytes } from "@scop/wire";
import { writeMessages } from "../../../../../bench/auth/messages.ts";
import { commandOf } from "../../../../../bench/auth/peers.ts";
import type { AuthTask, AuthTaskResult } from "../../../../../bench/auth.ts";
import { startWorker } from "../../../../../bench/worker-process.ts";
import { freePorts } from "../../../crash/server-process.ts";
import { postfixMissing, type Sink, startPostfixRelay, startSink } from "../postfix-relay.ts";
import { sampleMessage } from "../sample.ts";
import { ALICE, startTestServer, submitterTo, type TestServer } from "../server.ts";
import { type Machine, startMachine } from "./machine.ts";

const USER = "user@peer.test";

/** Submission on Node, signed by the image, through Postfix, verified by OpenDKIM. */
export function describeSignedSubmission(image: () => string): void {
  const verifier = commandOf("OpenDKIM", tmpdir());
  const skip = postfixMissing() || (typeof verifier === "string" ? verifier : false);
  describe("what an account submits, with its key in the image", { skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), "scop-signed-"));
    const at = (name: string): string => join(folder, name);
    const key = generateKeyPairSync("rsa", { modulusLength: 2048 });
    let machine: Machine;
    let sink: Sink;
    let relay: { stop(): Promise<void> };
    let server: TestServer;
    let account: MailSender;
    before(async () => {
      chmodSync(folder, 0o755);
      writeFileSync(at("key.pem"), key.privateKey.export({ type: "pkcs8", format: "pem" }));
      writeFileSync(at("secret"), `${randomBytes(32).toString("hex")}\n`);
      const info = key.publicKey.export({ type: "spki", format: "der" }).toString("base64");
      writeFileSync(at("zone.txt"), `sealed._domainkey.scop.test\tv=DKIM1; k=rsa; p=${info}\n`);
      const [{ smtp: signerPort }, { smtp: relayPort }] = [await freePorts(), await freePorts()];
      const about = ["--option", "domain=scop.test", "--option", "selector=sealed", "--memory", "12"];
      const files = ["--key", at("key.pem"), "--secret", at("secret")];
      machine = await startMachine("signer", "--image", image(), "--forward", `${signerPort}:7465`, ...files, ...about);
      sink = await startSink("mx.peer.test");
      relay = await startPostfixRelay(folder, "mx.signer.test", relayPort, { "peer.test": sink.port });
      const signer = ["--signer", `scop.test=127.0.0.1:${signerPort}`, "--signer-secret", at("secret")];
      server = await startTestServer(
        () => [],
        ["--demo", ...signer, "--transport", `peer.test=127.0.0.1:${relayPort}`],
      );
      account = await submitterTo(server);
    });
    after(async () => {
      await account?.close();
      await server?.stop();
      await relay?.stop();
      await sink?.close();
      await machine?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it("is signed there, and OpenDKIM passes it behind Postfix", async () => {
      const arriving = sink.arrival("signed-by-the-image");
      const message = sampleMessage("signed-by-the-image");
      const { failed } = await account.send({ from: ALICE, to: [USER], message });
      assert.deepEqual(failed, []);
      const arrived = await arriving;
      assert.match(arrived, /^Received: [^\r]*\r\n\tby mx\.signer\.test \(Postfix\)/m);
      assert.deepEqual(arrived.match(/\bs=[a-z0-9-]+/g), ["s=sealed"], "no key of the server signed it");
      const changed = arrived.replace("From here on", "Form here on");
      writeMessages(folder, "rsa", [arrived, changed].map(latin1Bytes));
      const worker = startWorker<AuthTask, AuthTaskResult>(
        "OpenDKIM",
        commandOf("OpenDKIM", folder) as readonly string[],
      );
      try {
        const { words } = await worker.ask({ input: "rsa", cpuMsMin: 0 });
        assert.equal(words[0], "pass");
        assert.notEqual(words[1], "pass");
      } finally {
        worker.stop();
      }
    });

    it("is not taken while the image is away", async () => {
      assert.equal(await machine.stop(), 0, machine.console());
      const { failed } = await account.send({ from: ALICE, to: [USER], message: sampleMessage("unsigned") });
      assert.equal(failed.length, 1);
      assert.match(JSON.stringify(failed), /\b451\b/);
    });
  });
}
