import type { IpAddress } from "./ip.ts";

/** The first octets of a range, and how many of their bits count. */
type Range = readonly [bits: number, ...octets: number[]];

/** IPv4 ranges where no stranger's server is: RFC 6890 2.2.2 and what IANA added since. */
const CLOSED_IPV4: readonly Range[] = [
  [8, 0],
  [8, 10],
  [10, 100, 64],
  [8, 127],
  [16, 169, 254],
  [12, 172, 16],
  [24, 192, 0, 0],
  [24, 192, 0, 2],
  [24, 192, 88, 99],
  [16, 192, 168],
  [15, 198, 18],
  [24, 198, 51, 100],
  [24, 203, 0, 113],
  [4, 224],
  [4, 240],
];

/** RFC 4291 2.4: what is assigned to the open Internet. */
const OPEN_IPV6: Range = [3, 0x20];

/** Ranges in it where no stranger's server is, or that stand for an IPv4 address: RFC 6890 2.2.3, RFC 3056 2, RFC 9637 3. */
const CLOSED_IPV6: readonly Range[] = [
  [23, 0x20, 0x01, 0x00],
  [32, 0x20, 0x01, 0x0d, 0xb8],
  [16, 0x20, 0x02],
  [20, 0x3f, 0xff, 0x00],
];

function isWithin(octets: Uint8Array, [bits, ...start]: Range): boolean {
  for (let at = 0; at < bits; at += 8) {
    const mask = 0xff & (0xff00 >> Math.min(8, bits - at));
    if (((octets[at >> 3]! ^ (start[at >> 3] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}

/** Whether an address is one of the open Internet: not of this machine, a private network, a single link, a group, documentation or a way to wrap another. */
export function isPublicIp({ family, octets }: IpAddress): boolean {
  if (family === 4) return !CLOSED_IPV4.some(range => isWithin(octets, range));
  return isWithin(octets, OPEN_IPV6) && !CLOSED_IPV6.some(range => isWithin(octets, range));
}
