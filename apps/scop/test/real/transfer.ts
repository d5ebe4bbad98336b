import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createSender, type DsnOptions, type MailSender, type SendReport } from "@scop/node-host/mail";
import { freePorts } from "../../crash/server-process.ts";
import { arrivedInMaildir } from "./maildir.ts";
import { assertSameBelowTrace, sampleMessage } from "./sample.ts";
import { ALICE, arrivedAt, BOB, startTestServer, submitterTo, type TestServer } from "./server.ts";

/** Where a peer is told to be, and what about. */
export interface PeerSetup {
  /** A folder of its own. */
  readonly folder: string;
  /** Its port, which nobody uses. */
  readonly port: number;
  /** Where mail for scop.test goes. */
  readonly scopPort: number;
  /** What it delivers to this Maildir: all mail for user@peer.test. */
  readonly maildir: string;
}

/** Another mail server, which takes mail for peer.test and relays for this machine. */
export interface TransferPeer {
  stop(): Promise<void>;
}

const USER = "user@peer.test";

/** Messages that are easy to damage on the way. */
const MESSAGES: readonly (readonly [what: string, marker: string, message: (marker: string) => Buffer])[] = [
  ["dots, long lines and folded fields", "plain", sampleMessage],
  ["8-bit text", "eight-bit", marker => Buffer.concat([sampleMessage(marker), Buffer.from("Grüße, 你好\r\n")])],
  [
    "a megabyte",
    "large",
    marker => Buffer.concat([sampleMessage(marker), Buffer.from(`${"y".repeat(78)}\r\n`.repeat(13_000))]),
  ],
];

/** Tests that mail goes both ways between us and a peer, byte for byte, and that both say so when it does not. A string is why it can't be started here. */
export function transferTests(
  name: string,
  skip: string | false,
  start: (setup: PeerSetup) => Promise<TransferPeer | string>,
): void {
  describe(name, { skip }, () => {
    let folder: string;
    let maildir: string;
    let server: TestServer;
    let peer: TransferPeer;
    let toPeer: MailSender;
    let toUs: MailSender;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "scop-peer-"));
      // Peers give up root's rights, and still have to come here
      await chmod(folder, 0o755);
      maildir = join(folder, "Maildir");
      await mkdir(maildir);
      await chmod(maildir, 0o777);
      const { smtp: port } = await freePorts();
      server = await startTestServer(() => [], ["--demo", "--transport", `peer.test=127.0.0.1:${port}`]);
      const started = await start({ folder, port, scopPort: server.ports.smtp, maildir });
      assert.ok(typeof started !== "string", String(started));
      peer = started;
      toPeer = createSender({ hostname: "client.example", via: { host: "127.0.0.1", port, tls: "never" } });
      toUs = await submitterTo(server);
    });
    after(async () => {
      await toPeer?.close();
      await toUs?.close();
      await peer?.stop();
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    for (const [what, marker, messageOf] of MESSAGES) {
      it(`sends us ${what}`, async () => {
        const message = messageOf(`in-${marker}`);
        assertDelivered(await toPeer.send({ from: "eve@peer.test", to: [BOB], message }));
        assertSameBelowTrace(await arrivedAt(server, BOB, `in-${marker}`), message);
      });

      it(`is sent ${what} by us`, async () => {
        const message = messageOf(`out-${marker}`);
        assertDelivered(await toUs.send({ from: ALICE, to: [USER], message }));
        assertSameBelowTrace(await arrivedInMaildir(maildir, `out-${marker}`), message);
      });
    }

    it("speaks TLS with us, both ways", async () => {
      assert.match((await arrivedAt(server, BOB, "in-plain")).toString("latin1"), /with ESMTPS id/);
      assert.match((await arrivedInMaildir(maildir, "out-plain")).toString("latin1"), /with ESMTPS|TLS/i);
    });

    it("gives our refusal back to its sender", async () => {
      const message = sampleMessage("in-unknown");
      assertDelivered(await toPeer.send({ from: ALICE, to: ["nobody@scop.test"], message }));
      const report = (await arrivedAt(server, ALICE, "in-unknown")).toString("latin1");
      assert.match(report, /550[- ]5\.1\.1/);
      assert.match(report, /^Content-Type: multipart\/report/im);
    });

    it("refuses an unknown recipient, and we report it", async () => {
      assertDelivered(
        await toUs.send({ from: ALICE, to: ["nobody@peer.test"], message: sampleMessage("out-unknown") }),
      );
      const report = (await arrivedAt(server, ALICE, "out-unknown")).toString("latin1");
      assert.match(report, /^Final-Recipient: rfc822; ?nobody@peer\.test/im);
      assert.match(report, /^Action: failed/im);
      assert.match(report, /^Status: 5\./im);
    });

    it("reports a success that we passed on, or we do where it does not know how", async () => {
      const dsn: DsnOptions = { notify: ["success"], envelopeId: "id-1" };
      assertDelivered(await toUs.send({ from: ALICE, to: [USER], message: sampleMessage("out-success"), dsn }));
      const report = (await arrivedAt(server, ALICE, "out-success")).toString("latin1");
      assert.match(report, /^Original-Envelope-Id: id-1/im);
      assert.match(report, /^Action: (?:delivered|relayed)/im);
    });
  });
}

function assertDelivered({ failed }: SendReport): void {
  assert.deepEqual(
    failed.map(({ text }) => text),
    [],
  );
}
