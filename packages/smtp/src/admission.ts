import { parseIp } from "@scop/address";
import type { Endpoint } from "@scop/platform";
import { hexEncode } from "@scop/wire";
import { type Reply, reply } from "./reply.ts";

/** Who may connect. */
export interface Admission {
  /** A function to call when the connection is over, or the reply (4xx, 5xx) that is sent instead of the greeting. */
  admit(remote: Endpoint): (() => void) | Reply;
}

/** How many connections there may be at once. */
export interface ConnectionCaps {
  /** In all. */
  readonly total: number;
  /** From one IPv4 address or one IPv6 network of 64 bits, which is what one customer has. RFC 6177 2 */
  readonly perPeer: number;
}

/** The defaults. */
export const connectionCaps: ConnectionCaps = { total: 5_000, perPeer: 50 };

const BUSY = reply(421, "4.3.2", "Too many connections; try again later");
const BUSY_PEER = reply(421, "4.7.0", "Too many connections from your address; try again later");

/** Counts connections. One for each listener, or one for several that share their caps. */
export function createConnectionLimits(caps: ConnectionCaps = connectionCaps): Admission {
  const peers = new Map<string, number>();
  let total = 0;
  const admit = (remote: Endpoint): (() => void) | Reply => {
    const peer = peerKey(remote.address);
    const count = peers.get(peer) ?? 0;
    if (total >= caps.total) return BUSY;
    if (count >= caps.perPeer) return BUSY_PEER;
    peers.set(peer, count + 1);
    total += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      total -= 1;
      const left = peers.get(peer)! - 1;
      if (left === 0) peers.delete(peer);
      else peers.set(peer, left);
    };
  };
  return { admit };
}

/** What counts as one peer: an IPv4 address, or the IPv6 network of 64 bits that one customer has. RFC 6177 2 */
export function peerKey(address: string): string {
  if (!address.includes(":")) return address;
  const ip = parseIp(address);
  return ip.ok && ip.value.family === 6 ? hexEncode(ip.value.octets.subarray(0, 8)) : address;
}
