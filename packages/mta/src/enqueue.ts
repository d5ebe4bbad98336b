import { formatMailbox, isAsciiMailbox, type Mailbox } from "@scop/address";
import type { Instant } from "@scop/platform";
import type { BlobRef, Change, DsnRequest, TlsDemand } from "@scop/store";
import type { HoldRule } from "./config.ts";
import { matchesDomain } from "./domain-pattern.ts";
import type { RelayPermit } from "./relay.ts";

/** Somebody elsewhere, and the right to send there. */
export interface PermittedRecipient {
  readonly permit: RelayPermit;
  readonly mailbox: Mailbox;
  /** What the sender wants to be told. RFC 3461 */
  readonly dsn?: DsnRequest;
}

/** What goes out. */
export interface OutgoingMail {
  readonly blob: BlobRef;
  /** Octets of the blob before what is sent. */
  readonly blobOffset: number;
  /** Empty for the null reverse-path. */
  readonly reversePath: string;
  readonly eightBit: boolean;
  /** The header is internationalised and its sender said so. RFC 6532 */
  readonly utf8Header: boolean;
  readonly content: "lines" | "binary";
  readonly tls: TlsDemand;
  readonly due: Instant;
  readonly expires: Instant;
}

type Enqueue = Extract<Change, { readonly change: "enqueue" }>;

/**
 * The changes that put a message into the queue; the only place that makes them, so every one had a permit. Recipients whose
 * address needs SMTPUTF8 go apart, so that they alone need it.
 */
export function enqueueChanges(
  rules: readonly HoldRule[],
  mail: OutgoingMail,
  recipients: readonly PermittedRecipient[],
): readonly Enqueue[] {
  const shared = mail.utf8Header || !isAsciiText(mail.reversePath);
  const [plain, international] = [false, true].map(wanted =>
    recipients.filter(recipient => (shared || !isAsciiMailbox(recipient.mailbox)) === wanted),
  );
  return [enqueue(rules, mail, plain!, false), enqueue(rules, mail, international!, true)].filter(
    each => each !== undefined,
  );
}

function enqueue(
  rules: readonly HoldRule[],
  mail: OutgoingMail,
  recipients: readonly PermittedRecipient[],
  utf8: boolean,
): Enqueue | undefined {
  if (recipients.length === 0) return undefined;
  return {
    change: "enqueue",
    blob: mail.blob,
    blobOffset: mail.blobOffset,
    reversePath: mail.reversePath,
    recipients: recipients.map(({ mailbox, dsn }) => {
      const held = heldBy(rules, mail.reversePath, mailbox.domain);
      return {
        recipient: formatMailbox(mailbox),
        destination: mailbox.domain,
        ...(dsn === undefined ? {} : { dsn }),
        ...(held === undefined ? {} : { held }),
      };
    }),
    content: mail.content,
    tls: mail.tls,
    eightBit: mail.eightBit,
    utf8,
    due: mail.due,
    expires: mail.expires,
  };
}

/** Why it waits for the operator, if it does. */
function heldBy(rules: readonly HoldRule[], reversePath: string, domain: string): string | undefined {
  const rule = rules.find(
    ({ destination, sender }) =>
      (destination === undefined || matchesDomain(destination, domain)) &&
      (sender === undefined || matchesSender(sender, reversePath)),
  );
  if (rule === undefined) return undefined;
  const parts = [
    rule.sender === undefined ? "" : ` from <${rule.sender}>`,
    rule.destination === undefined ? "" : ` to ${rule.destination}`,
  ];
  return `held by the rule for mail${parts.join("")}`;
}

function matchesSender(pattern: string, reversePath: string): boolean {
  if (pattern === "" || pattern.includes("@")) return reversePath.toLowerCase() === pattern.toLowerCase();
  return matchesDomain(pattern, reversePath.slice(reversePath.lastIndexOf("@") + 1));
}

/** Whether every character is US-ASCII. */
function isAsciiText(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false;
  return true;
}
