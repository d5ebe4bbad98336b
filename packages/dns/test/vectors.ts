import { type Name, parseName, type RecordData } from "@scop/dns";
import { hex, type IpText, latin1Bytes } from "@scop/wire";

export function octetsOf(text: string): Uint8Array {
  const read = hex(text.replace(/ /g, ""));
  if (!read.ok) throw new Error(`${text} is not hexadecimal`);
  return read.value;
}

export function nameOf(text: string): Name {
  const read = parseName(text);
  if (!read.ok) throw new Error(`${text} is no name`);
  return read.value;
}

const ORG = "076578616d706c65036f726700";
const COM = "076578616d706c6503636f6d00";

/** The number of a type, the data of a record of it in hexadecimal, and what it says. Each row is read and written. */
export const dataRows: readonly (readonly [title: string, code: number, data: string, value: RecordData])[] = [
  ["A", 1, "c0000201", { type: "A", address: "192.0.2.1" as IpText }],
  ["AAAA", 28, `20010db8${"00".repeat(11)}01`, { type: "AAAA", address: "2001:db8::1" as IpText }],
  [
    "AAAA of an IPv4-mapped address",
    28,
    `${"00".repeat(10)}ffffc0000201`,
    { type: "AAAA", address: "192.0.2.1" as IpText },
  ],
  ["MX", 15, `000a ${ORG}`, { type: "MX", preference: 10, exchange: nameOf("example.org") }],
  ["null MX", 15, "0000 00", { type: "MX", preference: 0, exchange: nameOf(".") }],
  ["TXT of two strings", 16, "01 61 02 6263", { type: "TXT", strings: [latin1Bytes("a"), latin1Bytes("bc")] }],
  ["TXT of an empty string", 16, "00", { type: "TXT", strings: [new Uint8Array(0)] }],
  ["CNAME", 5, ORG, { type: "CNAME", target: nameOf("example.org") }],
  ["NS of the root", 2, "00", { type: "NS", target: nameOf("") }],
  ["PTR with dots in a label", 12, "03612e6200", { type: "PTR", target: nameOf("a\\.b") }],
  [
    "SRV",
    33,
    `0001 0002 0019 ${ORG}`,
    { type: "SRV", priority: 1, weight: 2, port: 25, target: nameOf("example.org") },
  ],
  ["TLSA", 52, "03 01 01 00ff", { type: "TLSA", usage: 3, selector: 1, matching: 1, data: octetsOf("00ff") }],
  ["CAA", 257, "80 05 6973737565 3b", { type: "CAA", flags: 128, tag: "issue", value: latin1Bytes(";") }],
  [
    "SOA",
    6,
    `026e7300 00 00000001 00000e10 00000258 00093a80 0000012c`,
    {
      type: "SOA",
      primary: nameOf("ns"),
      mailbox: nameOf("."),
      serial: 1,
      refreshS: 3600,
      retryS: 600,
      expireS: 604_800,
      minimumS: 300,
    },
  ],
  // RFC 9460 D.1 and D.2
  [
    "HTTPS in alias form",
    65,
    `0000 03666f6f ${COM}`,
    { type: "HTTPS", priority: 0, target: nameOf("foo.example.com"), parameters: [] },
  ],
  ["SVCB of the owner", 64, "0001 00", { type: "SVCB", priority: 1, target: nameOf("."), parameters: [] }],
  [
    "SVCB with a port",
    64,
    `0010 03666f6f ${COM} 0003 0002 0035`,
    {
      type: "SVCB",
      priority: 16,
      target: nameOf("foo.example.com"),
      parameters: [{ key: 3, value: octetsOf("0035") }],
    },
  ],
  [
    "SVCB with a key that nobody knows",
    64,
    `0001 03666f6f ${COM} 029b 0005 68656c6c6f`,
    {
      type: "SVCB",
      priority: 1,
      target: nameOf("foo.example.com"),
      parameters: [{ key: 667, value: latin1Bytes("hello") }],
    },
  ],
  ["DS", 43, "ec45 05 01 2bb1", { type: "DS", keyTag: 60_485, algorithm: 5, digestType: 1, digest: octetsOf("2bb1") }],
  [
    "DNSKEY",
    48,
    "0101 03 08 0301",
    { type: "DNSKEY", flags: 257, protocol: 3, algorithm: 8, publicKey: octetsOf("0301") },
  ],
  [
    "RRSIG",
    46,
    `0001 05 03 00015180 3e7c6d77 3e54e037 0a52 ${COM} a0b1`,
    {
      type: "RRSIG",
      covered: 1,
      algorithm: 5,
      labels: 3,
      originalTtlS: 86_400,
      expirationS: 0x3e7c6d77,
      inceptionS: 0x3e54e037,
      keyTag: 2642,
      signer: nameOf("example.com"),
      signature: octetsOf("a0b1"),
    },
  ],
  ["a type that is not understood", 65_280, "00ff", { type: "other", code: 65_280, octets: octetsOf("00ff") }],
  ["a type that is not understood, empty", 99, "", { type: "other", code: 99, octets: new Uint8Array(0) }],
];

/** Data that its type does not allow, and the finding. */
export const malformedRows: readonly (readonly [title: string, code: number, data: string, finding: string])[] = [
  ["an A record of three octets", 1, "c00002", "truncated"],
  ["an A record of five octets", 1, "c000020101", "record-data-rest"],
  ["an AAAA record of four octets", 28, "c0000201", "truncated"],
  ["an MX record without a name", 15, "000a", "truncated"],
  ["a TXT record without a string", 16, "", "truncated"],
  ["a TXT record with half a string", 16, "0561", "truncated"],
  ["a name beyond the data", 5, "03616263", "truncated"],
  ["a name that points to itself", 5, "c01c", "name-pointer"],
  ["a name that points forward", 5, "c0ff", "name-pointer"],
  ["half a pointer", 5, "c0", "truncated"],
  ["a label of a kind that nobody uses", 5, "4161", "label-type"],
  ["CAA without a tag", 257, "0000", "property-tag"],
  ["CAA with a tag that is no word", 257, "00012d", "property-tag"],
  ["a compressed signer", 46, `0001 05 03 00015180 3e7c6d77 3e54e037 0a52 c00c a0b1`, "name-compressed"],
  ["a compressed target of SVCB", 64, "0001 c00c", "name-compressed"],
  ["keys of SVCB that fall", 64, "0001 00 00020000 00010000", "parameter-order"],
  ["keys of SVCB twice", 64, "0001 00 00020000 00020000", "parameter-order"],
  ["a parameter that is cut off", 64, "0001 00 00020003 00", "truncated"],
];
