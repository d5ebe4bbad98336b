import { send } from "../answer.ts";
import type { Mailbox } from "../backend.ts";
import { DELIMITER } from "../mailbox-name.ts";
import type { Turn } from "../session.ts";
import type { NameForm } from "../utf7.ts";
import type { ReturnOption } from "./search-return.ts";

/** Whether the client asked for IMAP4rev2 by ENABLE. RFC 9051 6.3.1 */
function isRev2(turn: Turn): boolean {
  return turn.enabled.has("IMAP4rev2");
}

/** How names of mailboxes stand on the wire. RFC 9051 5.1: UTF-8, where the client asked for it. */
export function nameFormOf({ enabled }: Pick<Turn, "enabled">): NameForm {
  return enabled.has("IMAP4rev2") ? "utf-8" : "utf-7";
}

/** \Recent is kept for nobody; a client of IMAP4rev1 is told so, and one of IMAP4rev2 does not know it. RFC 9051 E 3 */
export function sendRecent(turn: Turn): undefined {
  if (!isRev2(turn)) send(turn, { response: "recent", number: 0 });
}

/** The place of the first message that is not seen, which IMAP4rev2 leaves to SEARCH. RFC 9051 E 3 */
export function tellsUnseen(turn: Turn): boolean {
  return !isRev2(turn);
}

/** RFC 9051 6.3.2: SELECT tells the name of its mailbox. */
export function sendSelectedName(turn: Turn, mailbox: Mailbox): undefined {
  if (!isRev2(turn)) return;
  const attributes = mailbox.specialUse === undefined ? [] : [mailbox.specialUse];
  send(turn, { response: "list", attributes, delimiter: DELIMITER, mailbox: mailbox.name, childInfo: [] });
}

/** RFC 9051 6.4.4: a SEARCH that does not say what it wants is answered by ESEARCH all the same. */
export function searchReturns(
  turn: Turn,
  asked: readonly ReturnOption[] | undefined,
): readonly ReturnOption[] | undefined {
  return asked ?? (isRev2(turn) ? ["ALL"] : undefined);
}
