/**
 * Whether SCoP, mailauth, dkimpy and OpenDKIM come to the same verdict about generated messages, and whether SCoP
 * verifies what dkimpy and OpenDKIM sign: `npm exec -- node bench/auth/agreement.ts --messages 2000`. The last line is the verdict; exit status 1
 * where somebody differs for no reason that is written down here.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { AuthTask, AuthTaskResult } from "../auth.ts";
import { startWorker } from "../worker-process.ts";
import { arcAgreement } from "./arc-agreement.ts";
import { type AgreementCase, agreementCase } from "./cases.ts";
import {
  type BenchKey,
  DOMAIN,
  makeBenchKeys,
  header as ordinaryHeader,
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

/** Whether we verify what others sign, as far as they do so themselves. */
async function interoperation(folder: string, keys: readonly BenchKey[], count: number): Promise<number> {
  let failed = 0;
  for (const peer of ["dkimpy", "OpenDKIM"] as const) {
    const command = signCommandOf(peer, folder);
    if (typeof command === "string") {
      console.log(`not compared: what ${peer} signs (${command})`);
      continue;
    }
    const signedOnes: Uint8Array[] = [];
    const [program, ...args] = command;
    for (let number = 0; number < count; number += 1) {
      const key = keys[number % 2]!;
      const forms = [number & 2 ? "simple" : "relaxed", number & 4 ? "simple" : "relaxed"];
      const file = writeKey(folder, peer, key);
      const input = `${ordinaryHeader(number)}${number & 8 ? "" : text(500, number)} \t x  y \r\n\r\n`;
      const about = [key.selector, DOMAIN, file, key.type, ...forms];
      signedOnes.push(execFileSync(program!, [...args, ...about], { input }));
    }
    writeMessages(folder, `by-${peer}`, signedOnes);
    const [ours, theirs] = [await wordsOf("SCoP", folder, `by-${peer}`), await wordsOf(peer, folder, `by-${peer}`)];
    if (typeof ours === "string" || typeof theirs === "string") throw new Error(`${peer} does not verify`);
    const different = ours.filter((word, index) => passes(word) !== passes(theirs[index]!)).length;
    const passed = ours.filter(passes).length;
    console.log(`${peer} signs: we verify ${passed} of ${count}; about ${different} it says something else itself`);
    failed += passed === 0 ? count : different;
  }
  return failed;
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
