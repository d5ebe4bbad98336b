import type { Mailbox } from "@scop/address";
import { signDkim, wholeMessage } from "@scop/dkim/run";
import { type Change, type NewBlob, newBlob } from "@scop/store";
import { concat, isAscii, latin1Bytes } from "@scop/wire";
import { enqueueChanges, type PermittedRecipient } from "./enqueue.ts";
import { decideRelay } from "./relay.ts";
import { resolve } from "./resolve.ts";
import type { Stage } from "./stage.ts";

/** A message that this server writes in the name of one of its accounts. */
export interface OwnMail {
  /** With all the fields that a message has to have, From among them; its header is US-ASCII. */
  readonly bytes: Uint8Array;
  /** Who stands in From: the keys of this domain sign. */
  readonly author: Mailbox;
  /** Where reports of delivery go; empty for nowhere. */
  readonly reversePath: string;
  readonly recipients: readonly Mailbox[];
}

/** What a transaction needs to send it. */
export interface PreparedMail {
  /** The message with its signatures: the first blob of the transaction. */
  readonly blob: NewBlob;
  /** Empty where nobody of the recipients can be written to. */
  readonly changes: readonly Change[];
  /** Those who are nobody here although their domain is. */
  readonly refused: readonly Mailbox[];
}

/**
 * Signs a message of an account and prepares the changes that queue it for everybody, here and elsewhere; whoever asks makes them part of a transaction
 * of their own, so that it goes out once. Rejects with `StoreUnavailable`, or where the signer can't be reached. RFC 6409 6.1, RFC 6376 5
 */
export async function prepareOwnMail(stage: Stage, mail: OwnMail): Promise<PreparedMail> {
  const { io, store, settings, directory, signer } = stage;
  const permitted: PermittedRecipient[] = [];
  const refused: Mailbox[] = [];
  for (const mailbox of mail.recipients) {
    const { is } = await resolve(directory, settings, mailbox);
    const recipient = is === "foreign" || is === "local" ? is : "unknown";
    const decision = decideRelay({ origin: "submission", authenticated: true, recipient });
    if (decision.may) permitted.push({ permit: decision.permit, mailbox });
    else refused.push(mailbox);
  }
  const { domain } = mail.author;
  const isSigned = signer !== undefined && (await signer.keys(domain)).length > 0;
  const fields = isSigned
    ? latin1Bytes(await signDkim(io, signer, wholeMessage(mail.bytes), domain))
    : new Uint8Array();
  const blob = await newBlob(store, [concat([fields, mail.bytes])]);
  const now = io.clock.now();
  const changes = enqueueChanges(
    settings.hold,
    {
      blob: { new: 0 },
      blobOffset: 0,
      reversePath: mail.reversePath,
      eightBit: !isAscii(mail.bytes),
      utf8Header: false,
      content: "lines",
      tls: "usual",
      due: now,
      expires: now + settings.retry.expiresMs,
    },
    permitted,
  );
  return { blob, changes, refused };
}
