import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freePorts } from "../../../crash/server-process.ts";
import { buildImage, type Manifest } from "../../../src/image/build.ts";
import { BUILT, cargo } from "../../../src/image/cargo.ts";
import { ROOT } from "../../../src/image/roles.ts";
import { CPU, qemuArguments } from "../../../src/image/run.ts";
import { missing, runProgram } from "../program.ts";
import { assertSameBelowTrace, sampleMessage } from "../sample.ts";
import { arrivedAtBob, BOB, startTestServer, type TestServer } from "../server.ts";
import { converse, type Machine, runToEnd, startMachine, whyNot } from "./machine.ts";
import { describePressure } from "./pressed.ts";
import { describeSigner } from "./signer.ts";
import { describeTls } from "./tls.ts";
import { describeVerify } from "./verify.ts";

const MEMORY_MB = 32;
/** A build with nothing compiled yet takes a minute on two quick cores. */
const WITH_BUILD = { timeout: 420_000 };
const WRITABLE = 2;
const EXECUTABLE = 1;

/** Each row: what is wrong, the arguments of QEMU made of the right ones, and the line. */
const BAD_BOOTS: readonly (readonly [string, (words: readonly string[]) => readonly string[], RegExp])[] = [
  ["an option is missing", words => words, /^stopped: option ip: missing, allowed is ADDRESS\/PREFIX[^\n]*$/],
  ["an address is none", told("ip=10.0.2/24"), /^stopped: option ip: "10.0.2\/24", allowed is [^\n]*$/],
  ["an option is unknown", told("nextHop=1"), /^stopped: option nextHop: unknown, allowed are ip, [^\n]*$/],
  [
    "there is little memory",
    words => replaced(words, "32", "5"),
    /^stopped: memory: [^\n]* allowed are at least 2048$/,
  ],
  [
    "there is no chance",
    words =>
      replaced(
        words.filter(word => word !== "virtio-rng-device"),
        CPU,
        CPU.replace("+rdrand,", ""),
      ).filter((word, index, all) => word !== "-device" || all[index + 1]?.startsWith("-") === false),
    /^stopped: entropy: neither RDRAND nor virtio-rng [^\n]*$/,
  ],
];

describe("the image of the role mx", { ...WITH_BUILD, skip: whyNot() }, () => {
  const folder = mkdtempSync(join(tmpdir(), "scop-image-"));
  const image = join(folder, "mx.elf");
  let manifest: Manifest;
  before(async () => {
    manifest = await buildImage("mx", image, { probes: "no" });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is the same when it is built again, and its manifest says what is in it", WITH_BUILD, async () => {
    await cargo(["clean", "--release", "-p", "base"]);
    const build = (role: string, file: string): Promise<Manifest> =>
      buildImage(role, join(folder, file), { probes: "no" });
    // At once, they are not mixed up.
    const [again, signer] = await Promise.all([build("mx", "again.elf"), build("signer", "signer.elf")]);
    assert.equal(again.sha256, manifest.sha256);
    assert.ok(signer.crates.every(each => each.name !== "rustls") && signer.octets < manifest.octets);
    assert.ok(manifest.packages.some(each => each.name === "@scop/smtp"));
    const licences = new Map(manifest.crates.map(each => [each.name, each.licence]));
    assert.equal(licences.get("smoltcp"), "0BSD");
    assert.ok([...licences.values()].every(licence => licence !== ""));
  });

  it("holds no instruction that makes a system call", () => {
    const { stdout } = spawnSync("objdump", ["-d", image], { encoding: "latin1", maxBuffer: 1 << 28 });
    assert.match(stdout, /\thlt/, "it was disassembled");
    assert.deepEqual(stdout.match(/\t(?:syscall|sysenter|int +\$0x80).*/g) ?? [], []);
  });

  it("has no segment that is writable and executable", () => {
    const flags = segmentFlags(readFileSync(image));
    assert.ok(flags.length >= 3);
    assert.deepEqual(
      flags.filter(each => (each & WRITABLE) !== 0 && (each & EXECUTABLE) !== 0),
      [],
    );
  });

  it("has no parser of scripts, and names no folder of the machine that built it", () => {
    const octets = readFileSync(image);
    const tool = readFileSync(join(BUILT, "bytecode"));
    // What only the parser says: the compiler that made the bytecode has it.
    for (const words of ["missing formal parameter", "duplicate label name"]) {
      assert.ok(tool.includes(words));
      assert.ok(!octets.includes(words), words);
    }
    for (const folder of [ROOT, homedir()]) assert.ok(!octets.includes(folder), folder);
  });

  for (const [what, words, says] of BAD_BOOTS) {
    it(`stops with one line: ${what}`, () => {
      const said = runToEnd(
        words(qemuArguments({ image, memoryMb: MEMORY_MB, forwards: [], bootFile: undefined, commandLine: "" })),
      );
      assert.match(said.trim(), says);
    });
  }

  describeTls(() => image);
  describeVerify(() => image);
  describePressure(() => image);

  describe("between a sender and our server on Node", { skip: missing("swaks", "--version", /swaks/) }, () => {
    let server: TestServer;
    let machine: Machine;
    let port: number;
    before(async () => {
      server = await startTestServer();
      port = (await freePorts()).smtp;
      machine = await startMachine(
        "mx",
        ...["--image", image, "--memory", String(MEMORY_MB)],
        ...hop(port, server.ports.smtp),
      );
    });
    after(async () => {
      await machine.stop();
      await server.stop();
    });

    it("hands a message on with every byte below the trace fields unchanged", async () => {
      const marker = "through-the-image";
      const file = await server.file(`${marker}.eml`, sampleMessage(marker).subarray(0, -"\r\n".length));
      const where = ["--server", "127.0.0.1", "--port", String(port), "--helo", "client.outside.example"];
      const end = await runProgram(
        "swaks",
        ...where,
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
      assert.match(
        stored.toString("latin1"),
        /^Received: from client.outside.example .*\r\n\tby mx.scop.test with ESMTP/m,
      );
    });

    it("announces SIZE, and answers with what the next hop answered", async () => {
      const said = await converse(port, [...greeting("nobody@scop.test"), "a: b\r\n\r\nc\r\n.\r\n", "QUIT\r\n"]);
      assert.match(said, /^250-SIZE [0-9]+\r$/m);
      assert.match(said, /\n354 [^\n]*\n550 5\.1\.1 /);
    });
  });

  it("answers 421 to a source that has as many connections as it may", async () => {
    const ports = await freePorts();
    const machine = await startMachine(
      "mx",
      "--image",
      image,
      ...hop(ports.smtp, ports.imap),
      "--option",
      "per-source=1",
    );
    const first = connect(ports.smtp, "127.0.0.1");
    try {
      assert.match(String((await once(first, "data"))[0]), /^220 /);
      assert.match(await converse(ports.smtp, []), /^421 /);
    } finally {
      first.destroy();
      assert.equal(await machine.stop(), 0, machine.console());
    }
  });

  it("answers 452 4.3.1 beyond its budget and 451 without its next hop, and goes on", async () => {
    const ports = await freePorts();
    const options = ["--option", "budget-octets=50000", "--option", "message-octets=100000"];
    const machine = await startMachine("mx", "--image", image, ...hop(ports.smtp, ports.imap), ...options);
    const body = Buffer.from(`a: b\r\n\r\n${"0123456789\r\n".repeat(6000)}.\r\n`);
    const small = "a: b\r\n\r\nc\r\n.\r\n";
    try {
      const declared = await converse(ports.smtp, ["EHLO a.example\r\n", "MAIL FROM:<> SIZE=60000\r\n", "QUIT\r\n"]);
      assert.match(declared, /\n452 4\.3\.1 /);
      const sent = await converse(ports.smtp, [...greeting(BOB), body, "QUIT\r\n"]);
      assert.match(sent, /\n354 [^\n]*\n452 4\.3\.1 /);
      const after = await converse(ports.smtp, [...greeting(BOB), small, "QUIT\r\n"]);
      assert.match(after, /\n354 [^\n]*\n451 4\.4\.1 /);
    } finally {
      assert.equal(await machine.stop(), 0, machine.console());
    }
  });
});

function told(commandLine: string): (words: readonly string[]) => readonly string[] {
  return words => replaced(words, "", commandLine);
}

function replaced(words: readonly string[], old: string, by: string): readonly string[] {
  assert.ok(words.includes(old));
  return words.map(word => (word === old ? by : word));
}

function hop(port: number, nextHop: number): readonly string[] {
  return ["--forward", `${port}:25`, "--next-hop", `127.0.0.1:${nextHop}`];
}

function greeting(recipient: string): readonly string[] {
  return ["EHLO a.example\r\n", "MAIL FROM:<>\r\n", `RCPT TO:<${recipient}>\r\n`, "DATA\r\n"];
}

/** The flags of the segments that an ELF file of 64 bits loads. */
function segmentFlags(elf: Buffer): readonly number[] {
  const [at, octets, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)];
  const headers = Array.from({ length: count }, (_, index) => elf.subarray(at + index * octets));
  return headers.filter(each => each.readUInt32LE(0) === 1).map(each => each.readUInt32LE(4));
}

describe("an image that attacks itself", { ...WITH_BUILD, skip: whyNot() }, () => {
  const folder = mkdtempSync(join(tmpdir(), "scop-probes-"));
  const image = join(folder, "probes.elf");
  before(() => buildImage("signer", image, { probes: "yes" }));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const attack = (name: string): string =>
    runToEnd(
      qemuArguments({ image, memoryMb: MEMORY_MB, forwards: [], bootFile: undefined, commandLine: `probe=${name}` }),
    );

  it("goes on without an attack", () => assert.match(attack("none"), /^probe: none\r?\nprobe: went on\r?$/m));

  for (const [name, record] of [
    ["write-text", /^fault: page code=0x3 /m],
    ["write-rodata", /^fault: page code=0x3 /m],
    ["execute-heap", /^fault: page code=0x11 /m],
    ["null-page", /^fault: page code=0x2 [^\n]* address=0x10 /m],
    ["stack-guard", /^fault: page code=0x2 /m],
    ["heap-overrun", /^fault: panic: heap overrun at /m],
    ["smashed-canary", /^fault: panic: smashed stack: /m],
  ] as const) {
    it(`is stopped with a record: ${name}`, () => {
      const said = attack(name);
      assert.match(said, record);
      assert.doesNotMatch(said, /went on/);
    });
  }
});

describeSigner();
