import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { signDkim, wholeMessage } from "@scop/dkim/run";
import { nodePlatform } from "@scop/node-host";
import { pemSigner } from "@scop/node-host/dkim";
import { selfSigned } from "@scop/node-host/self-signed";
import type { KeyType } from "@scop/platform";
import { latin1, latin1Bytes } from "@scop/wire";
import { freePorts } from "../../../crash/server-process.ts";
import { type DnsLab, labMissing, startDnsLab } from "../dns-lab.ts";
import { missing, type ProgramEnd, runProgram } from "../program.ts";
import { assertSameBelowTrace, sampleMessage } from "../sample.ts";
import { ALICE, arrivedAtBob, BOB, startTestServer, type TestServer } from "../server.ts";
import { type Machine, startMachine } from "./machine.ts";

const FAR = "far.test";
/** Who connects through QEMU's network, as the machine sees it. */
const OUTSIDE = "10.0.2.2";
const TYPES: readonly KeyType[] = ["rsa", "ed25519"];
/** Notes of a key, with which no datagram holds it: it is asked for by TCP. RFC 7766 5 */
const NOTES = "n=".padEnd(1400, "x");

/** A record of a zone file: its text in strings. */
function textRecord(name: string, text: string): string {
  return `${name} IN TXT ${text
    .match(/.{1,200}/g)!
    .map(each => `"${each}"`)
    .join(" ")}`;
}

/** RFC 8463 4.2: of Ed25519 the 32 octets alone */
function keyRecord(type: KeyType, key: KeyObject): string {
  const info = key.export({ type: "spki", format: "der" });
  const octets = type === "rsa" ? info : info.subarray(-32);
  return textRecord(
    `${type}._domainkey`,
    `v=DKIM1; k=${type}; ${type === "rsa" ? `${NOTES}; ` : ""}p=${octets.toString("base64")}`,
  );
}

/** The image between a sender and our server, with a resolver of the laboratory. */
export function describeVerify(image: () => string): void {
  describe("what the image finds out about mail", {
    skip: missing("swaks", "--version", /swaks/) || labMissing(),
  }, () => {
    const keys = {
      rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
      ed25519: generateKeyPairSync("ed25519"),
    };
    let lab: DnsLab;
    let server: TestServer;
    let machine: Machine;
    let port: number;
    before(async () => {
      const records = [
        textRecord("@", `v=spf1 ip4:${OUTSIDE} -all`),
        textRecord("_dmarc", "v=DMARC1; p=reject; psd=n"),
        ...TYPES.map(type => keyRecord(type, keys[type].publicKey)),
      ];
      const others = [textRecord("@", "v=spf1 -all"), textRecord("_dmarc", "v=DMARC1; p=reject; psd=n")];
      const identity = await selfSigned({ names: ["dns.lab.test"], now: Date.now() });
      const zones = [
        { origin: FAR, records, is: "signed" },
        { origin: "strict.test", records: others, is: "unsigned" },
      ] as const;
      lab = await startDnsLab(zones, identity);
      server = await startTestServer();
      port = (await freePorts()).smtp;
      const hop = ["--forward", `${port}:25`, "--next-hop", `127.0.0.1:${server.ports.smtp}`];
      machine = await startMachine("mx", "--image", image(), ...hop, "--resolver", lab.resolver);
    });
    after(async () => {
      await machine?.stop();
      await server?.stop();
      await lab?.stop();
    });

    const messageFrom = (domain: string, marker: string): string =>
      latin1(sampleMessage(marker)).replaceAll(ALICE, `eve@${domain}`);
    const send = async (domain: string, marker: string, message: string): Promise<ProgramEnd> => {
      const file = await server.file(`${marker}.eml`, Buffer.from(message.slice(0, -"\r\n".length), "latin1"));
      const where = ["--server", "127.0.0.1", "--port", String(port), "--helo", `mail.${domain}`];
      return runProgram("swaks", ...where, "--from", `eve@${domain}`, "--to", BOB, "--data", `@${file}`);
    };
    const resultsIn = (stored: Buffer): string => {
      const [results = ""] = /^Authentication-Results: mx\.scop\.test;(?:[^\r]|\r\n[ \t])*/m.exec(latin1(stored)) ?? [];
      return results.replaceAll(/\s+/g, " ");
    };

    it("is written before a message that was signed by RSA and by Ed25519, and no other octet is changed", async () => {
      const plain = messageFrom(FAR, "judged-by-the-image");
      const fields = await Promise.all(
        TYPES.map(type => {
          const pem = keys[type].privateKey.export({ type: "pkcs8", format: "pem" }).toString();
          return signDkim(nodePlatform({}), pemSigner(pem, type), wholeMessage(latin1Bytes(plain)), FAR);
        }),
      );
      const message = fields.join("") + plain;
      const end = await send(FAR, "judged-by-the-image", message);
      assert.equal(end.status, 0, end.text);
      const stored = await arrivedAtBob(server, "judged-by-the-image");
      assertSameBelowTrace(stored, Buffer.from(message, "latin1"));
      const results = resultsIn(stored);
      assert.match(results, new RegExp(`spf=pass smtp.mailfrom=${FAR}`), results);
      for (const type of TYPES)
        assert.match(results, new RegExp(`dkim=pass[^;]*header.d=${FAR}[^;]*header.s=${type}`), results);
      assert.match(results, new RegExp(`dmarc=pass[^;]*header.from=${FAR}`), results);
    });

    it("says that a body was changed, and what that is worth", async () => {
      const pem = keys.rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
      const plain = messageFrom(FAR, "changed-on-the-way");
      const field = await signDkim(nodePlatform({}), pemSigner(pem, "rsa"), wholeMessage(latin1Bytes(plain)), FAR);
      const end = await send(FAR, "changed-on-the-way", field + plain.replace("Hello Bob", "Hello Rob"));
      assert.equal(end.status, 0, end.text);
      const results = resultsIn(await arrivedAtBob(server, "changed-on-the-way"));
      assert.match(results, /dkim=fail reason=/);
      assert.match(results, /dmarc=pass/, "SPF still answers for it");
    });

    it("refuses what nobody answers for, where its domain wants that", async () => {
      const end = await send("strict.test", "forged", messageFrom("strict.test", "forged"));
      assert.match(end.text, /550 5\.7\.26 .*strict\.test/);
    });
  });
}
