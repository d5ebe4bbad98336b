import { assert, type IpText, ipOfOctets, latin1, latin1Bytes, parseIp } from "@scop/wire";
import type { MessageWriter } from "./message-writer.ts";
import type { Reader } from "./reader.ts";
import { type DataOf, type RecordType, type ServiceParameter, TYPE_CODES } from "./record.ts";

/** How the data of one type is read and written. The reader ends where the data ends; what is left unread is a fault. */
interface Codec<T extends RecordType> {
  read(from: Reader): DataOf<T>;
  write(to: MessageWriter, data: DataOf<T>): void;
}

/** The octets of an address in the form that the type has. */
function addressOctets(address: IpText, octets: 4 | 16): Uint8Array {
  const read = parseIp(address);
  assert(read.ok, "an IpText is an address");
  if (read.value.octets.length === octets) return read.value.octets;
  assert(octets === 16, "an A record holds an IPv4 address");
  // RFC 4291 2.5.5.2
  return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...read.value.octets);
}

function addressCodec<T extends "A" | "AAAA">(type: T, octets: 4 | 16): Codec<"A" | "AAAA"> {
  return {
    read: from => {
      const read = from.octets(octets);
      return { type, address: ipOfOctets(read.length === octets ? read : new Uint8Array(octets)).text };
    },
    write: (to, data) => void to.bytes(addressOctets(data.address, octets)),
  };
}

function targetCodec(type: "CNAME" | "NS" | "PTR"): Codec<"CNAME" | "NS" | "PTR"> {
  return { read: from => ({ type, target: from.name() }), write: (to, data) => void to.name(data.target) };
}

/** RFC 9460 2.2: SvcParamKeys in strictly rising order. */
function readParameters(from: Reader): readonly ServiceParameter[] {
  const parameters: ServiceParameter[] = [];
  let last = -1;
  while (from.at < from.end) {
    const key = from.u16();
    if (key <= last) from.refuse("parameter-order", "RFC 9460 2.2");
    last = key;
    parameters.push({ key, value: from.octets(from.u16()) });
  }
  return parameters;
}

function serviceCodec(type: "SVCB" | "HTTPS"): Codec<"SVCB" | "HTTPS"> {
  return {
    read: from => ({
      type,
      priority: from.u16(),
      target: from.plainName(),
      parameters: readParameters(from),
    }),
    write: (to, data) => {
      to.u16(data.priority).plainName(data.target);
      for (const { key, value } of data.parameters) to.u16(key).withLength(() => to.bytes(value));
    },
  };
}

const MX: Codec<"MX"> = {
  read: from => ({ type: "MX", preference: from.u16(), exchange: from.name() }),
  write: (to, data) => void to.u16(data.preference).name(data.exchange),
};

const TXT: Codec<"TXT"> = {
  read: from => {
    const strings = [from.string()];
    while (from.at < from.end) strings.push(from.string());
    return { type: "TXT", strings };
  },
  write: (to, data) => {
    assert(data.strings.length > 0, "a TXT record has a string");
    for (const string of data.strings) to.string(string);
  },
};

const SRV: Codec<"SRV"> = {
  // RFC 3597 4: compressed targets are read, and not written
  read: from => ({
    type: "SRV",
    priority: from.u16(),
    weight: from.u16(),
    port: from.u16(),
    target: from.name(),
  }),
  write: (to, data) => void to.u16(data.priority).u16(data.weight).u16(data.port).plainName(data.target),
};

const TLSA: Codec<"TLSA"> = {
  read: from => ({
    type: "TLSA",
    usage: from.u8(),
    selector: from.u8(),
    matching: from.u8(),
    data: from.rest(),
  }),
  write: (to, data) => void to.u8(data.usage).u8(data.selector).u8(data.matching).bytes(data.data),
};

const CAA: Codec<"CAA"> = {
  read: from => {
    const flags = from.u8();
    const tag = latin1(from.string());
    if (!/^[0-9A-Za-z]+$/.test(tag)) from.refuse("property-tag", "RFC 8659 4.1");
    return { type: "CAA", flags, tag, value: from.rest() };
  },
  write: (to, data) => void to.u8(data.flags).string(latin1Bytes(data.tag)).bytes(data.value),
};

const SOA: Codec<"SOA"> = {
  read: from => ({
    type: "SOA",
    primary: from.name(),
    mailbox: from.name(),
    serial: from.u32(),
    refreshS: from.u32(),
    retryS: from.u32(),
    expireS: from.u32(),
    minimumS: from.u32(),
  }),
  write: (to, data) => {
    to.name(data.primary).name(data.mailbox).u32(data.serial);
    to.u32(data.refreshS).u32(data.retryS).u32(data.expireS).u32(data.minimumS);
  },
};

const DS: Codec<"DS"> = {
  read: from => ({
    type: "DS",
    keyTag: from.u16(),
    algorithm: from.u8(),
    digestType: from.u8(),
    digest: from.rest(),
  }),
  write: (to, data) => void to.u16(data.keyTag).u8(data.algorithm).u8(data.digestType).bytes(data.digest),
};

const DNSKEY: Codec<"DNSKEY"> = {
  read: from => ({
    type: "DNSKEY",
    flags: from.u16(),
    protocol: from.u8(),
    algorithm: from.u8(),
    publicKey: from.rest(),
  }),
  write: (to, data) => void to.u16(data.flags).u8(data.protocol).u8(data.algorithm).bytes(data.publicKey),
};

const RRSIG: Codec<"RRSIG"> = {
  read: from => ({
    type: "RRSIG",
    covered: from.u16(),
    algorithm: from.u8(),
    labels: from.u8(),
    originalTtlS: from.u32(),
    expirationS: from.u32(),
    inceptionS: from.u32(),
    keyTag: from.u16(),
    // RFC 4034 3.1.7: never compressed
    signer: from.plainName(),
    signature: from.rest(),
  }),
  write: (to, data) => {
    to.u16(data.covered).u8(data.algorithm).u8(data.labels).u32(data.originalTtlS);
    to.u32(data.expirationS).u32(data.inceptionS).u16(data.keyTag).plainName(data.signer).bytes(data.signature);
  },
};

const CODECS: { readonly [T in RecordType]: Codec<T> } = {
  A: addressCodec("A", 4) as Codec<"A">,
  AAAA: addressCodec("AAAA", 16) as Codec<"AAAA">,
  CNAME: targetCodec("CNAME") as Codec<"CNAME">,
  NS: targetCodec("NS") as Codec<"NS">,
  PTR: targetCodec("PTR") as Codec<"PTR">,
  SVCB: serviceCodec("SVCB") as Codec<"SVCB">,
  HTTPS: serviceCodec("HTTPS") as Codec<"HTTPS">,
  MX,
  TXT,
  SRV,
  TLSA,
  CAA,
  SOA,
  DS,
  DNSKEY,
  RRSIG,
};

const TYPE_BY_CODE: ReadonlyMap<number, RecordType> = new Map(
  (Object.keys(TYPE_CODES) as RecordType[]).map(type => [TYPE_CODES[type], type]),
);

/** Reads the data of a record of the Internet class; the reader stands at its beginning and ends at its end. Undefined where the type is not understood. */
export function readData(from: Reader, code: number): DataOf<RecordType> | undefined {
  const type = TYPE_BY_CODE.get(code);
  if (type === undefined) return undefined;
  const data = CODECS[type].read(from);
  if (from.at < from.end) from.refuse("record-data-rest", "RFC 1035 3.2.1");
  return data;
}

/** Writes the data of a record, its length not included. */
export function writeData<T extends RecordType>(to: MessageWriter, data: DataOf<T>): void {
  (CODECS[data.type] as Codec<T>).write(to, data);
}
