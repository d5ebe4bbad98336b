import { parseIp } from "@scop/wire";

/** An IPv4 address as a number of 32 bits; undefined where the text is none. */
export function addressNumber(text: string): number | undefined {
  const ip = parseIp(text);
  if (!ip.ok || ip.value.family !== 4) return undefined;
  return ip.value.octets.reduce((sum, octet) => sum * 256 + octet, 0);
}
