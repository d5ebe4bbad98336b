import { existsSync, readdirSync, readFileSync } from "node:fs";
import { openGenerator } from "../src/grammar.ts";
import { mutate } from "../src/mutate.ts";
import { openRandom } from "../src/random.ts";
import { octetsOf } from "../src/target.ts";
import { MESSAGE_GRAMMAR, MESSAGE_SEEDS } from "../targets/messages.ts";

const CORPUS = new URL("../corpus/", import.meta.url);
/** Targets whose kept inputs are messages. */
const FOLDERS = ["mime", "mime-strict"];
const LENGTH_MAX = 4_096;

/** So many messages, the same for the same seed: those that are kept, those of the grammar, and changed ones in turn. */
export function messagesOf(seed: number, count: number): readonly Uint8Array[] {
  const kept = FOLDERS.map(name => new URL(`${name}/`, CORPUS))
    .filter(folder => existsSync(folder))
    .flatMap(folder =>
      readdirSync(folder)
        .sort()
        .map(name => new Uint8Array(readFileSync(new URL(name, folder)))),
    );
  const known = [...MESSAGE_SEEDS.map(octetsOf), ...kept];
  const random = openRandom(seed);
  const generator = openGenerator(MESSAGE_GRAMMAR);
  const materials = { words: [], inputs: known, generator, lengthMax: LENGTH_MAX };
  return Array.from({ length: count }, (_, at) => {
    if (at % 3 === 0) return random.pick(known);
    const made = generator.whole(random).slice(0, LENGTH_MAX);
    return at % 3 === 1 ? made : mutate(random.once(2) ? made : random.pick(known), random, materials);
  });
}
