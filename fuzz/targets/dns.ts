import { decodeMessage, encodeMessage, parseName } from "@scop/dns";
import { messageOf } from "@scop/dns/arbitrary";
import { check, checkDiagnostics, latin1, same } from "./properties.ts";

export const about =
  "a DNS message that was read is written and read as the same; pointers, lengths and counts of any octets are survived";
const NOTHING = new Uint8Array();
export const seeds: readonly Uint8Array[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map(kind =>
    encodeMessage(messageOf(Uint8Array.from({ length: 60 }, (_, at) => (at * 31 + kind * 17) % 256))),
  ),
  encodeMessage(messageOf(NOTHING)),
];
export const words: readonly string[] = ["\xc0\x0c", "\xc0\0", "\x07example\x03org\0", "\0\x01\0\x01", "\0\x29"];

export function fuzz(data: Uint8Array): void {
  const read = decodeMessage(data);
  if (read.ok) {
    checkDiagnostics(read.notes, data.length);
    for (const { name } of read.value.questions) check(parseName(name).ok, "a name that was read is one");
    const again = decodeMessage(encodeMessage(read.value));
    check(again.ok, "a written message is read");
    if (again.ok) same(again.value, read.value, "a message is the same after writing and reading");
  } else checkDiagnostics([read.error], data.length);
  const made = messageOf(data);
  const decoded = decodeMessage(encodeMessage(made));
  check(decoded.ok, "a made message is read");
  if (decoded.ok) same(decoded.value, made, "a made message is read as it was");
  const name = parseName(latin1(data));
  if (name.ok) {
    const twice = parseName(name.value);
    check(twice.ok && twice.value === name.value, "a name has one form");
  }
}
