import type { Mailbox } from "@scop/address";
import type { Connection } from "@scop/platform";
import {
  type ClientPhase,
  type Failure,
  type MessageSink,
  type RecipientOutcome,
  reply,
  type ServerHandler,
  type ServerPhase,
} from "@scop/smtp";
import { type ServeOptions, serveSmtp } from "@scop/smtp/run";

declare const phase: ServerPhase;
declare const client: ClientPhase;
declare const outcome: RecipientOutcome;
declare const connection: Connection;
declare const options: ServeOptions;
declare const mailbox: Mailbox;

/** What must not compile. */
export function refused(): void {
  // @ts-expect-error there is no envelope before MAIL
  if (phase.phase === "ready") phase.envelope;
  // @ts-expect-error no message is under way while the client waits
  if (client.phase === "idle") client.transaction;
  // @ts-expect-error a delivered recipient has no failure
  if (outcome.outcome === "delivered") outcome.failure;
  // @ts-expect-error who blames the peer for an extension that the message needs has not read RFC 6152
  const failure: Failure = { blame: "peer", kind: "unsupported", extension: "8BITMIME" };
  // @ts-expect-error a sink has to know that the message was given up
  const sink: MessageSink = { write: () => undefined, end: async () => reply(250, "2.0.0", "OK") };
  // @ts-expect-error whether AUTH is required is said, not assumed
  const served: ServeOptions = { hostname: "mx.scop.test", handler: options.handler, tls: "none" };
  // @ts-expect-error the driver needs timers
  serveSmtp({ log: { write: () => undefined } }, connection, options);
  // @ts-expect-error an envelope is made of parsed paths, not of text
  const handler: Pick<ServerHandler, "mail"> = { mail: (_session, _path: string) => Promise.resolve(undefined) };
  // @ts-expect-error a mailbox alone is no path
  options.handler.recipient(undefined as never, mailbox, undefined as never);
  void [failure, sink, served, handler];
}
