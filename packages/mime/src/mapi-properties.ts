import { type LittleEndian, littleEndian, readNumber, readOctets } from "./tnef-reader.ts";

/** Properties of one object that are looked at. */
const PROPERTIES_MAX = 10_000;
/** Values of one property. */
const VALUES_MAX = 10_000;
const NAMED = 0x8000;
const MULTIPLE = 0x1000;
const GUID_OCTETS = 16;

/** Types of values. MS-OXCDATA 2.11.1 */
export const MapiType = { string8: 0x1e, unicode: 0x1f, object: 0x0d, binary: 0x102 } as const;

/** Octets of the types of fixed size, as they are written: to a multiple of four. MS-OXTNEF 2.1.3.4.2 */
const fixedOctets: ReadonlyMap<number, number> = new Map([
  [0x02, 4],
  [0x03, 4],
  [0x04, 4],
  [0x05, 8],
  [0x06, 8],
  [0x07, 8],
  [0x0a, 4],
  [0x0b, 4],
  [0x14, 8],
  [0x40, 8],
  [0x48, GUID_OCTETS],
]);

/** A property whose value is a string or octets; a string without its final NUL. */
export interface MapiProperty {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** The octets of a value of variable size, and what fills it to a multiple of four. */
function readVariable(reader: LittleEndian): Uint8Array {
  const octets = readNumber(reader, 4);
  const bytes = readOctets(reader, octets);
  readOctets(reader, (4 - (octets % 4)) % 4);
  return bytes;
}

function isVariable(type: number): boolean {
  return type === MapiType.string8 || type === MapiType.unicode || type === MapiType.object || type === MapiType.binary;
}

/** The name of a property whose number says that it has one: passed over. MS-OXTNEF 2.1.3.4.1 */
function skipName(reader: LittleEndian): void {
  readOctets(reader, GUID_OCTETS);
  if (readNumber(reader, 4) === 0) readNumber(reader, 4);
  else readVariable(reader);
}

/** The first value of variable size; undefined for one of fixed size, and null where the type is none that has a size. */
function readValues(reader: LittleEndian, tag: number): Uint8Array | undefined | null {
  const type = tag & ~MULTIPLE;
  const octets = fixedOctets.get(type);
  if (octets !== undefined) {
    const count = (tag & MULTIPLE) === 0 ? 1 : readNumber(reader, 4);
    readOctets(reader, count * octets);
    return undefined;
  }
  if (!isVariable(type)) return null;
  const count = readNumber(reader, 4);
  let first: Uint8Array | undefined;
  for (let index = 0; index < Math.min(count, VALUES_MAX) && !reader.short; index += 1) {
    const bytes = readVariable(reader);
    first ??= bytes;
  }
  return count > VALUES_MAX ? null : first;
}

/** A string without the NUL that ends it. */
function withoutNul(type: number, bytes: Uint8Array): Uint8Array {
  const width = type === MapiType.unicode ? 2 : type === MapiType.string8 ? 1 : 0;
  if (width === 0 || bytes.length < width) return bytes;
  const ends = bytes.subarray(bytes.length - width).every(octet => octet === 0);
  return ends ? bytes.subarray(0, bytes.length - width) : bytes;
}

/**
 * The properties of an object that are strings or octets, by their numbers, the first of each. Named ones are passed over. `isWhole` is
 * false where they are cut, too many or of a type that is not known: what came before is given. MS-OXTNEF 2.1.3.4
 */
export function readMapiProperties(bytes: Uint8Array): {
  readonly properties: ReadonlyMap<number, MapiProperty>;
  readonly isWhole: boolean;
} {
  const reader = littleEndian(bytes);
  const properties = new Map<number, MapiProperty>();
  const count = readNumber(reader, 4);
  for (let index = 0; index < count; index += 1) {
    if (index >= PROPERTIES_MAX || reader.short || reader.at >= reader.end) return { properties, isWhole: false };
    const tag = readNumber(reader, 2);
    const id = readNumber(reader, 2);
    if (id >= NAMED) skipName(reader);
    const value = readValues(reader, tag);
    if (value === null) return { properties, isWhole: false };
    const type = tag & ~MULTIPLE;
    if (value !== undefined && !properties.has(id)) properties.set(id, { type, bytes: withoutNul(type, value) });
  }
  return { properties, isWhole: !reader.short };
}
