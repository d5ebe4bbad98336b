import { type IpText, ipOfOctets } from "@scop/wire";
import { Choices, type FastCheck, type Mapped } from "@scop/wire/arbitrary";
import type { Edns, EdnsOption } from "./edns.ts";
import { encodeMessage, type Message } from "./message.ts";
import { type Name, parseName } from "./name.ts";
import { CLASS_IN, type RecordData, type RecordType, type ResourceRecord } from "./record.ts";

/** Octets that choose one message. */
const CHOICES_MAX = 400;
/** A type that is not understood and is no OPT. RFC 6895 3.1: for private use. */
const PRIVATE_TYPE = 65_280;

const LABELS = ["a", "Example", "org", "xn--bcher-kva", "_25", "*", "\\.", "\\\\x", "\\000", "\\255y", "m".repeat(63)];

function u16(choices: Choices): number {
  return choices.below(256) * 256 + choices.below(256);
}

function u32(choices: Choices): number {
  return u16(choices) * 65_536 + u16(choices);
}

function octets(choices: Choices, max: number, min = 0): Uint8Array {
  return Uint8Array.from({ length: min + choices.below(max - min + 1) }, () => choices.below(256));
}

function nameFrom(choices: Choices): Name {
  let text = "";
  for (let left = choices.below(6); left > 0; left -= 1) text += `${choices.of(LABELS)}.`;
  const read = parseName(text);
  // Five labels of 63 octets are more than a name may have
  return read.ok ? read.value : ("" as Name);
}

function address(choices: Choices, family: 4 | 16): IpText {
  const first = choices.of([0, 1, 0x20, 0xfe]);
  return ipOfOctets(Uint8Array.from({ length: family }, (_, at) => (at === 0 ? first : choices.below(256)))).text;
}

function service<T extends "SVCB" | "HTTPS">(type: T, choices: Choices): RecordData {
  let key = -1;
  const parameters = choices.list(4, () => {
    key += 1 + choices.below(9);
    return { key, value: octets(choices, 9) };
  });
  return { type, priority: u16(choices), target: nameFrom(choices), parameters };
}

const DATA: { readonly [T in RecordType]: (choices: Choices) => RecordData } = {
  A: choices => ({ type: "A", address: address(choices, 4) }),
  AAAA: choices => ({ type: "AAAA", address: address(choices, 16) }),
  MX: choices => ({ type: "MX", preference: u16(choices), exchange: nameFrom(choices) }),
  TXT: choices => ({ type: "TXT", strings: [octets(choices, 255), ...choices.list(3, () => octets(choices, 9))] }),
  CNAME: choices => ({ type: "CNAME", target: nameFrom(choices) }),
  NS: choices => ({ type: "NS", target: nameFrom(choices) }),
  PTR: choices => ({ type: "PTR", target: nameFrom(choices) }),
  SRV: choices => ({
    type: "SRV",
    priority: u16(choices),
    weight: u16(choices),
    port: u16(choices),
    target: nameFrom(choices),
  }),
  TLSA: choices => ({
    type: "TLSA",
    usage: choices.below(256),
    selector: choices.below(256),
    matching: choices.below(256),
    data: octets(choices, 64),
  }),
  CAA: choices => ({
    type: "CAA",
    flags: choices.below(256),
    tag: choices.of(["issue", "iodef", "X1"]),
    value: octets(choices, 30),
  }),
  SOA: choices => ({
    type: "SOA",
    primary: nameFrom(choices),
    mailbox: nameFrom(choices),
    serial: u32(choices),
    refreshS: u32(choices),
    retryS: u32(choices),
    expireS: u32(choices),
    minimumS: u32(choices),
  }),
  SVCB: choices => service("SVCB", choices),
  HTTPS: choices => service("HTTPS", choices),
  DS: choices => ({
    type: "DS",
    keyTag: u16(choices),
    algorithm: choices.below(256),
    digestType: choices.below(256),
    digest: octets(choices, 48),
  }),
  DNSKEY: choices => ({
    type: "DNSKEY",
    flags: u16(choices),
    protocol: choices.below(256),
    algorithm: choices.below(256),
    publicKey: octets(choices, 64),
  }),
  RRSIG: choices => ({
    type: "RRSIG",
    covered: u16(choices),
    algorithm: choices.below(256),
    labels: choices.below(256),
    originalTtlS: u32(choices),
    expirationS: u32(choices),
    inceptionS: u32(choices),
    keyTag: u16(choices),
    signer: nameFrom(choices),
    signature: octets(choices, 64),
  }),
};

const MAKERS = Object.values(DATA);

function record(choices: Choices): ResourceRecord {
  const name = nameFrom(choices);
  const ttlS = u32(choices) % 0x8000_0000;
  if (choices.below(8) === 7) {
    const code = PRIVATE_TYPE + choices.below(200);
    return {
      name,
      class: choices.of([CLASS_IN, 3, 254]),
      ttlS,
      data: { type: "other", code, octets: octets(choices, 40) },
    };
  }
  return { name, class: CLASS_IN, ttlS, data: choices.of(MAKERS)(choices) };
}

function option(choices: Choices): EdnsOption {
  switch (choices.below(3)) {
    case 0:
      return { option: "cookie", client: octets(choices, 8, 8), server: choices.maybe(() => octets(choices, 32, 8)) };
    case 1:
      return { option: "extended-error", code: u16(choices), text: choices.of(["", "stale", "signature expired: ü"]) };
    default:
      return { option: "other", code: 100 + choices.below(100), octets: octets(choices, 20) };
  }
}

function edns(choices: Choices): Edns {
  const isFlagged = choices.below(2) === 1;
  return {
    udpOctets: u16(choices),
    version: choices.below(2),
    dnssecOk: isFlagged,
    options: choices.list(3, () => option(choices)),
  };
}

/** The message that octets choose: any octets choose one, and fewer choose a simpler one. */
export function messageOf(chosen: Uint8Array): Message {
  const choices = new Choices(chosen);
  const bit = (): boolean => choices.below(2) === 1;
  const extension = choices.maybe(() => edns(choices));
  return {
    id: u16(choices),
    flags: {
      response: bit(),
      authoritative: bit(),
      truncated: bit(),
      recursionDesired: bit(),
      recursionAvailable: bit(),
      authenticData: bit(),
      checkingDisabled: bit(),
    },
    opcode: choices.below(16),
    rcode: choices.below(extension === undefined ? 16 : 256),
    questions: choices.list(2, () => ({ name: nameFrom(choices), type: u16(choices), class: u16(choices) })),
    answers: choices.list(4, () => record(choices)),
    authorities: choices.list(2, () => record(choices)),
    additionals: choices.list(2, () => record(choices)),
    edns: extension,
  };
}

/** Octets of messages, of which one to four were changed, put in or taken away. */
export function mutatedMessages<A extends Mapped<A>>(fc: FastCheck<A>): A {
  return fc.uint8Array({ minLength: 0, maxLength: CHOICES_MAX, size: "max" }).map(chosen => {
    const choices = new Choices(chosen.subarray(0, 16));
    const whole = [...encodeMessage(messageOf(chosen.subarray(16)))];
    for (let left = 1 + choices.below(4); left > 0; left -= 1) {
      const at = u16(choices) % (whole.length + 1);
      if (choices.below(3) === 0) whole.splice(at, 1 + choices.below(4));
      else whole.splice(at, choices.below(2), choices.of([0, 1, 63, 64, 0xc0, 0xff, choices.below(256)]));
    }
    return Uint8Array.from(whole);
  });
}
