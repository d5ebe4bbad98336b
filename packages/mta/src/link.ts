import { ConnectFailed, type Connection } from "@scop/platform";
import type { LeasedRecord } from "@scop/store";
import type { WorkControl } from "./delivery-loop.ts";
import { TRANSACTION_MS } from "./limits.ts";
import { findRoute, type Hop } from "./routing.ts";
import type { Problem } from "./settle.ts";
import type { Stage } from "./stage.ts";

/** What became of one transaction. */
export interface Sent {
  /** `before-data`: the connection ended before the message could have been taken. `broken`: it ended later. */
  readonly ended: "orderly" | "before-data" | "broken";
  /** For each recipient in order; undefined where the message was taken for it. */
  readonly problems: readonly (Problem | undefined)[];
}

/** A connection to a server that takes mail for a destination. */
export interface Link {
  /** It can't be used again. */
  readonly isOver: boolean;
  /** Sends one message to its recipients. Never rejects. */
  send(group: readonly LeasedRecord[]): Promise<Sent>;
  close(): Promise<void>;
}
