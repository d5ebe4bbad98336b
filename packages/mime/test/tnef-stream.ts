import { concat, latin1Bytes } from "@scop/wire";

/** A number of little-endian octets. */
export function little(value: number, octets: number): Uint8Array {
  return Uint8Array.from({ length: octets }, (_, index) => Math.floor(value / 256 ** index) & 255);
}

/** An attribute of a TNEF stream: level, number with type, content and its sum. */
export function attribute(level: 1 | 2, id: number, content: Uint8Array): Uint8Array {
  const sum = content.reduce((all, octet) => (all + octet) & 0xffff, 0);
  return concat([Uint8Array.of(level), little(id, 4), little(content.length, 4), content, little(sum, 2)]);
}

export function tnefStream(...attributes: readonly Uint8Array[]): Uint8Array {
  return concat([little(0x223e9f78, 4), little(1, 2), ...attributes]);
}

/** A property whose value is of variable size. */
export function property(type: number, id: number, value: Uint8Array): Uint8Array {
  const fill = new Uint8Array((4 - (value.length % 4)) % 4);
  return concat([little(type, 2), little(id, 2), little(1, 4), little(value.length, 4), value, fill]);
}

export function properties(...list: readonly Uint8Array[]): Uint8Array {
  return concat([little(list.length, 4), ...list]);
}

export function utf16(text: string): Uint8Array {
  return concat(Array.from({ length: text.length }, (_, at) => little(text.charCodeAt(at), 2)));
}

/** A stream with a body, HTML and two attachments. */
export function sampleTnef(): Uint8Array {
  return tnefStream(
    attribute(1, 0x00069007, concat([little(1252, 4), little(0, 4)])),
    attribute(1, 0x0002800c, latin1Bytes("old body\0")),
    attribute(
      1,
      0x00069003,
      properties(
        concat([little(0x03, 2), little(0x0017, 2), little(1, 4)]),
        property(0x1e, 0x1000, latin1Bytes("body \xe9\0")),
        property(0x102, 0x1013, latin1Bytes("<p>hi</p>")),
        concat([little(0x1003, 2), little(0x1234, 2), little(2, 4), little(1, 4), little(2, 4)]),
        concat([
          little(0x1e, 2),
          little(0x8001, 2),
          new Uint8Array(16),
          little(0, 4),
          little(7, 4),
          little(1, 4),
          little(0, 4),
        ]),
      ),
    ),
    attribute(2, 0x00069002, new Uint8Array(14)),
    attribute(2, 0x00018010, latin1Bytes("SHORT~1.TXT\0")),
    attribute(2, 0x0006800f, latin1Bytes("first")),
    attribute(
      2,
      0x00069005,
      properties(
        property(0x1f, 0x3707, utf16("lößg.txt\0")),
        property(0x1e, 0x370e, latin1Bytes("Text/Plain\0")),
        property(0x1e, 0x3712, latin1Bytes("<1@x>\0")),
      ),
    ),
    attribute(2, 0x00069002, new Uint8Array(14)),
    attribute(2, 0x00018010, latin1Bytes("second.bin\0")),
    attribute(2, 0x00069005, properties(property(0x102, 0x3701, Uint8Array.of(0, 1, 2)))),
  );
}
