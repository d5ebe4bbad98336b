import { assert, type Diagnostic, failed, type Parsed, parsed } from "@scop/wire";
import { type Edns, OPT_CODE, readOptions, writeOpt } from "./edns.ts";
import { MESSAGE_OCTETS_MAX } from "./limits.ts";
import { MessageWriter } from "./message-writer.ts";
import type { Name } from "./name.ts";
import { Reader } from "./reader.ts";
import { CLASS_IN, type RecordData, type ResourceRecord, TYPE_CODES } from "./record.ts";
import { readData, writeData } from "./record-codec.ts";

/** What is asked. RFC 1035 4.1.2 */
export interface Question {
  readonly name: Name;
  /** The number of a type, also of one that is not understood. */
  readonly type: number;
  readonly class: number;
}

/** What the bits of a header say. RFC 1035 4.1.1, RFC 4035 3.2 */
export interface Flags {
  readonly response: boolean;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  /** In a query: the answer's is wanted. RFC 6840 5.7 */
  readonly authenticData: boolean;
  readonly checkingDisabled: boolean;
}

/** A DNS message. */
export interface Message {
  /** 0 to 65,535. */
  readonly id: number;
  readonly flags: Flags;
  /** 0 to 15; 0 is a query. */
  readonly opcode: number;
  /** 0 to 15, with EDNS to 4,095. RFC 6891 6.1.3 */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** Without the OPT record, which is `edns`. */
  readonly additionals: readonly ResourceRecord[];
  readonly edns: Edns | undefined;
}

/** RCODEs that are told apart. RFC 1035 4.1.1, RFC 6891 9, RFC 7873 8 */
export const Rcode = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  noSuchName: 3,
  notImplemented: 4,
  badVersion: 16,
  badCookie: 23,
} as const;

const BITS: readonly (readonly [flag: keyof Flags, bit: number])[] = [
  ["response", 0x8000],
  ["authoritative", 0x0400],
  ["truncated", 0x0200],
  ["recursionDesired", 0x0100],
  ["recursionAvailable", 0x0080],
  ["authenticData", 0x0020],
  ["checkingDisabled", 0x0010],
];

/** RFC 2181 8: a time of which the first bit is set is none. */
const TTL_S_MAX = 0x7fff_ffff;

/** What reading gathers beside the records. */
interface Extras {
  edns: Edns | undefined;
  extendedRcode: number;
  readonly notes: Diagnostic[];
}

/**
 * A message from its octets, all of them. Refused with the place: what is cut off, octets after the end, pointers that do not lead back,
 * names over 255 octets, a second OPT record or one that is not the root's. A record of a type that is understood whose data is malformed
 * is kept as `other` with a note. Takes one pass; bad octets never throw.
 */
export function decodeMessage(bytes: Uint8Array): Parsed<Message> {
  if (bytes.length > MESSAGE_OCTETS_MAX) return failed("message-length", 0, bytes.length, "RFC 1035 4.2.2");
  const from = new Reader(bytes);
  const id = from.u16();
  const bits = from.u16();
  const counts = [from.u16(), from.u16(), from.u16(), from.u16()] as const;
  const extras: Extras = { edns: undefined, extendedRcode: 0, notes: [] };
  const questions = readQuestions(from, counts[0]);
  const answers = readRecords(from, counts[1], undefined, extras.notes);
  const authorities = readRecords(from, counts[2], undefined, extras.notes);
  const additionals = readRecords(from, counts[3], extras, extras.notes);
  if (from.fault === undefined && from.at < bytes.length) from.refuse("trailing-octets", "RFC 1035 4.1");
  if (from.fault !== undefined) return from.failure();
  const flags = Object.fromEntries(BITS.map(([flag, bit]) => [flag, (bits & bit) !== 0])) as unknown as Flags;
  const opcode = (bits >> 11) & 15;
  const rcode = extras.extendedRcode * 16 + (bits & 15);
  const { edns, notes } = extras;
  return parsed({ id, flags, opcode, rcode, questions, answers, authorities, additionals, edns }, notes);
}

function readQuestions(from: Reader, count: number): readonly Question[] {
  const questions: Question[] = [];
  for (let left = count; left > 0 && from.fault === undefined; left -= 1)
    questions.push({ name: from.name(), type: from.u16(), class: from.u16() });
  return questions;
}

function readRecords(from: Reader, count: number, extras: Extras | undefined, notes: Diagnostic[]): ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (let left = count; left > 0 && from.fault === undefined; left -= 1) {
    const offset = from.at;
    const name = from.name();
    const code = from.u16();
    if (code === OPT_CODE) {
      readOpt(from, extras, name, offset);
      continue;
    }
    const recordClass = from.u16();
    const seconds = from.u32();
    const data = readRecordData(from, code, recordClass, notes);
    records.push({ name, class: recordClass, ttlS: seconds > TTL_S_MAX ? 0 : seconds, data });
  }
  return records;
}

function readRecordData(from: Reader, code: number, recordClass: number, notes: Diagnostic[]): RecordData {
  const octets = from.u16();
  const start = from.at;
  const raw = from.octets(octets);
  if (from.fault !== undefined || recordClass !== CLASS_IN) return { type: "other", code, octets: raw };
  const { value: data, fault } = from.within(start, octets, () => readData(from, code));
  if (fault !== undefined) {
    const length = Math.max(0, start + octets - fault.offset);
    notes.push({ code: fault.code, offset: fault.offset, length, rule: fault.rule });
  }
  return fault === undefined && data !== undefined ? data : { type: "other", code, octets: raw };
}

/** RFC 6891 6.1.1: at most one, among the additional records, of the root. */
function readOpt(from: Reader, extras: Extras | undefined, name: Name, offset: number): void {
  const udpOctets = from.u16();
  const extendedRcode = from.u8();
  const version = from.u8();
  const dnssecOk = (from.u16() & 0x8000) !== 0;
  const options = readOptions(from.octets(from.u16()));
  if (extras === undefined || extras.edns !== undefined || name !== "" || options === undefined) {
    from.refuse("opt-record", "RFC 6891 6.1.1", offset);
    return;
  }
  extras.edns = { udpOctets, version, dnssecOk, options };
  extras.extendedRcode = extendedRcode;
}

/**
 * The octets of a message, names compressed where every reader understands it (RFC 3597 4). Numbers that do not fit their field, strings
 * over 255 octets, a code above 15 without EDNS and messages over 65,535 octets are mistakes of the caller.
 */
export function encodeMessage(message: Message): Uint8Array {
  assert(message.rcode < 16 || message.edns !== undefined, "a code above 15 needs EDNS");
  assert(message.opcode < 16 && message.rcode < 4096, "the codes fit their fields");
  const to = new MessageWriter();
  const { flags, edns, questions, answers, authorities, additionals } = message;
  const bits = BITS.reduce((all, [flag, bit]) => (flags[flag] ? all | bit : all), 0);
  to.u16(message.id).u16(bits | (message.opcode << 11) | (message.rcode & 15));
  to.u16(questions.length).u16(answers.length).u16(authorities.length);
  to.u16(additionals.length + (edns === undefined ? 0 : 1));
  for (const question of questions) to.name(question.name).u16(question.type).u16(question.class);
  for (const record of [...answers, ...authorities, ...additionals]) writeRecord(to, record);
  if (edns !== undefined) writeOpt(to, edns, message.rcode >> 4);
  return to.whole();
}

function writeRecord(to: MessageWriter, { name, class: recordClass, ttlS, data }: ResourceRecord): void {
  assert(ttlS <= TTL_S_MAX, "a time to live has 31 bits");
  to.name(name);
  to.u16(data.type === "other" ? data.code : TYPE_CODES[data.type])
    .u16(recordClass)
    .u32(ttlS);
  to.withLength(() => (data.type === "other" ? void to.bytes(data.octets) : writeData(to, data)));
}
