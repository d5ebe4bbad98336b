import { closeSync, openSync, readSync } from "node:fs";
import { StoreCorrupt } from "../index.ts";
import { damaged } from "./failure.ts";

/** sqlite.org/fileformat2.html, section 4.1: the last bit says how the sums read the octets. */
const MAGIC = 0x377f0682;
const HEADER_OCTETS = 32;
const FRAME_HEADER_OCTETS = 24;
const PAGE_OCTETS_MAX = 65_536;

/** Sums of the log: two numbers that go on from frame to frame. */
type Sums = readonly [number, number];

/** What of a log is known by its header. */
interface Log {
  readonly isLittleEndian: boolean;
  readonly pageOctets: number;
  readonly salts: readonly [number, number];
  readonly sums: Sums;
}

/**
 * Looks for a damage in the middle of the log of a database that nobody has open. SQLite takes the first frame whose sum is wrong for the
 * end, which is right for what a power cut left half written: one transaction at most, as each is synced before the next begins.
 * Two commits of the same log behind such a frame were acknowledged, and would be lost without a word. Throws `StoreCorrupt` then.
 * A log that was cut, removed or has lost its header cannot be told from a shorter one. Linear in its length.
 */
export function checkLog(path: string): void {
  const name = `${path}-wal`;
  let descriptor: number;
  try {
    descriptor = openSync(name, "r");
  } catch {
    // There is none, or SQLite says better why it can't be read.
    return;
  }
  try {
    const place = damagedFrame(descriptor);
    if (place !== undefined)
      throw new StoreCorrupt(damaged(name, `frame ${place} is broken, and frames behind it were committed`));
  } finally {
    closeSync(descriptor);
  }
}

function damagedFrame(descriptor: number): number | undefined {
  const log = readHeader(descriptor);
  if (log === undefined) return undefined;
  const { pageOctets, salts } = log;
  const frame = Buffer.alloc(FRAME_HEADER_OCTETS + pageOctets);
  let sums: Sums = log.sums;
  let broken: number | undefined;
  let commits = 0;
  for (let number = 1; ; number += 1) {
    const at = HEADER_OCTETS + (number - 1) * frame.length;
    if (readSync(descriptor, frame, 0, frame.length, at) < frame.length) return undefined;
    const isOfThisLog = frame.readUInt32BE(8) === salts[0] && frame.readUInt32BE(12) === salts[1];
    if (broken === undefined) {
      sums = summed(log, summed(log, sums, frame.subarray(0, 8)), frame.subarray(FRAME_HEADER_OCTETS));
      const isSound = isOfThisLog && frame.readUInt32BE(16) === sums[0] && frame.readUInt32BE(20) === sums[1];
      if (!isSound) broken = number;
    } else if (isOfThisLog && frame.readUInt32BE(4) !== 0) {
      commits += 1;
      if (commits === 2) return broken;
    }
  }
}

function readHeader(descriptor: number): Log | undefined {
  const header = Buffer.alloc(HEADER_OCTETS);
  if (readSync(descriptor, header, 0, HEADER_OCTETS, 0) < HEADER_OCTETS) return undefined;
  const magic = header.readUInt32BE(0);
  const pageOctets = header.readUInt32BE(8);
  if (magic >>> 1 !== MAGIC >>> 1 || pageOctets < 512 || pageOctets > PAGE_OCTETS_MAX) return undefined;
  const form = { isLittleEndian: magic === MAGIC, pageOctets };
  const sums = summed(form, [0, 0], header.subarray(0, 24));
  if (header.readUInt32BE(24) !== sums[0] || header.readUInt32BE(28) !== sums[1]) return undefined;
  return { ...form, salts: [header.readUInt32BE(16), header.readUInt32BE(20)], sums };
}

/** sqlite.org/fileformat2.html, section 4.2. The octets are a multiple of eight. */
function summed({ isLittleEndian }: Pick<Log, "isLittleEndian">, [first, second]: Sums, bytes: Uint8Array): Sums {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let [one, two] = [first, second];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    one = (one + view.getUint32(at, isLittleEndian) + two) >>> 0;
    two = (two + view.getUint32(at + 4, isLittleEndian) + one) >>> 0;
  }
  return [one, two];
}
