import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openKeyCache, type Signer } from "@scop/dkim";
import { signDkim, verifyDkim, wholeMessage } from "@scop/dkim/run";
import { nodePlatform } from "@scop/node-host";
import type { Dns, KeyType } from "@scop/platform";
import { remoteSigner, SignerFailed } from "@scop/unikernel-host";
import { concat, latin1Bytes } from "@scop/wire";
import { freePorts } from "../../../crash/server-process.ts";
import { withBootFile } from "../../../src/image/boot-file.ts";
import { buildImage } from "../../../src/image/build.ts";
import { qemuArguments } from "../../../src/image/run.ts";
import { type Machine, memoryOf, runToEnd, startMachine, whyNot } from "./machine.ts";
import { describeSignedSubmission } from "./signer-postfix.ts";

const OCTETS_MAX = 1.75 * 1_048_576;
const MEMORY_MB = 12;
const DOMAIN = "scop.test";
const SELECTOR = "sealed";
const MESSAGE = latin1Bytes("From: alice@scop.test\r\nSubject: signed elsewhere\r\n\r\nhello\r\n");
const HEADER = latin1Bytes(`from:a\r\ndkim-signature:v=1; d=${DOMAIN}; s=${SELECTOR}; b=`);
const NOTHING = new Uint8Array(32);

/** An image of the role `signer`, which is built here. */
export function describeSigner(): void {
  describe("the image of the role signer", { timeout: 420_000, skip: whyNot() }, () => {
    const folder = mkdtempSync(join(tmpdir(), "scop-signer-"));
    const image = join(folder, "signer.elf");
    const at = (name: string): string => join(folder, name);
    const secret = latin1Bytes(randomBytes(32).toString("hex"));
    const keys = {
      rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
      ed25519: generateKeyPairSync("ed25519"),
    };
    before(async () => {
      await buildImage("signer", image, { probes: "no" });
      writeFileSync(at("secret"), secret);
      for (const type of ["rsa", "ed25519"] as const)
        writeFileSync(at(type), keys[type].privateKey.export({ type: "pkcs8", format: "pem" }));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    const start = async (key: string, ...options: readonly string[]): Promise<{ machine: Machine; port: number }> => {
      const port = (await freePorts()).smtp;
      const about = ["--option", `domain=${DOMAIN}`, "--option", `selector=${SELECTOR}`, ...options];
      const files = ["--key", at(key), "--secret", at("secret"), "--memory", String(MEMORY_MB)];
      const machine = await startMachine("signer", "--image", image, "--forward", `${port}:7465`, ...files, ...about);
      return { machine, port };
    };
    const signerAt = (port: number, known: Uint8Array): Signer =>
      remoteSigner(nodePlatform({}), { address: "127.0.0.1", port, secret: known });

    it(`is at most ${OCTETS_MAX} octets`, () => assert.ok(statSync(image).size <= OCTETS_MAX));

    for (const type of ["rsa", "ed25519"] as const satisfies readonly KeyType[]) {
      it(`signs by ${type} in ${MEMORY_MB} MB, and our verifier passes it`, async () => {
        const { machine, port } = await start(type);
        try {
          const io = {
            ...nodePlatform({}),
            dns: zone(recordOf(type, keys[type].publicKey.export({ type: "spki", format: "der" }))),
          };
          const field = await signDkim(io, signerAt(port, secret), wholeMessage(MESSAGE), DOMAIN);
          assert.match(field, /^DKIM-Signature:/);
          const verdicts = await verifyDkim(io, wholeMessage(concat([latin1Bytes(field), MESSAGE])), {
            keys: openKeyCache(io.crypto),
          });
          assert.deepEqual(
            verdicts.map(each => each.result),
            ["pass"],
          );
          assert.equal(await signDkim(io, signerAt(port, secret), wholeMessage(MESSAGE), "other.test"), "");
        } finally {
          await machine.stop();
        }
      });
    }

    describeSignedSubmission(() => image);

    it("signs nothing for others, nothing but headers, and says when it is asked too often", async () => {
      const { machine, port } = await start("ed25519", "--option", "rate-per-minute=2");
      const signer = signerAt(port, secret);
      const sign = (octets: Uint8Array, domain = DOMAIN): Promise<Uint8Array> =>
        signer.sign(domain, SELECTOR, NOTHING, octets);
      const fails = (promise: Promise<unknown>, says: RegExp): Promise<void> =>
        assert.rejects(promise, error => error instanceof SignerFailed && says.test(error.message));
      try {
        await fails(signerAt(port, latin1Bytes("x".repeat(32))).keys(DOMAIN), /it may know another secret/);
        await fails(sign(HEADER, "other.test"), /refused: no-key/);
        await fails(sign(latin1Bytes("I owe you\r\n")), /refused: not-a-header/);
        await fails(
          sign(latin1Bytes(`from:a\r\ndkim-signature:d=other.test; s=${SELECTOR}; b=`)),
          /refused: not-a-header/,
        );
        assert.equal((await sign(HEADER)).length, 64);
        assert.equal((await sign(HEADER)).length, 64);
        await fails(sign(HEADER), /refused: rate/);
        assert.match(machine.console(), /"level":"warn"[^\n]*did not prove itself/);
        assert.match(machine.console(), /"level":"error"[^\n]*more signatures are asked for/);
      } finally {
        await machine.stop();
      }
    });

    it("lets go of who says nonsense, and goes on", async () => {
      const { machine, port } = await start("ed25519");
      const converse = async (said: Uint8Array): Promise<number> => {
        const socket = connect(port, "127.0.0.1");
        let heard = 0;
        socket.on("data", bytes => {
          heard += bytes.length;
        });
        socket.on("error", () => undefined);
        socket.write(said);
        await once(socket, "close");
        return heard;
      };
      try {
        const greeting = "scop-sign 1\n".length + 32;
        assert.equal(await converse(concat([Uint8Array.of(0xff, 0xff, 0xff, 0xff), NOTHING])), greeting);
        assert.equal(await converse(concat([Uint8Array.of(0, 0, 0, 1, 1), NOTHING])), greeting);
        assert.equal((await signerAt(port, secret).keys(DOMAIN)).length, 1);
      } finally {
        await machine.stop();
      }
    });

    it("holds neither its key nor the secret as they came, once it listens", async () => {
      await withBootFile({ key: at("rsa"), secret: at("secret") }, async bootFile => {
        const commandLine = `ip=10.0.2.15/24 gateway=10.0.2.2 domain=${DOMAIN} selector=${SELECTOR}`;
        const words = qemuArguments({ image, memoryMb: MEMORY_MB, forwards: [], bootFile, commandLine });
        const memory = await memoryOf(words, at("memory"), MEMORY_MB);
        assert.ok(memory.includes(`selector=${SELECTOR}`), "the dump is one of this machine");
        assert.ok(!memory.includes(Buffer.from(secret)));
        const { p, q, d } = keys.rsa.privateKey.export({ format: "jwk" });
        for (const part of [p, q, d]) assert.ok(!memory.includes(Buffer.from(part ?? "", "base64url")));
      });
    });

    for (const [what, parts, says] of [
      ["no secret", { key: "rsa" }, /^stopped: part secret: missing, [^\n]*$/],
      [
        "a secret of a few octets",
        { key: "rsa", secret: "short" },
        /^stopped: part secret: allowed are 32 octets or more$/,
      ],
      [
        "a key that is none",
        { key: "secret", secret: "secret" },
        /^stopped: part key: allowed is a private key in PEM[^\n]*$/,
      ],
    ] as const) {
      it(`stops with one line: ${what}`, async () => {
        writeFileSync(at("short"), "short");
        const files = Object.fromEntries(Object.entries(parts).map(([name, file]) => [name, at(file)]));
        await withBootFile(files, async bootFile => {
          const commandLine = `ip=10.0.2.15/24 gateway=10.0.2.2 domain=${DOMAIN} selector=${SELECTOR}`;
          assert.match(
            runToEnd(qemuArguments({ image, memoryMb: MEMORY_MB, forwards: [], bootFile, commandLine })).trim(),
            says,
          );
        });
      });
    }
  });
}

/** The record of a key, from its SubjectPublicKeyInfo. RFC 8463 4.2: of Ed25519 the 32 octets alone */
function recordOf(type: KeyType, info: Uint8Array): string {
  return `v=DKIM1; k=${type}; p=${Buffer.from(type === "rsa" ? info : info.slice(-32)).toString("base64")}`;
}

/** A zone with one key. */
function zone(record: string): Dns {
  const txt: Dns["txt"] = async name =>
    name === `${SELECTOR}._domainkey.${DOMAIN}`
      ? { found: "records", records: [record], authentic: false }
      : { found: "no-name", authentic: false };
  return { ...nodePlatform({}).dns, txt };
}
