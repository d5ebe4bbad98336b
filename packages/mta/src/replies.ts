import { type Reply, reply } from "@scop/smtp";

/** What a receiver answers by itself. */
type ReplyName =
  | "noSuchMailbox"
  | "relayingDenied"
  | "aliasTooLarge"
  | "tooManyRecipients"
  | "authenticationRequired"
  | "senderNotOwn"
  | "authorNotOwn"
  | "authorMissing"
  | "headerTooLarge"
  | "messageTooLarge"
  | "looping"
  | "memoryFull"
  | "mailboxFull"
  | "mailboxTooSmall"
  | "diskFull"
  | "unavailable"
  | "changedMeanwhile";

/** The replies, in one place. RFC 5321 4.2.2, RFC 3463 */
export const REPLY: Readonly<Record<ReplyName, Reply>> = {
  noSuchMailbox: reply(550, "5.1.1", "No such mailbox here"),
  relayingDenied: reply(550, "5.7.1", "Relaying denied"),
  aliasTooLarge: reply(451, "4.2.4", "The alias stands for too many addresses"),
  tooManyRecipients: reply(452, "4.5.3", "Too many recipients"),
  authenticationRequired: reply(530, "5.7.0", "Authentication required"),
  senderNotOwn: reply(550, "5.7.1", "The sender is not an address of this account"),
  authorNotOwn: reply(550, "5.7.1", "From and Sender have to be addresses of this account"),
  authorMissing: reply(554, "5.6.0", "The message needs one From field with an address"),
  headerTooLarge: reply(552, "5.3.4", "The header of the message is too large"),
  messageTooLarge: reply(552, "5.3.4", "The message is too large"),
  looping: reply(554, "5.4.6", "Too many Received fields: the message is in a loop"),
  mailboxFull: reply(452, "4.2.2", "The mailbox is full; try again later"),
  mailboxTooSmall: reply(552, "5.2.2", "The message is larger than all that the mailbox may hold"),
  memoryFull: reply(452, "4.3.1", "Too much is arriving; try again later"),
  diskFull: reply(452, "4.3.1", "No room for the message; try again later"),
  unavailable: reply(451, "4.3.0", "The message can't be stored now; try again later"),
  changedMeanwhile: reply(451, "4.2.1", "A mailbox changed while the message arrived; try again"),
};

/** Nobody answers for whom the message says it is from, and that domain wants such mail refused. RFC 7372 3.3 */
export function authenticationFailed(reason: string): Reply {
  return reply(550, "5.7.26", reason);
}

/** Whether somebody answers for it is not known now, and that domain wants mail refused that nobody answers for. RFC 3463 3.5 */
export function authenticationUnsure(reason: string): Reply {
  return reply(451, "4.4.3", reason);
}

/** The message is on stable storage under this id. */
export function accepted(id: string): Reply {
  return reply(250, "2.0.0", `Accepted as ${id}`);
}
