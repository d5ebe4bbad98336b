import type { Platform } from "@scop/platform";
import type { ScramVerifier } from "@scop/sasl";
import type { ServerHandler } from "@scop/smtp";
import type { Store } from "@scop/store";
import type { MtaConfig } from "./config.ts";

/** The capabilities of all stages together. */
export type MtaIo = Pick<Platform, "clock" | "timers" | "random" | "dns" | "net" | "crypto" | "log" | "metrics">;

/** `mx`: mail for local domains from anybody (port 25). `submission`: mail for anybody from our accounts (RFC 6409). */
export type ReceiverKind = "mx" | "submission";

/** What an authenticator needs to know of an account. */
export interface MtaCredentials {
  /** The account's address, as `SessionFacts.identity` then carries it. */
  readonly identity: string;
  readonly verifier: ScramVerifier;
}

/** The stages of a mail server in one process. */
export interface Mta {
  /** Decides about what an SMTP listener receives: give it to `serveSmtp`. */
  receiver(kind: ReceiverKind): ServerHandler;
  /** The account that a user name (its full address, letters in any case) stands for. Rejects with `StoreUnavailable`. */
  lookup(username: string): Promise<MtaCredentials | undefined>;
  /** Starts delivering what is queued. Once. */
  start(): void;
  /** Takes nothing new, gives running transactions 2 s, cuts the rest, gives leases back; resolves within 3 s. */
  stop(): Promise<void>;
  /** Looks at the queue now, destinations that rest after a failure too. */
  wake(): void;
}

/** Builds the stages over a store. Nothing runs before `start`, while receivers work at once. */
export declare function createMta(io: MtaIo, store: Store, config: MtaConfig): Mta;
