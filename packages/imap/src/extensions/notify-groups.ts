import { Octet } from "@scop/wire";
import { readMailbox } from "../arguments.ts";
import type { Mailbox } from "../backend.ts";
import type { CommandOf, FetchItem } from "../command.ts";
import { ITEMS_MAX } from "../limits.ts";
import { readFetchItems } from "../parse-fetch.ts";
import type { Reader } from "../reader.ts";
import { ImapClass } from "../syntax.ts";

const OPEN = 40;
const CLOSE = 41;

/** What a client may hear of. RFC 5465 5, without annotations and metadata, which are not kept here. */
export const NOTIFY_EVENTS = [
  "MessageNew",
  "MessageExpunge",
  "FlagChange",
  "MailboxName",
  "SubscriptionChange",
] as const;

type NotifyEvent = (typeof NOTIFY_EVENTS)[number];

/** Of which mailboxes. RFC 5465 6 */
type NotifyFilter =
  | { readonly of: "selected" | "selected-delayed" | "inboxes" | "personal" | "subscribed" }
  | { readonly of: "subtree" | "mailboxes"; readonly names: readonly string[] };

/** What is told of which mailboxes. RFC 5465 8 */
export interface NotifyGroup {
  readonly filter: NotifyFilter;
  readonly events: ReadonlySet<NotifyEvent>;
  /** What is told of a new message in the selected mailbox. */
  readonly items: readonly FetchItem[];
}

/** RFC 5465 8: notify = "NOTIFY" SP (notify-add / notify-none) */
export function readNotify(reader: Reader): CommandOf<"NOTIFY"> | undefined {
  if (!reader.space()) return undefined;
  if (reader.word("NONE")) return { command: "NOTIFY", groups: [], status: "not-asked", unknown: "no" };
  if (!reader.word("SET")) return reader.fail("set-or-none-expected", "RFC 5465 8");
  const status = reader.word(" STATUS") ? "asked" : "not-asked";
  const groups: NotifyGroup[] = [];
  let unknown: "yes" | "no" = "no";
  let names = 0;
  while (reader.take(Octet.space)) {
    if (!reader.take(OPEN)) return reader.fail("list-expected", "RFC 5465 8");
    const filter = readFilter(reader);
    if (filter === undefined || !reader.space()) return undefined;
    const read = readEvents(reader);
    if (read === undefined) return undefined;
    if (read.unknown === "yes") unknown = "yes";
    names += "names" in filter ? filter.names.length : 1;
    if (names > ITEMS_MAX) return reader.fail("too-many-items");
    groups.push({ filter, events: read.events, items: read.items });
    if (!reader.take(CLOSE)) return reader.fail("list-end-expected", "RFC 5465 8");
  }
  if (groups.length === 0) return reader.fail("list-expected", "RFC 5465 8");
  return { command: "NOTIFY", groups, status, unknown };
}

function readFilter(reader: Reader): NotifyFilter | undefined {
  // Longer words before their beginnings.
  for (const word of ["selected-delayed", "selected", "inboxes", "personal", "subscribed"] as const) {
    if (reader.word(word)) return { of: word };
  }
  for (const word of ["subtree", "mailboxes"] as const) {
    if (!reader.word(word)) continue;
    const names = reader.space() ? readNames(reader) : undefined;
    return names === undefined ? undefined : { of: word, names };
  }
  return reader.fail("filter-expected", "RFC 5465 8");
}

/** One name, or several in parentheses. */
function readNames(reader: Reader): readonly string[] | undefined {
  const names: string[] = [];
  const list = reader.take(OPEN);
  do {
    const name = readMailbox(reader);
    if (name === undefined) return undefined;
    if (names.length === ITEMS_MAX) return reader.fail("too-many-items");
    names.push(name);
  } while (list && reader.take(Octet.space));
  return list && !reader.take(CLOSE) ? reader.fail("list-end-expected") : names;
}

interface Events {
  readonly events: ReadonlySet<NotifyEvent>;
  readonly items: readonly FetchItem[];
  readonly unknown: "yes" | "no";
}

function readEvents(reader: Reader): Events | undefined {
  const events = new Set<NotifyEvent>();
  let items: readonly FetchItem[] | undefined = [];
  let unknown: "yes" | "no" = "no";
  if (reader.word("NONE")) return { events, items, unknown };
  if (!reader.take(OPEN)) return reader.fail("list-expected", "RFC 5465 8");
  do {
    const word = reader.text(ImapClass.atom).toLowerCase();
    const event = NOTIFY_EVENTS.find(known => known.toLowerCase() === word);
    if (word === "") return reader.fail("event-expected", "RFC 5465 8");
    if (event === undefined) unknown = "yes";
    else events.add(event);
    if (event === "MessageNew" && reader.word(" (")) {
      items = readFetchItems(reader);
      if (items === undefined) return undefined;
    }
  } while (reader.take(Octet.space));
  if (!reader.take(CLOSE)) return reader.fail("list-end-expected", "RFC 5465 8");
  // RFC 5465 5: new and expunged messages are told together, and flags only of messages that are.
  const isPair = events.has("MessageNew") === events.has("MessageExpunge");
  if (!isPair || (events.has("FlagChange") && !events.has("MessageNew"))) {
    return reader.fail("message-events-belong-together", "RFC 5465 5");
  }
  return { events, items, unknown };
}

/** Whether a group is about the mailbox that is selected, whichever that is. */
export function isAboutSelected({ filter }: NotifyGroup): boolean {
  return filter.of === "selected" || filter.of === "selected-delayed";
}

/** The first group that is about a mailbox. RFC 5465 6 */
export function groupOf(
  groups: readonly NotifyGroup[],
  mailbox: Pick<Mailbox, "name" | "subscribed">,
): NotifyGroup | undefined {
  return groups.find(({ filter }) => {
    switch (filter.of) {
      case "inboxes":
        return mailbox.name === "INBOX";
      case "personal":
        return true;
      case "subscribed":
        return mailbox.subscribed;
      case "subtree":
        return filter.names.some(name => mailbox.name === name || mailbox.name.startsWith(`${name}/`));
      case "mailboxes":
        return filter.names.includes(mailbox.name);
      default:
        return false;
    }
  });
}
