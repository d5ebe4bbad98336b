// Run as a program of its own: a peer and the folder of the inputs are its arguments, one task a line its input.
import { generateKeyPairSync, hash, sign, verify } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseReversePath } from "@scop/address";
import { openKeyCache } from "@scop/dkim";
import { verifyDkim, wholeMessage } from "@scop/dkim/run";
import { parseZone, zoneDns } from "@scop/dns/zone";
import { parseHeader } from "@scop/mime";
import { verifyMessage } from "@scop/mta/verify";
import { nodePlatform } from "@scop/node-host";
import type { Dns, DnsAnswer } from "@scop/platform";
import { parseIp } from "@scop/wire";
import type { AuthTask, AuthTaskResult } from "../auth.ts";
import { BOMB_ORIGIN, ORIGIN } from "./messages.ts";

const [peer, folder] = process.argv.slice(2);
const zone = new Map(
  readFileSync(join(folder!, "zone.txt"), "utf8")
    .trim()
    .split("\n")
    .map(line => line.split("\t") as [string, string]),
);
let questions = 0;

/** Verifies one message and gives the word of its first signature. */
type Verify = (bytes: Buffer) => Promise<string>;

function scop(): Verify {
  const platform = nodePlatform();
  const answers = new Map<string, DnsAnswer<string>>();
  for (const [name, text] of zone) answers.set(name, { found: "records", records: [text], authentic: false });
  const txt = async (name: string): Promise<DnsAnswer<string>> => {
    questions += 1;
    return answers.get(name) ?? { found: "no-name", authentic: false };
  };
  const io = { ...platform, dns: { ...platform.dns, txt } };
  const keys = openKeyCache(io.crypto);
  return async bytes => (await verifyDkim(io, wholeMessage(bytes), { keys }))[0]!.result;
}

/** From where the messages of an input come. */
function originOf(input: string): { readonly address: string; readonly helo: string; readonly sender: string } {
  return input === "whole-bomb" ? BOMB_ORIGIN : ORIGIN;
}

/** What our server does with a message of others: SPF, DKIM, ARC, DMARC and the name of the address. */
function scopWhole(input: string): Verify {
  const origin = originOf(input);
  const platform = nodePlatform();
  const read = parseZone(Object.fromEntries([...zone].map(([name, text]) => [name, { TXT: [text] }])));
  if (!read.ok) throw new Error(`${read.at}: ${read.expected}`);
  const answers = zoneDns(read.zone);
  const txt: Dns["txt"] = name => {
    questions += 1;
    return answers.txt(name);
  };
  const io = { ...platform, dns: { ...answers, txt } };
  const keys = openKeyCache(io.crypto);
  const path = parseReversePath(`<${origin.sender}>`);
  const address = parseIp(origin.address);
  if (!path.ok || !address.ok) throw new Error("the origin is malformed");
  const arrival = {
    address: address.value.text,
    helo: origin.helo,
    reversePath: path.value.path,
    receiver: "mx.example.org",
  };
  return async bytes => {
    const header = parseHeader(bytes);
    const verification = verifyMessage(io, keys, arrival, header);
    verification.feed(bytes.subarray(header.bodyOffset));
    const { spf, dkim, arc, dmarc } = await verification.end();
    return wholeWord([spf.result, dkim[0]?.result ?? "none", arc.result, dmarc.result]);
  };
}

/** `pass` where all are, or all that are not. */
function wholeWord(words: readonly string[]): string {
  return words.every(word => word === "pass") ? "pass" : words.join();
}

interface MailauthResult {
  readonly results: readonly { readonly status: { readonly result: string } }[];
}

type MailauthPart = { readonly status: { readonly result: string } };

interface MailauthWhole {
  readonly dkim: MailauthResult;
  readonly spf: MailauthPart;
  readonly arc: MailauthPart;
  readonly dmarc: MailauthPart;
}

function mailauth(input: string): Verify {
  const require = createRequire(import.meta.url);
  const { dkimVerify } = require("mailauth/lib/dkim/verify");
  const { authenticate } = require("mailauth");
  const resolver = async (name: string, type: string): Promise<readonly (readonly string[])[]> => {
    questions += 1;
    const text = type === "TXT" ? zone.get(name) : undefined;
    if (text === undefined) throw Object.assign(new Error("queryTxt ENOTFOUND"), { code: "ENOTFOUND" });
    return [[text]];
  };
  if (input.startsWith("whole")) {
    const { address: ip, helo, sender } = originOf(input);
    const options = { ip, helo, sender, mta: "mx.example.org", resolver, disableBimi: true };
    return async bytes => {
      const { spf, dkim, arc, dmarc } = (await authenticate(bytes, options)) as MailauthWhole;
      return wholeWord([spf, dkim.results[0], arc, dmarc].map(part => part?.status.result ?? "none"));
    };
  }
  return async bytes => {
    const { results } = (await dkimVerify(bytes, { resolver })) as MailauthResult;
    return results[0]?.status.result ?? "none";
  };
}

/** Octets of the body of a small message, and of a header that is signed. */
const BODY_OCTETS = 10_300;
const SIGNED_OCTETS = 700;

/**
 * What cannot be left out: one synchronous check of a signature; for a large body, its hash; for a whole verdict, the hash of the body and
 * three signatures, which are those of DKIM, of the ARC set and of its seal.
 */
function floor(input: string): Verify {
  if (input.startsWith("whole")) {
    const one = floor("rsa");
    const body = Buffer.alloc(BODY_OCTETS, 1);
    return async bytes => {
      hash("sha256", body, "buffer");
      return wholeWord([await one(bytes), await one(bytes), await one(bytes)]);
    };
  }
  if (input.includes("1m")) return async bytes => (hash("sha256", bytes, "buffer").length === 32 ? "pass" : "fail");
  const type = input.startsWith("rsa") ? "rsa" : "ed25519";
  const pair = type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
  const algorithm = type === "rsa" ? "sha256" : null;
  const signed = Buffer.alloc(type === "rsa" ? SIGNED_OCTETS : 32, 1);
  const signature = sign(algorithm, signed, pair.privateKey);
  return async () => (verify(algorithm, signed, pair.publicKey, signature) ? "pass" : "fail");
}

function read(input: string): readonly Buffer[] {
  const path = join(folder!, input);
  return readdirSync(path)
    .sort()
    .map(name => readFileSync(join(path, name)));
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const inputs = new Map<string, readonly Buffer[]>();
const works = new Map<string, Verify>();

function workOf(input: string): Verify {
  if (peer === "mailauth") return mailauth(input);
  if (peer !== "SCoP") return floor(input);
  return input.startsWith("whole") ? scopWhole(input) : scop();
}

async function run({ input, cpuMsMin }: AuthTask): Promise<AuthTaskResult> {
  const messages = inputs.get(input) ?? read(input);
  inputs.set(input, messages);
  const work = works.get(input) ?? workOf(input);
  works.set(input, work);
  const words: string[] = [];
  const start = cpuMs();
  questions = 0;
  let done = 0;
  do {
    for (const [index, bytes] of messages.entries()) words[index] = await work(bytes);
    done += messages.length;
  } while (cpuMs() - start < cpuMsMin);
  return { messages: done, cpuMs: cpuMs() - start, words, questions: questions / done };
}

for await (const line of createInterface(process.stdin)) {
  console.log(JSON.stringify(await run(JSON.parse(line) as AuthTask)));
}
