import { tagsOf, tagValue } from "./tags.ts";

/** What the TXT records of `_mta-sts` say. */
export type StsRecord =
  | { readonly is: "record"; readonly id: string }
  /** There is none, more than one, or it is malformed, which all mean that the domain says nothing now. */
  | { readonly is: "none" };

const NONE: StsRecord = { is: "none" };

/** Where the record of a domain stands. RFC 8461 3.1 */
export function stsRecordName(domain: string): string {
  return `_mta-sts.${domain}`;
}

/** The id among TXT records: one record begins with the version, and it has an id of 1 to 32 letters and digits. RFC 8461 3.1 */
export function parseStsRecord(texts: readonly string[]): StsRecord {
  const ours = texts.filter(text => /^v=STSv1[ \t]*;/.test(text));
  const id = ours.length === 1 ? tagValue(tagsOf(ours[0]!, "STSv1") ?? [], "id") : undefined;
  return id !== undefined && /^[0-9A-Za-z]{1,32}$/.test(id) ? { is: "record", id } : NONE;
}

/** The record for a policy that has this id: another id each time that the policy changes. */
export function formatStsRecord(id: string): string {
  return `v=STSv1; id=${id};`;
}
