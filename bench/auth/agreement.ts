/**
 * Whether SCoP, mailauth, dkimpy and OpenDKIM come to the same verdict about generated messages, and whether SCoP
 * verifies what dkimpy and OpenDKIM sign, and they what it signs: `npm exec -- node bench/auth/agreement.ts --messages 2000`. The last line is the verdict; exit status 1
 * where somebody differs for no reason that is written down here.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { latin1Bytes } from "@scop/wire";
import type { AuthTask, AuthTaskResult } from "../auth.ts";
import { startWorker } from "../worker-process.ts";
import { arcAgreement } from "./arc-agreement.ts";
import { type AgreementCase, agreementCase } from "./cases.ts";
import {
  type BenchKey,
  DOMAIN,
  makeBenchKeys,
  header as ordinaryHeader,
  signed,
  text,
  writeKey,
  writeMessages,
  writeZone,
} from "./messages.ts";
import { commandOf, signCommandOf } from "./peers.ts";

const PEERS = ["mailauth", "dkimpy", "OpenDKIM"];
const { values } = parseArgs({
  options: { messages: { type: "string", default: "2000" }, signed: { type: "string", default: "16" } },
});

/** Why a peer may come to another verdict; every one was looked at. */
const REASONS: readonly { readonly peer: string; readonly about: RegExp; readonly why: string }[] = [
  {
    peer: "dkimpy",
    about: /, a second From$/,
    why: "it looks for a From that was not signed, which we name in `addedFields`",
  },
  {
    peer: "dkimpy",
    about: /, white space before the colon, /,
    why: "it reads no message with the obsolete form of a field (RFC 5322 4.5)",
  },
  {
    peer: "dkimpy",
    about: /\/relaxed, .*body "(?:text| {3})", /,
    why: "it keeps white space at the end of a last line without CRLF (RFC 6376 3.4.4)",
  },
  {
    peer: "OpenDKIM",
    about: /\/relaxed, .*body "(?:text| {3})", /,
    why: "it verifies no relaxed body whose last line has no CRLF (RFC 6376 3.4.4)",
  },
];

/** Whether a word says that the domain answers for the message. Which word a failure has differs from one to the other. */
function passes(word: string): boolean {
  return word === "pass";
}

async function wordsOf(peer: string, folder: string, input: string): Promise<readonly string[] | string> {
  const command = commandOf(peer, folder);
  if (typeof command === "string") return command;
  const worker = startWorker<AuthTask, AuthTaskResult>(peer, command);
  try {
    return (await worker.ask({ input, cpuMsMin: 0 })).words;
  } finally {
    worker.stop();
  }
}

/** Compares one peer with us and prints what differs. Answers how many differ for no reason. */
function compare(
  peer: string,
  cases: readonly AgreementCase[],
  ours: readonly string[],
  theirs: readonly string[],
): number {
  const reasons = new Map<string, number>();
  let unexplained = 0;
  for (const [index, { about }] of cases.entries()) {
    if (passes(ours[index]!) === passes(theirs[index]!)) continue;
    const why = REASONS.find(reason => reason.peer === peer && reason.about.test(about))?.why;
    if (why !== undefined) reasons.set(why, (reasons.get(why) ?? 0) + 1);
    else {
      unexplained += 1;
      if (unexplained <= 60) console.log(`  ${about}: we say ${ours[index]}, ${peer} says ${theirs[index]}`);
    }
  }
  const explained = [...reasons].map(([why, count]) => `; ${count} otherwise, because ${why}`);
  const agreed = cases.length - unexplained - [...reasons.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${peer}: ${agreed} of ${cases.length} agree${explained.join("")}; ${unexplained} unexplained`);
  return unexplained;
}

async function agreement(folder: string, keys: readonly BenchKey[], messages: number): Promise<number> {
  const cases: AgreementCase[] = [];
  for (let number = 0; number < messages; number += 1) cases.push(await agreementCase(number, keys));
  writeMessages(
    folder,
    "cases",
    cases.map(each => each.bytes),
  );
  const ours = await wordsOf("SCoP", folder, "cases");
  if (typeof ours === "string") throw new Error(ours);
  console.log(`SCoP: ${ours.filter(passes).length} of ${messages} pass`);
  let unexplained = 0;
  for (const [index, { about }] of cases.entries()) {
    if (!about.endsWith(", nothing") || passes(ours[index]!)) continue;
    unexplained += 1;
    console.log(`  ${about}: nothing was changed, and we say ${ours[index]}`);
  }
  for (const peer of PEERS) {
    const theirs = await wordsOf(peer, folder, "cases");
    if (typeof theirs === "string") console.log(`not compared: ${peer} (${theirs})`);
    else unexplained += compare(peer, cases, ours, theirs);
  }
  return unexplained;
}

/** Why nobody verifies some of what a peer signs; every one was looked at. */
const UNSOUND: readonly { readonly peer: string; readonly about: RegExp; readonly why: string }[] = [
  {
    peer: "OpenDKIM",
    about: /^ed25519 simple\//,
    // What it hashed was kept and compared with what it wrote.
    why: "it hashes `b=` on the line before and sends it folded, which simple header fields do not allow (RFC 6376 3.4.1)",
  },
];

/** A message to sign, and how. */
interface ToSign {
  readonly about: string;
  readonly key: BenchKey;
  readonly header: "simple" | "relaxed";
  readonly body: "simple" | "relaxed";
  readonly input: string;
}

/** Both kinds of keys, both canonicalizations of header and body, with and without text. */
function toSign(number: number, keys: readonly BenchKey[]): ToSign {
  const key = keys[number % 2]!;
  const header = number & 2 ? "simple" : "relaxed";
  const body = number & 4 ? "simple" : "relaxed";
  const input = `${ordinaryHeader(number)}${number & 8 ? "" : text(500, number)} \t x  y \r\n\r\n`;
  return { about: `${key.type} ${header}/${body}`, key, header, body, input };
}

/** Signs messages by a peer. */
function signedBy(command: readonly string[], folder: string, peer: string, all: readonly ToSign[]): readonly Buffer[] {
  const [program, ...args] = command;
  return all.map(({ key, header, body, input }) => {
    const file = writeKey(folder, peer, key);
    return execFileSync(program!, [...args, key.selector, DOMAIN, file, key.type, header, body], { input });
  });
}

/** Whether we verify what others sign, and others what we sign. Answers how often not, for no reason. */
async function interoperation(folder: string, keys: readonly BenchKey[], count: number): Promise<number> {
  const all = Array.from({ length: count }, (_, number) => toSign(number, keys));
  const ours: Uint8Array[] = [];
  for (const { key, header, body, input } of all)
    ours.push(await signed(key, latin1Bytes(input), { canonicalization: { header, body } }));
  writeMessages(folder, "by-SCoP", ours);
  let failed = 0;
  for (const peer of ["dkimpy", "OpenDKIM"] as const) {
    const command = signCommandOf(peer, folder);
    if (typeof command === "string") {
      console.log(`not compared: what ${peer} signs (${command})`);
      continue;
    }
    writeMessages(folder, `by-${peer}`, signedBy(command, folder, peer, all));
    failed += judged(`we sign: ${peer} verifies`, "SCoP", all, await wordsOf(peer, folder, "by-SCoP"));
    failed += judged(`${peer} signs: we verify`, peer, all, await wordsOf("SCoP", folder, `by-${peer}`));
    failed += judged(`${peer} signs: it verifies itself`, peer, all, await wordsOf(peer, folder, `by-${peer}`));
  }
  return failed;
}

/** Prints how many signatures pass. Answers how many do not, or do against what is written down here. */
function judged(title: string, signer: string, all: readonly ToSign[], words: readonly string[] | string): number {
  if (typeof words === "string") throw new Error(words);
  let unexplained = 0;
  const reasons = new Map<string, number>();
  for (const [index, { about }] of all.entries()) {
    const why = UNSOUND.find(each => each.peer === signer && each.about.test(about))?.why;
    if (passes(words[index]!) === (why === undefined)) {
      if (why !== undefined) reasons.set(why, (reasons.get(why) ?? 0) + 1);
      continue;
    }
    unexplained += 1;
    console.log(`  ${signer} signs ${about}: ${words[index]}`);
  }
  const explained = [...reasons].map(([why, number]) => `; ${number} not, because ${why}`);
  console.log(
    `${title} ${words.filter(passes).length} of ${all.length}${explained.join("")}; ${unexplained} unexplained`,
  );
  return unexplained;
}

const folder = mkdtempSync(join(tmpdir(), "scop-agreement-"));
try {
  const keys = makeBenchKeys();
  writeZone(folder, keys);
  const unexplained = await agreement(folder, keys, Number(values.messages));
  const failed = await interoperation(folder, keys, Number(values.signed));
  const chains = typeof commandOf("dkimpy", folder) === "string" ? 0 : await arcAgreement(folder, keys);
  const different = unexplained + failed + chains;
  console.log(different === 0 ? "all agree" : `${different} differ`);
  process.exitCode = different === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
