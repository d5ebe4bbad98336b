import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openKeyCache } from "@scop/dkim";
import { verifyDkimAndArc, wholeMessage } from "@scop/dkim/run";
import type { Platform } from "@scop/platform";
import { concat, latin1, latin1Bytes } from "@scop/wire";
import { type BenchKey, DOMAIN, header, sealed, signed, text, worldOf, writeMessages } from "./messages.ts";

const PROGRAM = fileURLToPath(new URL("../peers/dkimpy-arc.py", import.meta.url));
/** The interpreter of Debian, which has Debian's modules whatever else is on the path. */
const PYTHON = "/usr/bin/python3";

/** What somebody does to a chain of three sets. */
const CHANGES: readonly (readonly [what: string, from: string | RegExp, to: string])[] = [
  ["nothing", "", ""],
  ["another body", "\r\n\r\n", "\r\n\r\nx"],
  ["another subject", "Subject: A", "Subject: B"],
  ["an unsigned field", "Received:", "X-Other: 1\r\nReceived:"],
  ["other results in the first set", /(i=1; .*dkim=)pass/, "$1fail"],
  ["other results in the last set", /(i=3; .*dkim=)pass/, "$1fail"],
  ["the first says pass", "cv=none", "cv=pass"],
  ["the last says fail", "cv=pass", "cv=fail"],
  ["another number", "ARC-Seal: i=2", "ARC-Seal: i=4"],
  ["no results of the second set", /ARC-Authentication-Results: i=2;.*\r\n/, ""],
  ["results of the second set twice", /(ARC-Authentication-Results: i=2;.*\r\n)/, "$1$1"],
  ["another sealer", /(ARC-Seal: i=3;[\s\S]*?)d=example\.com/, "$1d=example.net"],
  ["another time", /(ARC-Seal: i=3;[\s\S]*?)t=1/, "$1t=2"],
  ["a seal that names fields", "ARC-Seal: i=3;", "ARC-Seal: i=3; h=from;"],
];

/** Why dkimpy comes to something else; every reason was looked at. */
const REASONS: readonly (readonly [about: RegExp, why: string])[] = [
  [/^ed25519, /, "it knows RSA alone in chains"],
  [/, the last says fail$/, "it has no word for a chain whose newest seal says fail (RFC 8617 5.2)"],
];

async function chainOf(io: Platform, bytes: Uint8Array): Promise<string> {
  const options = { keys: openKeyCache(io.crypto) };
  return (await verifyDkimAndArc(io, wholeMessage(bytes), options)).arc.result;
}

/** Three sets of ours over a signed message. */
async function chain(key: BenchKey): Promise<Uint8Array> {
  let bytes = await signed(key, latin1Bytes(header(1) + text(900, 1)));
  for (let count = 0; count < 3; count += 1) bytes = await sealed(key, bytes);
  return bytes;
}

/** Whether dkimpy finds of our chains, whole and broken, what we find, and we of its own. Answers how many differ. */
export async function arcAgreement(folder: string, keys: readonly BenchKey[]): Promise<number> {
  const io = worldOf(keys);
  const cases: { readonly about: string; readonly bytes: Uint8Array }[] = [];
  for (const key of keys) {
    const whole = latin1(await chain(key));
    for (const [what, from, to] of CHANGES)
      cases.push({ about: `${key.type}, ${what}`, bytes: latin1Bytes(whole.replace(from, to)) });
  }
  const rsa = keys[0]!;
  const file = join(folder, "arc.key");
  writeFileSync(file, rsa.privateKey.export({ format: "pem", type: "pkcs1" }));
  const input = concat([
    latin1Bytes(`Authentication-Results: ${DOMAIN}; arc=none; dkim=pass header.d=${DOMAIN}\r\n`),
    await signed(rsa, latin1Bytes(header(2) + text(900, 2))),
  ]);
  const theirOwn = execFileSync(PYTHON, [PROGRAM, "seal", rsa.selector, DOMAIN, file], { input });
  cases.push({ about: "sealed by dkimpy", bytes: theirOwn });
  writeMessages(
    folder,
    "arc",
    cases.map(each => each.bytes),
  );
  const theirs = JSON.parse(execFileSync(PYTHON, [PROGRAM, "verify", folder, "arc"], { encoding: "utf8" }));
  let different = 0;
  let passed = 0;
  let explained = 0;
  const reasons = new Set<string>();
  for (const [index, { about, bytes }] of cases.entries()) {
    const ours = await chainOf(io, bytes);
    if (ours === "pass") passed += 1;
    if (ours === theirs[index]) continue;
    const why = REASONS.find(([pattern]) => pattern.test(about))?.[1];
    if (why !== undefined) {
      reasons.add(why);
      explained += 1;
      continue;
    }
    different += 1;
    console.log(`  ARC, ${about}: we say ${ours}, dkimpy says ${theirs[index]}`);
  }
  const agreed = cases.length - different - explained;
  const because = explained === 0 ? "" : `; ${explained} otherwise, because ${[...reasons].join(", and ")}`;
  console.log(`ARC: dkimpy agrees about ${agreed} of ${cases.length} chains; we pass ${passed}${because}`);
  return different;
}
