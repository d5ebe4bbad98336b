import type { Authoring } from "./authoring.ts";
import type { Answered, Call, Context, OwnCall } from "./context.ts";
import type { InteractiveAuth } from "./interactive-auth.ts";
import type { Live } from "./live/live.ts";
import type { Spending } from "./rates.ts";
import type { Turns } from "./turns.ts";
import type { Waiting } from "./waiting.ts";

/** What operations work with. */
export interface Parts {
  readonly context: Context;
  readonly authoring: Authoring;
  readonly waiting: Waiting;
  readonly live: Live;
  readonly spending: Spending;
  readonly auth: InteractiveAuth;
  /** For what reads before it writes: a key is a word and an account. */
  readonly turns: Turns;
}

/** One operation, for whoever may ask for it. */
export type Performed<C extends Call> = (parts: Parts, call: C) => Answered;

/** An operation that needs the store alone. */
export function own<C extends Call>(operation: (context: Context, call: C) => Answered): Performed<C> {
  return ({ context }, call) => operation(context, call);
}

/** An operation that puts events into rooms. */
export function write(
  operation: (context: Context, authoring: Authoring, call: OwnCall) => Answered,
): Performed<OwnCall> {
  return ({ context, authoring }, call) => operation(context, authoring, call);
}
