import type { Grammar } from "@scop/fuzz";
import { formatRecord, isSpfRecord, parseRecord, type SpfRecord } from "@scop/spf";
import { recordOf } from "@scop/spf/arbitrary";
import { check, checkDiagnostics, latin1, same } from "./properties.ts";

export const about = "an SPF record that was read is written and read as the same, macros among it";
export const seeds: readonly string[] = [
  "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a:%{d}/24//64 mx -all",
  "v=spf1 include:_spf.%{d2r.-} exists:%{ir}.%{v}._spf.%{d} ?ptr ~all redirect=example.org exp=e.%{L}",
];
export const grammar: Grammar = {
  record: ["v=spf1{terms}", "V=SPF1 {terms}"],
  terms: ["", " {term}{terms}", " {term}{terms}"],
  term: [
    "{q}all",
    "{q}include:{domain}",
    "{q}a{hosts}",
    "{q}mx{hosts}",
    "{q}ip4:192.0.2.{n}{length}",
    "{q}ip6:2001:db8::{n}{length}",
    "{q}exists:{domain}",
    "{q}ptr:{domain}",
    "redirect={domain}",
    "exp={domain}",
    "{label}={domain}",
  ],
  q: ["", "+", "-", "~", "?"],
  hosts: ["", ":{domain}", "{length}", ":{domain}{length}"],
  length: ["", "/{n}", "//{n}", "/{n}//{n}"],
  domain: ["example.org", "{label}.{domain}", "{macro}.{domain}", "{macro}"],
  macro: ["%{{{letter}{n}{r}{d}}", "%%", "%_", "%-", "%"],
  letter: ["s", "l", "o", "d", "i", "p", "v", "h", "c", "r", "t", "S", "x"],
  r: ["", "r", "R"],
  d: ["", ".", "-", "+,/_="],
  label: ["a", "_spf", "é", "-", "{label}{label}"],
  n: ["", "0", "1", "24", "32", "128", "129", "00"],
};

export function fuzz(data: Uint8Array): void {
  const text = latin1(data);
  if (isSpfRecord(text)) {
    const read = parseRecord(text);
    if (read.ok) checkRoundTrip(read.value);
    else checkDiagnostics([read.error], data.length);
  }
  checkRoundTrip(recordOf(data));
}

function checkRoundTrip(record: SpfRecord): void {
  const written = formatRecord(record);
  const again = parseRecord(written);
  check(again.ok, `a written record is read: ${written}`);
  if (again.ok)
    same(withoutPlaces(again.value), withoutPlaces(record), "a record is the same after writing and reading");
}

function withoutPlaces(record: SpfRecord): unknown {
  return { ...record, directives: record.directives.map(each => ({ ...each, text: "", offset: 0 })) };
}
