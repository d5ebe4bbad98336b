import { crc32, deflateRawSync } from "node:zlib";

/** A file of a ZIP archive. */
interface Entry {
  /** Its path, with slashes, in ASCII. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** 27 November 2026, 00:00, as MS-DOS counts: the same each time. */
const DATE = ((2026 - 1980) << 9) | (11 << 5) | 27;
const DEFLATED = 8;
const VERSION = 20;
/** A regular file that all may read, as Unix has it. */
const MODE = (0o100644 << 16) >>> 0;
const MADE_BY_UNIX = 3 << 8;

/** What both headers of an entry have. */
function common(entry: Entry, packed: Uint8Array): Buffer {
  const head = Buffer.alloc(26);
  head.writeUInt16LE(VERSION, 0);
  head.writeUInt16LE(0, 2);
  head.writeUInt16LE(DEFLATED, 4);
  head.writeUInt16LE(0, 6);
  head.writeUInt16LE(DATE, 8);
  head.writeUInt32LE(crc32(entry.bytes), 10);
  head.writeUInt32LE(packed.length, 14);
  head.writeUInt32LE(entry.bytes.length, 18);
  head.writeUInt16LE(Buffer.byteLength(entry.name), 22);
  head.writeUInt16LE(0, 24);
  return head;
}

function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32LE(value, 0);
  return octets;
}

/** A ZIP archive of these files in their order: the same octets each time. APPNOTE 6.3.10, without ZIP64: less than 65,535 files and 4 GB. */
export function zipOf(entries: readonly Entry[]): Uint8Array {
  if (entries.length >= 0xffff) throw new Error("too many files for a ZIP archive");
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const packed = deflateRawSync(entry.bytes, { level: 9 });
    const head = common(entry, packed);
    const name = Buffer.from(entry.name);
    files.push(Buffer.from("PK\x03\x04", "latin1"), head, name, packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(MODE, 6);
    rest.writeUInt32LE(offset, 10);
    const made = Buffer.alloc(2);
    made.writeUInt16LE(MADE_BY_UNIX | VERSION, 0);
    directory.push(Buffer.from("PK\x01\x02", "latin1"), made, head, rest, name);
    offset += 4 + head.length + name.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(8);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  return Buffer.concat([
    ...files,
    list,
    Buffer.from("PK\x05\x06", "latin1"),
    end,
    uint32(list.length),
    uint32(offset),
    Buffer.alloc(2),
  ]);
}
