import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMessage, encodeMessage, type Flags, type Message, TYPE_CODES } from "@scop/dns";
import { messageOf, mutatedMessages } from "@scop/dns/arbitrary";
import { GROWTH_MAX, growth } from "@scop/sim";
import { hexEncode, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { hostileMessages } from "./hostile-messages.ts";
import { dataRows, malformedRows, nameOf, octetsOf } from "./vectors.ts";

const flags: Flags = {
  response: true,
  authoritative: false,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  authenticData: false,
  checkingDisabled: false,
};

const base: Message = {
  id: 0x1234,
  flags,
  opcode: 0,
  rcode: 0,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
  edns: undefined,
};

function read(octets: Uint8Array): Message {
  const message = decodeMessage(octets);
  assert.ok(message.ok, JSON.stringify(message));
  return message.value;
}

function errorOf(octets: Uint8Array): string {
  const message = decodeMessage(octets);
  return message.ok ? "fine" : `${message.error.code} at ${message.error.offset}`;
}

function u16(value: number): string {
  return value.toString(16).padStart(4, "0");
}

/** A response of one record of the root: it begins at 12, its data at 23. */
function withRecord(code: number, data: string): Uint8Array {
  const octets = octetsOf(data);
  return octetsOf(`1234 8180 0000 0001 0000 0000 00 ${u16(code)} 0001 0000003c ${u16(octets.length)} ${data}`);
}

for (const [title, code, data, value] of dataRows) {
  test(`${title} is read and written`, () => {
    const octets = withRecord(code, data);
    const message: Message = { ...base, answers: [{ name: nameOf(""), class: 1, ttlS: 60, data: value }] };
    const decoded = decodeMessage(octets);
    assert.ok(decoded.ok);
    assert.deepEqual(decoded.value, message);
    assert.deepEqual(decoded.notes, []);
    assert.equal(hexEncode(encodeMessage(message)), hexEncode(octets));
  });
}

for (const [title, code, data, finding] of malformedRows) {
  test(`${title} is kept as octets, with a note`, () => {
    const octets = withRecord(code, data);
    const decoded = decodeMessage(octets);
    assert.ok(decoded.ok);
    assert.deepEqual(decoded.value.answers[0]?.data, { type: "other", code, octets: octetsOf(data) });
    assert.deepEqual(
      decoded.notes.map(note => note.code),
      [finding],
    );
    assert.deepEqual(encodeMessage(decoded.value), octets);
  });
}

test("every type that is understood has a row", () => {
  const codes = new Set(dataRows.map(([, code]) => code));
  for (const code of Object.values(TYPE_CODES)) assert.ok(codes.has(code), String(code));
});

test("a query with EDNS, cookie and all", () => {
  const message: Message = {
    ...base,
    flags: { ...flags, response: false, recursionAvailable: false, authenticData: true },
    questions: [{ name: nameOf("eXample.Org"), type: 16, class: 1 }],
    edns: {
      udpOctets: 1232,
      version: 0,
      dnssecOk: false,
      options: [{ option: "cookie", client: latin1Bytes("12345678"), server: undefined }],
    },
  };
  const octets = octetsOf(
    "1234 0120 0001 0000 0000 0001 0765 58616d706c65 034f7267 00 0010 0001 00 0029 04d0 00 00 0000 000c 000a 0008 3132333435363738",
  );
  assert.equal(hexEncode(encodeMessage(message)), hexEncode(octets));
  assert.deepEqual(read(octets), message);
});

test("an answer that says why it failed, in twelve bits", () => {
  const octets = octetsOf(
    "1234 8187 0000 0000 0000 0001 00 0029 04d0 01 00 8000 000e 000f 000a 0006 6f6f7073 c3bc 00 00",
  );
  const message = read(octets);
  assert.equal(message.rcode, 23);
  assert.deepEqual(message.edns, {
    udpOctets: 1232,
    version: 0,
    dnssecOk: true,
    options: [{ option: "extended-error", code: 6, text: "oopsü" }],
  });
});

test("endings of names that stand already are written once, where every reader knows it", () => {
  const name = nameOf("mx.example.org");
  const octets = encodeMessage({
    ...base,
    questions: [{ name: nameOf("example.org"), type: 15, class: 1 }],
    answers: [
      { name: nameOf("example.org"), class: 1, ttlS: 1, data: { type: "MX", preference: 1, exchange: name } },
      { name, class: 1, ttlS: 1, data: { type: "SRV", priority: 0, weight: 0, port: 0, target: name } },
    ],
  });
  const text = hexEncode(octets);
  assert.ok(text.includes("c00c000f00010000000100070001026d78c00c"), text);
  assert.ok(text.includes("026d78076578616d706c65036f726700"), text);
  assert.equal(read(octets).answers[1]?.name, "mx.example.org");
});

test("a time to live with its first bit set is none", () => {
  assert.equal(read(octetsOf("0000 8000 0000 0001 0000 0000 00 0001 0001 80000000 0004 c0000201")).answers[0]?.ttlS, 0);
});

test("other classes than the Internet's are octets", () => {
  const octets = octetsOf("0000 8000 0000 0001 0000 0000 00 0010 0003 00000000 0002 0161");
  assert.deepEqual(read(octets).answers[0]?.data, { type: "other", code: 16, octets: octetsOf("0161") });
});

const refused: readonly (readonly [title: string, octets: string, error: string])[] = [
  ["nothing", "", "truncated at 0"],
  ["half a header", "1234 8180 0000", "truncated at 6"],
  ["a question that is missing", "1234 8180 0001 0000 0000 0000", "truncated at 12"],
  ["half a question", "1234 8180 0001 0000 0000 0000 00 0001 00", "truncated at 16"],
  ["more answers than there are", "1234 8180 0000 0002 0000 0000 00 0001 0001 00000000 0000", "truncated at 23"],
  ["data that is cut off", "1234 8180 0000 0001 0000 0000 00 0001 0001 00000000 0004 c000", "truncated at 23"],
  ["fewer answers than there are", "1234 8180 0000 0000 0000 0000 00", "trailing-octets at 12"],
  ["a name that points to itself", "1234 8180 0001 0000 0000 0000 c00c 0001 0001", "name-pointer at 12"],
  ["names that point at each other", "1234 8180 0001 0000 0000 0000 0161 c010 c00c 0001 0001", "name-pointer at 14"],
  ["a name that points into the header", "0161 8180 0001 0000 0000 0000 c00b 0001 0001", "fine"],
  ["a pointer past the end", "1234 8180 0001 0000 0000 0000 ffff 0001 0001", "name-pointer at 12"],
  [
    "a name of 256 octets",
    `1234 8180 0001 0000 0000 0000 ${`3f${"61".repeat(63)}`.repeat(4)} 00 0001 0001`,
    "name-length at 204",
  ],
  [
    "a second OPT record",
    `1234 8180 0000 0000 0000 0002 ${"00 0029 04d0 00000000 0000".repeat(2)}`,
    "opt-record at 23",
  ],
  ["an OPT record among the answers", "1234 8180 0000 0001 0000 0000 00 0029 04d0 00000000 0000", "opt-record at 12"],
  [
    "an OPT record of another name",
    "1234 8180 0000 0000 0000 0001 0161 00 0029 04d0 00000000 0000",
    "opt-record at 12",
  ],
  [
    "an option that is cut off",
    "1234 8180 0000 0000 0000 0001 00 0029 04d0 00000000 0006 000a 0008 3132",
    "opt-record at 12",
  ],
];

for (const [title, octets, error] of refused) test(title, () => assert.equal(errorOf(octetsOf(octets)), error));

test("65,536 octets are no message", () => assert.equal(errorOf(new Uint8Array(65_536)), "message-length at 0"));

const written: readonly (readonly [title: string, message: Message])[] = [
  ["a code above 15 without EDNS", { ...base, rcode: 16 }],
  ["a number that does not fit", { ...base, id: 65_536 }],
  ["more than 65,535 octets", withOctets(65_535)],
  [
    "a string over 255 octets",
    {
      ...base,
      answers: [{ name: nameOf(""), class: 1, ttlS: 0, data: { type: "TXT", strings: [new Uint8Array(256)] } }],
    },
  ],
];

function withOctets(count: number): Message {
  const data = { type: "other", code: 99, octets: new Uint8Array(count) } as const;
  return { ...base, answers: [{ name: nameOf(""), class: 1, ttlS: 0, data }] };
}

for (const [title, message] of written) {
  test(`${title} is a mistake of who writes`, () => assert.throws(() => encodeMessage(message)));
}

const chosen = fc.uint8Array({ maxLength: 400, size: "max" });

test("what is written is read again", () => {
  fc.assert(
    fc.property(chosen, octets => {
      const message = messageOf(octets);
      const decoded = decodeMessage(encodeMessage(message));
      assert.ok(decoded.ok, JSON.stringify(decoded));
      assert.deepEqual(decoded.value, message);
      assert.deepEqual(decoded.notes, []);
    }),
  );
});

test("what is wrong with the data of a record lies within it", () => {
  const decoded = decodeMessage(octetsOf("1234 8180 0000 0001 0000 0000 00 0010 0001 00000000 0003 01 61 05"));
  assert.deepEqual(decoded.ok && decoded.notes, [{ code: "truncated", offset: 26, length: 0, rule: "RFC 1035 4.1" }]);
});

test("no octets throw, and what is read of them can be written and read again", () => {
  const octets = fc.oneof(fc.uint8Array({ maxLength: 200, size: "max" }), mutatedMessages(fc));
  fc.assert(
    fc.property(octets, bytes => {
      const decoded = decodeMessage(bytes);
      if (!decoded.ok) return;
      const again = decodeMessage(encodeMessage(decoded.value));
      assert.ok(again.ok);
      // What is malformed is kept as its octets, and these may point into the message that they came with. RFC 1035 4.1.4
      if (decoded.notes.length === 0) assert.deepEqual(again.value, decoded.value);
    }),
    { numRuns: 1_000 },
  );
});

test("a message cut anywhere is refused", () => {
  fc.assert(
    fc.property(chosen, fc.nat(), (octets, at) => {
      const whole = encodeMessage(messageOf(octets));
      assert.notEqual(errorOf(whole.subarray(0, at % whole.length)), "fine");
    }),
  );
});

for (const [title, make] of hostileMessages) {
  test(`eight times as many octets take less than sixteen times as long: ${title}`, () => {
    const found = growth<Uint8Array>(octets => void decodeMessage(octets), make(8_191), make(65_535), GROWTH_MAX);
    assert.ok(found < GROWTH_MAX, `${found.toFixed(1)} times as long`);
  });
}
