import type { BackendFailure, Outcome } from "@scop/imap";
import type { Platform } from "@scop/platform";
import { type Refusal, StoreCorrupt, StoreUnavailable } from "@scop/store";

const refusals: Readonly<Record<Refusal, BackendFailure>> = {
  exists: "exists",
  missing: "missing",
  "in-use": "in-use",
  // Belongs to the queue; a mailbox never sees it.
  "lost-lease": "unavailable",
  "over-quota": "over-quota",
};

/** What a refused change means to a session. */
export function refused(refusal: Refusal): { readonly ok: false; readonly failure: BackendFailure } {
  return { ok: false, failure: refusals[refusal] };
}

/** What an error of the store means to a session; an error that is none of the store's is thrown on. Damage is logged. */
export function failureOf(io: Pick<Platform, "log">, error: unknown): BackendFailure {
  if (error instanceof StoreUnavailable) return error.reason === "full" ? "over-quota" : "unavailable";
  if (!(error instanceof StoreCorrupt)) throw error;
  io.log.write("error", "the store is damaged", { detail: error.message });
  return "corrupt";
}

/** The answer of the store, or what its failure means. */
export async function guarded<T>(io: Pick<Platform, "log">, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await work();
  } catch (error) {
    return { ok: false, failure: failureOf(io, error) };
  }
}
