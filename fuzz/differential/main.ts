/** `npm run fuzz:differential`: reads messages with us and with others, and says where they disagree in a way that nobody has judged yet. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { nodeByteWork } from "@scop/node-host/byte-work";
import { installByteWork } from "@scop/wire";
import { answersOf, openLibraries, python, type Rival } from "../../bench/differences/rivals.ts";
import { type Disagreement, disagreements, shortened, signatureOf } from "./cluster.ts";
import { messagesOf } from "./inputs.ts";
import { KNOWN } from "./known.ts";

const USAGE = `npm run fuzz:differential -- [--messages N] [--seed S] [--known]

Reads messages that are kept, made and changed with @scop/mime, mailparser, postal-mime, letterparser and Python's email. A disagreement is decided by a rule of reading
(bench/differences/rules.ts), if the rule decides the shortest input with that disagreement too; what is left is put together by rival, field, kind of difference and what is
malformed in the shortest input.
  --messages  how many (1000)
  --seed      where chance begins (the time)
  --known     prints the clusters that were judged, too
Clusters in fuzz/differential/known.ts have a sentence why; each other one is printed with its shortest input. Exit status 1: there are such.`;

/** Inputs of one rival, field and kind that are made shorter: the rest would be much the same. */
const SHORTENED_MAX = 12;
/** Inputs of one rival, rule, field and kind that are made shorter although the rule decides, to ask whether it still does. */
const ASKED_AGAIN_MAX = 2;

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "1000" },
    seed: { type: "string" },
    known: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const count = Number(values.messages);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
if (values.help || !(count > 0) || !Number.isSafeInteger(seed)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else await main();

/** Disagreements of one kind. */
interface Cluster {
  count: number;
  input: Uint8Array;
  disagreement: Disagreement;
}

async function main(): Promise<void> {
  installByteWork(nodeByteWork);
  const messages = messagesOf(seed, count).map(each => Buffer.from(each));
  const clusters = new Map<string, Cluster>();
  let all = 0;
  let decided = 0;
  for (const rival of await rivalsOf(messages)) {
    if ("missing" in rival) {
      console.log(`not compared: ${rival.name}: ${rival.missing}`);
      continue;
    }
    const before = new Map<string, number>();
    for (const [index, theirs] of rival.answers.entries()) {
      for (const found of disagreements(messages[index]!, theirs)) {
        all += 1;
        const undecided =
          found.rule === undefined ? undefined : await askedAgain(rival, messages[index]!, found, before);
        if (found.rule === undefined) await sort(clusters, rival, messages[index]!, found, before);
        else if (undecided === undefined) decided += 1;
        else await sort(clusters, rival, undecided.bytes, undecided.found, before);
      }
    }
  }
  finish(clusters, all, decided);
}

type Reading = Rival & { readonly again?: (bytes: Buffer) => Promise<readonly Disagreement[]> };

/** The rivals with their answers; those of this process can be asked again. */
async function rivalsOf(messages: readonly Buffer[]): Promise<readonly Reading[]> {
  const found: Reading[] = [];
  for (const { name, read } of await openLibraries()) {
    if (read === undefined) found.push({ name, missing: "npm ci --prefix bench" });
    else {
      const again = async (bytes: Buffer): Promise<readonly Disagreement[]> =>
        disagreements(bytes, (await answersOf(read, [bytes]))[0]!);
      found.push({ name, answers: await answersOf(read, messages), again });
    }
  }
  const folder = mkdtempSync(join(tmpdir(), "scop-differential-"));
  try {
    for (const [at, bytes] of messages.entries())
      writeFileSync(join(folder, `${String(at).padStart(6, "0")}.eml`), bytes);
    return [...found, python(folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a rule is too broad: the shortest input with the same disagreement is none that it decides. Then that one is given. */
async function askedAgain(
  { again }: Reading,
  bytes: Buffer,
  { difference, shape, rule }: Disagreement,
  before: Map<string, number>,
): Promise<{ readonly bytes: Buffer; readonly found: Disagreement } | undefined> {
  const kind = `${rule} ${difference.aspect} ${shape}`;
  const seen = (before.get(kind) ?? 0) + 1;
  before.set(kind, seen);
  if (again === undefined || seen > ASKED_AGAIN_MAX) return undefined;
  const isSame = (each: Disagreement): boolean => each.difference.aspect === difference.aspect && each.shape === shape;
  const input = Buffer.from(await shortened(bytes, async data => (await again(Buffer.from(data))).some(isSame)));
  const found = (await again(input)).find(isSame);
  return found?.rule === undefined && found !== undefined ? { bytes: input, found } : undefined;
}

async function sort(
  clusters: Map<string, Cluster>,
  { name, again }: Reading,
  bytes: Buffer,
  found: Disagreement,
  before: Map<string, number>,
): Promise<void> {
  const kind = `${found.difference.aspect} ${found.shape}`;
  const seen = (before.get(kind) ?? 0) + 1;
  before.set(kind, seen);
  const isSame = (each: Disagreement): boolean =>
    each.rule === undefined && each.difference.aspect === found.difference.aspect && each.shape === found.shape;
  const ask = again;
  if (ask !== undefined && seen > SHORTENED_MAX) return;
  const input =
    ask === undefined ? bytes : await shortened(bytes, async data => (await ask(Buffer.from(data))).some(isSame));
  const disagreement = ask === undefined ? found : ((await ask(Buffer.from(input))).find(isSame) ?? found);
  const signature = signatureOf(name, disagreement, ask === undefined ? undefined : input);
  const known = clusters.get(signature);
  if (known === undefined) clusters.set(signature, { count: 1, input, disagreement });
  else {
    known.count += 1;
    if (input.length < known.input.length) Object.assign(known, { input, disagreement });
  }
}

function finish(clusters: ReadonlyMap<string, Cluster>, all: number, decided: number): void {
  let open = 0;
  for (const [signature, { count: times, input, disagreement }] of [...clusters].sort()) {
    const why = KNOWN.find(({ matches }) => matches.test(signature))?.why;
    if (why === undefined) open += 1;
    else if (!values.known) continue;
    const { ours, theirs } = disagreement.difference;
    const shown = (text: string): string => JSON.stringify(text.slice(0, 160));
    console.log(`${why === undefined ? "NEW" : "known"} ${signature} (${times})`);
    console.log(`  ${shown(Buffer.from(input).toString("latin1"))}\n  we ${shown(ours)}, it ${shown(theirs)}`);
    if (why !== undefined) console.log(`  ${why}`);
  }
  console.log(
    `${count} messages from seed ${seed}: ${all} disagreements, ${decided} decided by a rule of reading; ` +
      `the others are of ${clusters.size} kinds, ${open} of them new`,
  );
  process.exitCode = open > 0 ? 1 : 0;
}
