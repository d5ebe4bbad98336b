import type { KeyCache, Signer } from "@scop/dkim";
import type { Platform } from "@scop/platform";
import type { Store } from "@scop/store";
import type { TlsPolicies } from "@scop/tls-policy/run";
import type { Settings } from "./config.ts";
import type { Directory } from "./directory.ts";
import type { MemoryGuard } from "./memory-guard.ts";
import type { TallyBook } from "./reports/tally-book.ts";
import type { Rooms } from "./room.ts";
import type { SettleTogether } from "./settle-together.ts";

/** The capabilities of all stages together. */
export type MtaIo = Pick<
  Platform,
  "clock" | "timers" | "random" | "dns" | "https" | "gzip" | "net" | "crypto" | "log" | "metrics"
>;

/** What the stages of one server share. */
export interface Stage {
  readonly io: MtaIo;
  readonly store: Store;
  readonly settings: Settings;
  readonly directory: Directory;
  readonly guard: MemoryGuard;
  readonly rooms: Rooms;
  readonly together: SettleTogether;
  /** What is counted for reports. */
  readonly tallies: TallyBook;
  /** How safe the way to other servers has to be. */
  readonly policies: TlsPolicies;
  /** Signs what accounts submit; without it nothing is signed. */
  readonly signer: Signer | undefined;
  /** Keys of signatures, kept ready. */
  readonly keys: KeyCache;
}
