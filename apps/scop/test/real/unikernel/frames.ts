/** Ethernet frames of IPv4 and TCP, as much of them as a test needs. */

/** Hardware addresses: of everybody around, and of the machine. */
export const ETHERNET_MAC = { around: "52:54:00:00:00:01", machine: "52:54:00:00:00:02" } as const;

interface End {
  /** IPv4, as a number. */
  readonly address: number;
  readonly port: number;
}

/** Of a connection, as seen from outside the machine. */
export interface Ends {
  readonly from: End;
  readonly to: End;
}

export interface Segment {
  /** From who is outside to the machine, whoever sent it. */
  readonly ends: Ends;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly data: Buffer;
}

const IP = 14;
const TCP = 34;
const DATA = 54;
const WINDOW = 60_000;

export function ipText(address: number): string {
  return [24, 16, 8, 0].map(shift => (address >>> shift) & 255).join(".");
}

function mac(text: string): Buffer {
  return Buffer.from(text.replaceAll(":", ""), "hex");
}

function checksum(octets: Buffer, start: number): number {
  let sum = start;
  for (let at = 0; at + 1 < octets.length; at += 2) sum += octets.readUInt16BE(at);
  if (octets.length % 2 === 1) sum += octets.at(-1)! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65_536);
  return ~sum & 0xffff;
}

/** A frame to the machine. */
export function segmentFrame(
  { from, to }: Ends,
  { flags, sequence, acknowledged, data }: Omit<Segment, "ends" | "data"> & { readonly data: Uint8Array },
): Buffer {
  const frame = Buffer.alloc(DATA + data.length);
  mac(ETHERNET_MAC.machine).copy(frame, 0);
  mac(ETHERNET_MAC.around).copy(frame, 6);
  frame.writeUInt16BE(0x0800, 12);
  frame[IP] = 0x45;
  frame.writeUInt16BE(frame.length - IP, IP + 2);
  frame[IP + 8] = 64;
  frame[IP + 9] = 6;
  frame.writeUInt32BE(from.address, IP + 12);
  frame.writeUInt32BE(to.address, IP + 16);
  frame.writeUInt16BE(checksum(frame.subarray(IP, TCP), 0), IP + 10);
  frame.writeUInt16BE(from.port, TCP);
  frame.writeUInt16BE(to.port, TCP + 2);
  frame.writeUInt32BE(sequence, TCP + 4);
  frame.writeUInt32BE((flags & 16) === 0 ? 0 : acknowledged, TCP + 8);
  frame[TCP + 12] = 5 << 4;
  frame[TCP + 13] = flags;
  frame.writeUInt16BE(WINDOW, TCP + 14);
  frame.set(data, DATA);
  const addresses = frame.subarray(IP + 12, IP + 20);
  const pseudo = ~checksum(addresses, 6 + frame.length - TCP) & 0xffff;
  frame.writeUInt16BE(checksum(frame.subarray(TCP), pseudo), TCP + 16);
  return frame;
}

/** What a frame of the machine says in TCP; undefined for everything else. */
export function segmentOf(frame: Buffer): Segment | undefined {
  if (frame.length < DATA || frame.readUInt16BE(12) !== 0x0800 || frame[IP + 9] !== 6) return undefined;
  const tcp = IP + (frame[IP]! & 15) * 4;
  const end = IP + frame.readUInt16BE(IP + 2);
  const machine = { address: frame.readUInt32BE(IP + 12), port: frame.readUInt16BE(tcp) };
  const around = { address: frame.readUInt32BE(IP + 16), port: frame.readUInt16BE(tcp + 2) };
  return {
    ends: { from: around, to: machine },
    flags: frame[tcp + 13]! & 0x17,
    sequence: frame.readUInt32BE(tcp + 4),
    acknowledged: frame.readUInt32BE(tcp + 8),
    data: frame.subarray(tcp + (frame[tcp + 12]! >> 4) * 4, end),
  };
}

/** The answer to who asks where an address is: here, whichever it is. */
export function arpReply(frame: Buffer): Buffer | undefined {
  if (frame.length < 42 || frame.readUInt16BE(12) !== 0x0806 || frame.readUInt16BE(20) !== 1) return undefined;
  const reply = Buffer.from(frame.subarray(0, 42));
  const around = mac(ETHERNET_MAC.around);
  frame.copy(reply, 0, 6, 12);
  around.copy(reply, 6);
  reply.writeUInt16BE(2, 20);
  around.copy(reply, 22);
  frame.copy(reply, 28, 38, 42);
  frame.copy(reply, 32, 22, 32);
  return reply;
}
