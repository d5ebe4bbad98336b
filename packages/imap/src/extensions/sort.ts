import { addressesOf, dateOf, displayNameOf, type HeaderView, messageIdsOf, subjectOf } from "@scop/mime";
import { Octet } from "@scop/wire";
import type { Entry } from "../backend.ts";
import { SORT_KEYS_MAX, SORT_TEXT_UNITS_MAX } from "../limits.ts";
import type { Reader } from "../reader.ts";
import { type BaseSubject, baseSubject } from "./base-subject.ts";
import { casemap } from "./casemap.ts";

type SortName = "ARRIVAL" | "CC" | "DATE" | "FROM" | "SIZE" | "SUBJECT" | "TO";

/** One criterion of SORT. RFC 5256 3 */
export interface SortKey {
  readonly by: SortName;
  readonly order: "rising" | "falling";
}

const NAMES: readonly SortName[] = ["ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO"];
const OPEN = 40;
const CLOSE = 41;

/** RFC 5256 5: sort-criteria = "(" sort-criterion *(SP sort-criterion) ")" */
export function readSortKeys(reader: Reader): readonly SortKey[] | undefined {
  if (!reader.take(OPEN)) return reader.fail("list-expected", "RFC 5256 3");
  const keys: SortKey[] = [];
  do {
    const order = reader.word("REVERSE ") ? "falling" : "rising";
    const by = NAMES.find(name => reader.word(name));
    if (by === undefined) return reader.fail("sort-key-expected", "RFC 5256 3");
    if (keys.length === SORT_KEYS_MAX) return reader.fail("too-many-items");
    keys.push({ by, order });
  } while (reader.take(Octet.space));
  return reader.take(CLOSE) ? keys : reader.fail("list-end-expected", "RFC 5256 3");
}

/** A message with the values of the criteria, in their order; texts are in the form in which they are compared. */
export interface Sortable {
  readonly place: number;
  readonly values: readonly (string | number)[];
}

/** Whether the header has to be read for this. */
export function needsHeader(keys: readonly SortKey[]): boolean {
  return keys.some(({ by }) => by !== "ARRIVAL" && by !== "SIZE");
}

/** The value of one criterion; without a header (it could not be read) as if there were no field. RFC 5256 3 */
export function sortValue({ by }: SortKey, entry: Entry, header: HeaderView | undefined): string | number {
  switch (by) {
    case "ARRIVAL":
      return entry.internalDate;
    case "SIZE":
      return entry.size;
    case "DATE":
      return sentAt(entry, header);
    case "SUBJECT":
      return header === undefined ? "" : subjectKey(header).text;
    default:
      return header === undefined ? "" : firstMailbox(header, by.toLowerCase());
  }
}

/** When a message was sent, in UTC. RFC 5256 2.2 */
export function sentAt(entry: Entry, header: HeaderView | undefined): number {
  return (header && dateOf(header))?.instant ?? entry.internalDate;
}

/** The base subject in the form in which it is compared. */
export function subjectKey(header: HeaderView): BaseSubject {
  const { text, kind } = baseSubject(cut(subjectOf(header) ?? ""));
  return { text: cut(casemap(text)), kind };
}

/** RFC 5256 3: the addr-mailbox of the first address, which for a group is its name (RFC 3501 7.4.2). */
function firstMailbox(header: HeaderView, name: string): string {
  const first = addressesOf(header, name).addresses[0];
  return cut(casemap(first?.kind === "group" ? displayNameOf(first) : (first?.localPart ?? "")));
}

function cut(text: string): string {
  return text.length <= SORT_TEXT_UNITS_MAX ? text : text.slice(0, SORT_TEXT_UNITS_MAX);
}

/** The identifiers of a message and of those it answers to, the last one the nearest. RFC 5256 3 REFERENCES */
export function referencesOf(header: HeaderView): { readonly id: string | undefined; readonly to: readonly string[] } {
  const references = messageIdsOf(header, "references");
  const to = references.length > 0 ? references : messageIdsOf(header, "in-reply-to").slice(0, 1);
  return { id: messageIdsOf(header, "message-id")[0], to };
}

/** The places in the order of the criteria; those that are alike in all of them stay in the order of the mailbox. RFC 5256 3 */
export function sortPlaces(messages: readonly Sortable[], keys: readonly SortKey[]): readonly number[] {
  const sorted = messages.slice().sort((one, other) => {
    for (const [index, { order }] of keys.entries()) {
      const compared = compare(one.values[index]!, other.values[index]!);
      if (compared !== 0) return order === "rising" ? compared : -compared;
    }
    return one.place - other.place;
  });
  return sorted.map(({ place }) => place);
}

/** Both values are of one criterion, so of one type. */
function compare(one: string | number, other: string | number): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
