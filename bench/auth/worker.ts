// Run as a program of its own: a peer and the folder of the inputs are its arguments, one task a line its input.
import { generateKeyPairSync, hash, sign, verify } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openKeyCache } from "@scop/dkim";
import { verifyDkim, wholeMessage } from "@scop/dkim/run";
import { nodePlatform } from "@scop/node-host";
import type { DnsAnswer } from "@scop/platform";
import type { AuthTask, AuthTaskResult } from "../auth.ts";

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

interface MailauthResult {
  readonly results: readonly { readonly status: { readonly result: string } }[];
}

function mailauth(): Verify {
  const require = createRequire(import.meta.url);
  const { dkimVerify } = require("mailauth/lib/dkim/verify");
  const resolver = async (name: string, type: string): Promise<readonly (readonly string[])[]> => {
    questions += 1;
    const text = type === "TXT" ? zone.get(name) : undefined;
    if (text === undefined) throw Object.assign(new Error("queryTxt ENOTFOUND"), { code: "ENOTFOUND" });
    return [[text]];
  };
  return async bytes => {
    const { results } = (await dkimVerify(bytes, { resolver })) as MailauthResult;
    return results[0]?.status.result ?? "none";
  };
}

/** What cannot be left out: one synchronous check of a signature, or, for a large body, its hash. */
function floor(input: string): Verify {
  if (input.includes("1m")) return async bytes => (hash("sha256", bytes, "buffer").length === 32 ? "pass" : "fail");
  const type = input.startsWith("rsa") ? "rsa" : "ed25519";
  const pair = type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
  const algorithm = type === "rsa" ? "sha256" : null;
  const signed = Buffer.alloc(type === "rsa" ? 700 : 32, 1);
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

async function run({ input, cpuMsMin }: AuthTask): Promise<AuthTaskResult> {
  const messages = inputs.get(input) ?? read(input);
  inputs.set(input, messages);
  const work = works.get(input) ?? (peer === "SCoP" ? scop() : peer === "mailauth" ? mailauth() : floor(input));
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
