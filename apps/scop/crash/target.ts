import type { RunningServer } from "./server-process.ts";
import type { StoreCheck } from "./store-check.ts";

/** Where mail for other domains is given in, and whether that needs STARTTLS and a login. */
interface SubmissionDoor {
  readonly port: number;
  readonly login: boolean;
}

/** A mail server with a folder of its own, which can be killed and started again on what it left. */
export interface Target {
  /** Named steps at which it kills itself when it is told to; those that only a new folder passes are in `newFolderPoints`. */
  readonly points: readonly string[];
  readonly newFolderPoints: ReadonlySet<string>;
  readonly smtp: number;
  readonly imaps: number;
  readonly submission: SubmissionDoor;
  /** Starts it; with a point as in `NAME:N`, it dies at the N-th passing of that step. */
  start(point?: string): RunningServer;
  /** The certificate of its IMAP door, once it was started. */
  certificate(): Promise<Buffer>;
  /** Whether mail is still on its way into mailboxes; undefined where it is in them before it is acknowledged. */
  readonly isBusy?: () => Promise<boolean>;
  /** What its files say while it does not run. */
  inspect(): Promise<StoreCheck>;
}

/** Makes the target of a folder. What it delivers to other domains goes to this port of 127.0.0.1. */
export type MakeTarget = (folder: string, nextHopPort: number) => Promise<Target>;
