/** A reading position over little-endian octets that never reads past its end. */
export interface LittleEndian {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  /** Whether more was asked for than there is. What was answered then is 0. */
  short: boolean;
}

export function littleEndian(bytes: Uint8Array): LittleEndian {
  return { bytes, end: bytes.length, at: 0, short: false };
}

/** An unsigned number of one to four octets. */
export function readNumber(reader: LittleEndian, octets: 1 | 2 | 4): number {
  if (reader.end - reader.at < octets) {
    reader.short = true;
    reader.at = reader.end;
    return 0;
  }
  let value = 0;
  for (let index = octets - 1; index >= 0; index -= 1) value = value * 256 + reader.bytes[reader.at + index]!;
  reader.at += octets;
  return value;
}

/** A view of the next octets. */
export function readOctets(reader: LittleEndian, octets: number): Uint8Array {
  if (reader.end - reader.at < octets) reader.short = true;
  const from = reader.at;
  reader.at = Math.min(reader.end, from + octets);
  return reader.bytes.subarray(from, reader.at);
}
