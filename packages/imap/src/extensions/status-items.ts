import { Octet, unreachable } from "@scop/wire";
import type { Mailbox } from "../backend.ts";
import type { StatusItem } from "../command.ts";
import { ITEMS_MAX } from "../limits.ts";
import type { Reader } from "../reader.ts";
import type { StatusFigure } from "../response.ts";
import { mailboxId } from "./objectid.ts";

const OPEN = 40;
const CLOSE = 41;

/** Longer words before their beginnings. */
const STATUS_ITEMS: readonly StatusItem[] = [
  "APPENDLIMIT",
  "DELETED-STORAGE",
  "DELETED",
  "HIGHESTMODSEQ",
  "MAILBOXID",
  "MESSAGES",
  "RECENT",
  "SIZE",
  "UIDNEXT",
  "UIDVALIDITY",
  "UNSEEN",
];

/** RFC 3501 9: "(" status-att *(SP status-att) ")", each kept once. */
export function readStatusItems(reader: Reader): readonly StatusItem[] | undefined {
  if (!reader.take(OPEN)) return reader.fail("list-expected");
  const items: StatusItem[] = [];
  do {
    const item = STATUS_ITEMS.find(name => reader.word(name));
    if (item === undefined) return reader.fail("status-item-expected", "RFC 3501 6.3.10");
    if (items.length === ITEMS_MAX) return reader.fail("too-many-items");
    if (!items.includes(item)) items.push(item);
  } while (reader.take(Octet.space));
  return reader.take(CLOSE) ? items : reader.fail("list-end-expected");
}

/** What STATUS tells of a mailbox. `appendLimit`: octets of the largest message that is taken. */
export function statusFigure(item: StatusItem, mailbox: Mailbox, appendLimit: number): StatusFigure {
  switch (item) {
    case "APPENDLIMIT":
      return { item, number: appendLimit };
    case "DELETED":
      return { item, number: mailbox.deleted };
    case "DELETED-STORAGE":
      return { item, number: mailbox.deletedOctets };
    case "HIGHESTMODSEQ":
      return { item, number: mailbox.highestModseq };
    case "MAILBOXID":
      return { item, id: mailboxId(mailbox.object) };
    case "MESSAGES":
      return { item, number: mailbox.messages };
    case "RECENT":
      return { item, number: 0 };
    case "SIZE":
      return { item, number: mailbox.octets };
    case "UIDNEXT":
      return { item, number: mailbox.uidNext };
    case "UIDVALIDITY":
      return { item, number: mailbox.uidValidity };
    case "UNSEEN":
      return { item, number: mailbox.unseen };
    default:
      return unreachable(item);
  }
}
