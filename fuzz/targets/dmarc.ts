import { formatDmarcRecord, isDmarcRecord, parseDmarcRecord } from "@scop/dmarc";
import { recordOf } from "@scop/dmarc/arbitrary";
import type { Grammar } from "@scop/fuzz";
import { check, checkDiagnostics, latin1, same } from "./properties.ts";

export const about = "a DMARC record that was read is written and read as the same, without a note";
export const seeds: readonly string[] = [
  "v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=r; rua=mailto:a@example.org!10m,https://example.org/; ruf=mailto:b@example.org; fo=1:d:s; t=y; psd=n",
  "v=DMARC1;pct=50;ri=1;rf=afrf;p=none",
];
export const grammar: Grammar = {
  record: ["v=DMARC1;{tags}", "v = DMARC1 ; {tags}"],
  tags: ["", "{tag};{tags}", " {tag} ; {tags}"],
  tag: [
    "p={policy}",
    "sp={policy}",
    "np={policy}",
    "adkim={letter}",
    "aspf={letter}",
    "rua={uris}",
    "ruf={uris}",
    "fo={options}",
    "t={letter}",
    "psd={letter}",
    "pct={n}",
    "x{letter}={uris}",
  ],
  policy: ["none", "quarantine", "reject", "Reject", "all", ""],
  letter: ["y", "n", "s", "r", "u", "S", ""],
  uris: ["{uri}", "{uri},{uris}", "{uri} , {uris}"],
  uri: [
    "mailto:a@example.org",
    "mailto:a%2Cb@example.org!{n}{unit}",
    "https://example.org/{letter}",
    "{letter}",
    "mailto:é",
  ],
  n: ["0", "10", "99999999999999999999"],
  unit: ["", "k", "m", "g", "t", "K"],
  options: ["0", "1", "d", "s", "{options}:{options}"],
};

export function fuzz(data: Uint8Array): void {
  const text = latin1(data);
  const read = parseDmarcRecord(text);
  check(read.ok === isDmarcRecord(text), "both ways of looking agree");
  if (read.ok) {
    checkDiagnostics(read.notes, data.length);
    const upper = parseDmarcRecord(text.replace(/(?<=;)[^=;]*/g, name => name.toUpperCase()));
    check(upper.ok, "a record is one whatever the case of its tags");
    if (upper.ok) same(upper.value, read.value, "a record says the same whatever the case of its tags");
    const again = parseDmarcRecord(formatDmarcRecord(read.value));
    check(again.ok, "a written record is read");
    if (again.ok) same(again.value, read.value, "a record is the same after writing and reading");
  }
  const made = recordOf(data);
  const decoded = parseDmarcRecord(formatDmarcRecord(made));
  check(decoded.ok && decoded.notes.length === 0, "a made record is read without a note");
  if (decoded.ok) same(decoded.value, made, "a made record is read as it was");
}
