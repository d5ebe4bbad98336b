import type { ForwardPath, ReversePath } from "@scop/address";
import { type Problem, problem, problemOf, type Session } from "@scop/mta/parts";
import {
  type Capabilities,
  lossOf,
  type NotifyOn,
  type OutgoingEnvelope,
  type RecipientOutcome,
  type Reply,
} from "@scop/smtp";
import { asciiOnly, type Content, contentOfBytes, contentOfStream, type OutgoingMessage } from "./outgoing-message.ts";

/** What is asked of a server that knows DSN; others are not told. RFC 3461 */
export interface DsnOptions {
  /** When to report, for every recipient; empty is never. */
  readonly notify?: readonly NotifyOn[];
  /** What a report about a failure returns. */
  readonly returned?: "message" | "header";
  /** Stands in the reports: printable US-ASCII, at most 100 characters as it is sent. */
  readonly envelopeId?: string;
}

/** A recipient's message was taken, by whom and with what words. */
export interface Delivery {
  readonly host: string;
  readonly reply: Reply;
}

/** A message for recipients who can get it in one transaction. */
export interface Parcel {
  readonly from: ReversePath;
  readonly recipients: readonly ForwardPath[];
  /** Whether an address is not US-ASCII. RFC 6531 */
  readonly utf8: boolean;
  readonly message: OutgoingMessage;
  readonly dsn: DsnOptions | undefined;
  /** Is called once for each recipient. */
  settle(index: number, fate: Delivery | Problem): void;
}

/** Whether the connection was lost before the server can have taken the message, or what became of each recipient was said. */
type Transacted = "lost" | "settled";

/** Sends a parcel over a session and settles its recipients; with `mayBeLost`, none of them where it was lost. Rejects on errors of ours alone. */
export async function transact(session: Session, parcel: Parcel, mayBeLost: "yes" | "no"): Promise<Transacted> {
  const { client, remote } = session;
  const { message } = parcel;
  let content: Content;
  try {
    content = typeof message === "function" ? await contentOfStream(message()) : contentOfBytes(message);
  } catch (error) {
    const failed = problem("temporary", "4.6.0", `The message can't be read: ${String(error)}`, "caller");
    settleAll(parcel, failed);
    return "settled";
  }
  let tooWide = false;
  const { source, eightBit } = content;
  const isGuarded = eightBit === "unknown" && !client.capabilities.eightBit && Symbol.asyncIterator in source;
  const sent = isGuarded
    ? asciiOnly(source, () => {
        tooWide = true;
      })
    : source;
  const outcomes = await client.send(envelopeOf(parcel, content, client.capabilities), sent);
  await content.close().catch(() => undefined);
  if (mayBeLost === "yes" && outcomes.every(outcome => lossOf(outcome) === "before-data")) return "lost";
  const settled = tooWide ? outcomes.map(lacksEightBit) : outcomes;
  for (const [index, outcome] of settled.entries()) {
    const failed = problemOf(outcome, remote);
    if (failed !== undefined) parcel.settle(index, failed);
    else if (outcome.outcome === "delivered") parcel.settle(index, { host: remote.name, reply: outcome.reply });
  }
  return "settled";
}

/** Settles every recipient alike. */
export function settleAll(parcel: Parcel, fate: Problem): void {
  for (const index of parcel.recipients.keys()) parcel.settle(index, fate);
}

function envelopeOf(parcel: Parcel, content: Content, capabilities: Capabilities): OutgoingEnvelope {
  const { from, recipients, dsn = {} } = parcel;
  const { notify, returned, envelopeId } = dsn;
  return {
    reversePath: from,
    recipients,
    eightBit: content.eightBit === "yes" || (content.eightBit === "unknown" && capabilities.eightBit),
    utf8: parcel.utf8 || content.utf8Header === "yes",
    size: content.size,
    ...(returned && { returned }),
    ...(envelopeId && { envelopeId }),
    ...(notify && { recipientParameters: recipients.map(() => ({ notify })) }),
  };
}

/** What is said where a stream turned out not to be US-ASCII, on the way to a server that takes nothing else. RFC 6152 3 */
function lacksEightBit(outcome: RecipientOutcome): RecipientOutcome {
  if (outcome.outcome === "delivered" || outcome.failure.kind !== "message") return outcome;
  return { outcome: "permanent", failure: { blame: "caller", kind: "unsupported", extension: "8BITMIME" } };
}
