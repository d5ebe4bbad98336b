import type { ResolverEffect, ResolverState } from "./resolver-state.ts";

/** One step: what it is given, and the effects that it gathers. */
export class ResolverTurn {
  readonly state: ResolverState;
  readonly now: number;
  readonly effects: ResolverEffect[] = [];

  constructor(state: ResolverState, now: number) {
    this.state = state;
    this.now = now;
  }

  perform(effect: ResolverEffect): void {
    this.effects.push(effect);
  }

  /** A number that no other exchange or stream has. */
  number(): number {
    this.state.lastNumber += 1;
    return this.state.lastNumber;
  }

  /** Something has to be looked at then. */
  due(at: number): number {
    this.state.wakeAt = Math.min(this.state.wakeAt, at);
    return at;
  }
}
