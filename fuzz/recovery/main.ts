/** `npm run fuzz:recovery`: damages the folder of a store by chance, and sees whether anything is lost without a word. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Damage, damage } from "./damage.ts";
import { copyOf, judge, makeStore, type Outcome } from "./store.ts";

const USAGE = `npm run fuzz:recovery -- [--runs N] [--seed S]

Each run damages a copy of a store with mail in it: octets, pages and ends of its files, or a whole file. Then it has to be refused with a
named fault, or to have every message that was acknowledged; what stood in a log that was cut or has lost its header, nobody can know.
Exit status 1: a message was gone, or a fault had no name.`;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "500" },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const runs = Number(values.runs);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
if (values.help || !(runs > 0) || !Number.isSafeInteger(seed)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else await main();

async function main(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "scop-recovery-"));
  const counts = new Map<string, number>();
  try {
    const stores = [await makeStore(join(root, "closed"), "closed"), await makeStore(join(root, "killed"), "killed")];
    for (let run = 0; run < runs; run++) {
      const store = stores[run % stores.length]!;
      const folder = copyOf(store, join(root, "run"));
      const done = damage(folder, seed + run);
      const outcome = await judge(folder, store);
      const what = isUnknowable(outcome, done) ? "unknowable" : outcome.what === "last-lost" ? "lost" : outcome.what;
      counts.set(what, (counts.get(what) ?? 0) + 1);
      if (what !== "lost" && what !== "nameless") continue;
      console.log(`seed ${seed + run}: ${done.text}: ${what}: ${outcome.detail}`);
      process.exitCode = 1;
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  const of = (what: string): number => counts.get(what) ?? 0;
  console.log(
    `${runs} damages from seed ${seed}: ${of("refused")} refused at the start, ${of("named")} named when met, ${of("whole")} without effect, ` +
      `${of("changed")} changed the text of a message, ${of("unknowable")} cut the log where nobody can tell, ${of("lost")} lost something without a word, ${of("nameless")} had a fault without a name`,
  );
}

/** Without the header of its log a store cannot know what stood there, and its last transaction may be one that was never finished. */
function isUnknowable({ what }: Outcome, { log }: Damage): boolean {
  return (what === "lost" && log === "headless") || (what === "last-lost" && log !== "untouched");
}
