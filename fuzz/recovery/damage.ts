import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { openRandom, type Random } from "../src/random.ts";

const PAGE = 8_192;
const SECTOR = 512;
/** Octets of the header of a log. */
const HEAD = 32;

type Change = (bytes: Uint8Array, random: Random) => Uint8Array;

/** A piece of a file that begins and ends at a boundary, as disks lose them. */
function piece(bytes: Uint8Array, size: number, random: Random): Uint8Array {
  const at = random.below(Math.ceil(bytes.length / size)) * size;
  return bytes.subarray(at, at + size);
}

/** What happens to files. Each takes one that is not empty. */
const CHANGES: Readonly<Record<string, Change>> = {
  "an octet is another one": (bytes, random) => {
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes;
  },
  "a page is zeros": (bytes, random) => {
    piece(bytes, PAGE, random).fill(0);
    return bytes;
  },
  "a sector is zeros": (bytes, random) => {
    piece(bytes, SECTOR, random).fill(0);
    return bytes;
  },
  "a sector is garbage": (bytes, random) => {
    const torn = piece(bytes, SECTOR, random);
    for (let at = 0; at < torn.length; at++) torn[at] = random.below(256);
    return bytes;
  },
  "a page is another page": (bytes, random) => {
    const from = piece(bytes, PAGE, random).slice();
    const to = piece(bytes, PAGE, random);
    to.set(from.subarray(0, to.length));
    return bytes;
  },
  "the end is gone": (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  "the end is garbage": (bytes, random) => {
    const longer = new Uint8Array(bytes.length + random.below(PAGE * 2));
    for (let at = bytes.length; at < longer.length; at++) longer[at] = random.below(256);
    longer.set(bytes);
    return longer;
  },
};

/** What was done. */
export interface Damage {
  readonly text: string;
  /** `headless`: the log of the database is gone, cut or has lost its header, and nobody can tell what stood in it. */
  readonly log: "untouched" | "damaged" | "headless";
}

/** Damages one file of a folder, or removes one that is not the database. */
export function damage(folder: string, seed: number): Damage {
  const random = openRandom(seed);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => statSync(path).size > 0 && !path.endsWith("-shm"))
    .sort();
  // Most of the time it is the database, which has the most to lose.
  const database = join(folder, "scop.db");
  const path = random.once(3) ? random.pick(files) : database;
  const name = relative(folder, path).replace(/[0-9a-f]{8,}/g, "…");
  const isLog = path.endsWith("-wal");
  if (path !== database && random.once(4)) {
    rmSync(path);
    return { text: `${name} is gone`, log: isLog ? "headless" : "untouched" };
  }
  const what = random.pick(Object.keys(CHANGES));
  const before = new Uint8Array(readFileSync(path));
  const after = CHANGES[what]!(before.slice(), random);
  writeFileSync(path, after);
  const isHeadless =
    after.length < before.length || Buffer.compare(before.subarray(0, HEAD), after.subarray(0, HEAD)) !== 0;
  return { text: `${name}: ${what}`, log: isLog ? (isHeadless ? "headless" : "damaged") : "untouched" };
}
