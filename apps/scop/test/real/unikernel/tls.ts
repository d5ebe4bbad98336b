import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { receiveMail } from "@scop/node-host/mail";
import { freePorts } from "../../../crash/server-process.ts";
import { withBootFile } from "../../../src/image/boot-file.ts";
import { qemuArguments } from "../../../src/image/run.ts";
import { missing, runProgram } from "../program.ts";
import { assertSameBelowTrace, sampleMessage } from "../sample.ts";
import { arrivedAtBob, BOB, startTestServer, type TestServer } from "../server.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { converse, type Machine, memoryOf, runToEnd, startMachine } from "./machine.ts";

const MEMORY_MB = 32;

/** TLS at both sides of an image of the role `mx` that was built before. */
export function describeTls(image: () => string): void {
  describe("under TLS", { skip: missing("openssl", "version", /OpenSSL/) }, () => {
    const folder = mkdtempSync(join(tmpdir(), "scop-tls-"));
    let files: Certificates;
    let server: TestServer;
    let machine: Machine;
    let port: number;
    const start = (nextHop: number, ...more: readonly string[]): Promise<Machine> =>
      startMachine(
        "mx",
        ...["--image", image(), "--memory", String(MEMORY_MB), "--forward", `${port}:25`],
        ...["--next-hop", `127.0.0.1:${nextHop}`, ...more],
      );
    before(async () => {
      files = makeCertificates(folder);
      server = await startTestServer();
      port = (await freePorts()).smtp;
      machine = await start(server.ports.smtp, "--certificate", files.certificate, "--key", files.key);
    });
    after(async () => {
      await machine.stop();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    for (const [flag, version] of [
      ["-tls1_2", "TLSv1.2"],
      ["-tls1_3", "TLSv1.3"],
    ] as const) {
      it(`shows a certificate that OpenSSL believes, by ${version}`, async () => {
        const to = ["s_client", "-starttls", "smtp", "-connect", `127.0.0.1:${port}`, flag, "-brief"];
        const belief = ["-CAfile", files.authority, "-verify_return_error", "-verify_hostname", "mx.scop.test"];
        const { text, status } = await runProgram("openssl", ...to, ...belief);
        assert.equal(status, 0, text);
        assert.match(text, new RegExp(`Protocol version: ${version}`));
        assert.match(text, /Verification: OK/);
      });
    }

    it("hands a message on, both ways under TLS, with every byte below the trace fields unchanged", async t => {
      const why = missing("swaks", "--version", /swaks/);
      if (why !== false) return t.skip(why);
      const marker = "under-tls-through-the-image";
      const file = await server.file(`${marker}.eml`, sampleMessage(marker).subarray(0, -"\r\n".length));
      const words = ["--server", "127.0.0.1", "--port", String(port), "--helo", "client.outside.example", "-tls"];
      const end = await runProgram(
        "swaks",
        ...words,
        "--from",
        "eve@outside.example",
        "--to",
        BOB,
        "--data",
        `@${file}`,
      );
      assert.equal(end.status, 0, end.text);
      const stored = await arrivedAtBob(server, marker);
      assertSameBelowTrace(stored, sampleMessage(marker));
      const trace = stored.toString("latin1").split("\r\nSubject")[0] ?? "";
      assert.equal(trace.match(/^\ttls TLS_[A-Z0-9_]+/gm)?.length, 2, trace);
    });

    it("throws away what came behind STARTTLS in the clear", async () => {
      const said = await converse(port, ["EHLO a.example\r\n", "STARTTLS\r\nMAIL FROM:<>\r\n"]);
      assert.match(said, /^250[- ]STARTTLS\r$/m);
      assert.match(said, /\n421 4\.7\.0 [^\n]*\n$/);
      assert.doesNotMatch(said, /\n220 |Sender OK/);
    });

    it("goes on when a client says nonsense in place of a handshake", async () => {
      const said = await converse(port, ["EHLO a.example\r\n", "STARTTLS\r\n", "nonsense\r\n"]);
      assert.match(said, /\n220 /);
      assert.match(await converse(port, ["NOOP\r\n", "QUIT\r\n"]), /\n250 /);
    });

    it("holds nothing of its private key as it came, once it listens", async () => {
      await withBootFile({ certificate: files.certificate, key: files.key }, async bootFile => {
        const commandLine = "ip=10.0.2.15/24 gateway=10.0.2.2 hostname=mx.scop.test next-hop=10.0.2.2:2525";
        const words = qemuArguments({ image: image(), memoryMb: MEMORY_MB, forwards: [], bootFile, commandLine });
        const memory = await memoryOf(words, join(folder, "memory"), MEMORY_MB);
        const der = Buffer.from(readFileSync(files.certificate, "latin1").replace(/-----[^-]+-----|\s/g, ""), "base64");
        assert.ok(memory.includes(der), "the dump is one of this machine");
        const pem = readFileSync(files.key, "latin1");
        for (const line of pem.split("\n").filter(each => each.length === 64)) assert.ok(!memory.includes(line), line);
        const { p, q, d } = createPrivateKey(pem).export({ format: "jwk" });
        for (const secret of [p, q, d]) assert.ok(!memory.includes(Buffer.from(secret ?? "", "base64url")));
      });
    });

    for (const [what, options, reply] of [
      [
        "is issued by whom it believes",
        (all: Certificates) => ["--trust", all.authority, ...name("mx.scop.test")],
        /\n250 2/,
      ],
      ["has another name", (all: Certificates) => ["--trust", all.authority, ...name("mx.other.test")], /\n451 4/],
      ["is issued by somebody else", () => ["--trust", server.certificate, ...name("mx.scop.test")], /\n451 4/],
    ] as const) {
      it(`with next-hop-tls=require answers ${reply.source.slice(2, 5)} where the next hop's certificate ${what}`, async () => {
        const tls = { certificate: readFileSync(files.certificate, "utf8"), key: readFileSync(files.key, "utf8") };
        const hop = await receiveMail({ hostname: "hop.test", port: 0, tls, onMessage: async () => undefined });
        const own = await freePorts();
        const strict = await startMachine(
          "mx",
          ...["--image", image(), "--forward", `${own.smtp}:25`, "--next-hop", `127.0.0.1:${hop.port}`],
          ...["--option", "next-hop-tls=require", ...options(files)],
        );
        try {
          const lines = ["EHLO a.example\r\n", "MAIL FROM:<>\r\n", `RCPT TO:<${BOB}>\r\n`, "DATA\r\n"];
          const said = await converse(own.smtp, [...lines, "a: b\r\n\r\nc\r\n.\r\n", "QUIT\r\n"]);
          assert.match(said.slice(said.indexOf("\n354")), reply);
        } finally {
          await strict.stop();
          await hop.close(0);
        }
      });
    }

    for (const [what, parts, says] of [
      [
        "a key of another certificate",
        () => ({ certificate: files.certificate, key: files.otherKey }),
        /^stopped: parts certificate and key: [^\n]*$/,
      ],
      [
        "a key that is none",
        () => ({ certificate: files.certificate, key: files.certificate }),
        /^stopped: part key: [^\n]*private key in PEM$/,
      ],
      [
        "a part that is unknown",
        () => ({ password: files.key }),
        /^stopped: part password: unknown, allowed are [^\n]*$/,
      ],
    ] as const) {
      it(`stops with one line: ${what}`, async () => {
        await withBootFile(parts(), async bootFile => {
          const commandLine = "ip=10.0.2.15/24 gateway=10.0.2.2 hostname=mx.scop.test next-hop=10.0.2.2:2525";
          const words = qemuArguments({ image: image(), memoryMb: MEMORY_MB, forwards: [], bootFile, commandLine });
          assert.match(runToEnd(words).trim(), says);
        });
      });
    }
  });
}

function name(text: string): readonly string[] {
  return ["--option", `next-hop-name=${text}`];
}
