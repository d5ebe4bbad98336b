import type { Connection, Platform } from "@scop/platform";
import type { Backend } from "./backend.ts";
import type { ImapLimits } from "./limits.ts";

export interface ImapOptions {
  readonly hostname: string;
  readonly openBackend: (identity: string) => Promise<Backend>;
  readonly tls: "offered" | "active";
  readonly limits: ImapLimits;
  readonly closing: Promise<void>;
}

export type ImapPlatform = Pick<Platform, "timers" | "log" | "metrics" | "clock" | "random">;

export async function serveImap(_io: ImapPlatform, _connection: Connection, _options: ImapOptions): Promise<void> {}
