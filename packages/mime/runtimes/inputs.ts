import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brokenMessages, mutatedMessages } from "@scop/mime/arbitrary";
import { nodeByteWork } from "@scop/node-host/byte-work";
import { base64Encode, installByteWork, pureByteWork } from "@scop/wire";
import fc from "fast-check";
import { compositionOf, readingOf } from "./work.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FOLDER = join(resolve(ROOT, process.env["SCOP_SUITES"] ?? "../shared/suites"), "eml");
const SEED = 2026;
/** Of the messages of the suite, every so many. */
const STEP = 4;

/** Real messages, where the suite of them is. */
function realMessages(): readonly Uint8Array[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !/^(?:LICEN|COPYING)/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .filter((_, index) => index % STEP === 0)
    .map(path => readFileSync(path));
}

/** What another runtime is asked for, and what Node answers with its native byte loops. */
export interface Asked {
  readonly read: "readingOf" | "compositionOf";
  readonly input: string;
  readonly answer: string;
}

/** Messages of every kind to read, real ones among them, and octets to compose messages from. The same each time. */
export function questions(): readonly Asked[] {
  const messages = [
    ...fc.sample(brokenMessages(fc), { numRuns: 60, seed: SEED }),
    ...fc.sample(mutatedMessages(fc), { numRuns: 60, seed: SEED }),
    ...realMessages(),
  ];
  const drafts = fc.sample(fc.uint8Array({ minLength: 20, maxLength: 400 }), { numRuns: 60, seed: SEED });
  installByteWork(nodeByteWork);
  try {
    const read = messages.map(bytes => base64Encode(bytes));
    const compose = drafts.map(octets => base64Encode(octets));
    return [
      ...read.map(input => ({ read: "readingOf", input, answer: readingOf(input) }) as const),
      ...compose.map(input => ({ read: "compositionOf", input, answer: compositionOf(input) }) as const),
    ];
  } finally {
    installByteWork(pureByteWork);
  }
}
