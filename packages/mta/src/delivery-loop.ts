import type { Instant, Platform, Timer } from "@scop/platform";
import { type LeasedRecord, type Store, StoreUnavailable } from "@scop/store";
import type { Settings } from "./config.ts";
import { entryFor } from "./domain-pattern.ts";
import {
  DESTINATION_REST_MS,
  FAILING_SHARE,
  LEASE_FIRST_ITEMS_MAX,
  LEASE_MS,
  POLL_MS,
  SLOW_AFTER_MS,
  SLOW_CONNECTIONS_MAX,
  STOP_GRACE_MS,
  STOP_MS,
  STORE_PAUSE_MS,
} from "./limits.ts";
import { type Resting, resting } from "./resting.ts";

/** How the loop tells a worker to end. */
export interface WorkControl {
  /** No new lease, no new transaction. */
  stopping(): boolean;
  /** A server there greeted us, or the mail stays here. */
  reached(): void;
  /** Registers what drops the connection in use; undefined when there is none. */
  onCut(drop: (() => void) | undefined): void;
  /** The connection was dropped because time is up: what is unfinished is given back. */
  isCut(): boolean;
}

/** Works on leased items of one destination, and leases more, until none are left. Never rejects. */
export type Work = (
  destination: string,
  items: readonly LeasedRecord[],
  control: WorkControl,
) => Promise<"reached" | "unreachable">;

/** Hands due destinations to workers. */
interface DeliveryLoop {
  start(): void;
  stop(): Promise<void>;
  wake(): void;
}

type LoopIo = Pick<Platform, "clock" | "timers" | "log" | "metrics">;

type LoopSettings = Pick<Settings, "limits" | "destinations" | "retry">;

/** Builds the loop; `start` begins it. */
export function deliveryLoop(io: LoopIo, store: Store, settings: LoopSettings, work: Work): DeliveryLoop {
  return new Loop(io, store, settings, work);
}

class Loop implements DeliveryLoop {
  readonly #io: LoopIo;
  readonly #store: Store;
  readonly #limits: Settings["limits"];
  readonly #destinations: Settings["destinations"];
  readonly #retry: Settings["retry"];
  readonly #work: Work;
  readonly #resting: Resting = resting();
  /** Workers by destination; a destination without any is not in it. */
  readonly #workers = new Map<string, number>();
  readonly #drops = new Set<() => void>();
  #active = 0;
  /** Of those active, the ones that wait long for a greeting: they hold a socket and none of the places. */
  #slow = 0;
  #phase: "new" | "running" | "stopping" | "cut" = "new";
  #passing = false;
  #again = false;
  #timer: Timer | undefined;
  #unwatch: (() => void) | undefined;
  /** The latest time of the clock that was seen: below it, the clock went back. */
  #seen: Instant = Number.POSITIVE_INFINITY;
  #idle: (() => void)[] = [];

  constructor(io: LoopIo, store: Store, settings: LoopSettings, work: Work) {
    this.#io = io;
    this.#store = store;
    this.#limits = settings.limits;
    this.#destinations = settings.destinations;
    this.#retry = settings.retry;
    this.#work = work;
  }

  start(): void {
    if (this.#phase !== "new") return;
    this.#phase = "running";
    this.#unwatch = this.#store.watch(event => {
      if (event.on === "queue") this.#look();
    });
    this.#look();
  }

  wake(): void {
    this.#resting.wake();
    this.#look();
  }

  async stop(): Promise<void> {
    if (this.#phase === "new" || this.#phase === "running") this.#phase = "stopping";
    this.#timer?.clear();
    this.#unwatch?.();
    await this.#idleWithin(STOP_GRACE_MS);
    this.#phase = "cut";
    for (const drop of this.#drops) drop();
    await this.#idleWithin(STOP_MS - STOP_GRACE_MS);
  }

  /** Resolves when no worker runs and no pass is under way, or after so long. */
  #idleWithin(limitMs: number): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise(resolve => {
      const timer = this.#io.timers.set(limitMs, resolve);
      this.#idle.push(() => {
        timer.clear();
        resolve();
      });
    });
  }

  #isIdle(): boolean {
    return this.#active === 0 && !this.#passing;
  }

  #tellIdle(): void {
    if (this.#isIdle()) for (const tell of this.#idle.splice(0)) tell();
  }

  /** Makes a pass over the queue; what comes in meanwhile leads to one more. */
  #look(): void {
    if (this.#phase !== "running") return;
    this.#again = true;
    if (this.#passing) return;
    this.#passing = true;
    void this.#passes().finally(() => {
      this.#passing = false;
      this.#tellIdle();
    });
  }

  async #passes(): Promise<void> {
    let pauseMs = POLL_MS;
    while (this.#again && this.#phase === "running") {
      this.#again = false;
      try {
        await this.#pass();
        pauseMs = await this.#pauseMs();
      } catch (error) {
        this.#report(error);
        pauseMs = STORE_PAUSE_MS;
      }
    }
    this.#timer?.clear();
    if (this.#phase === "running") this.#timer = this.#io.timers.set(pauseMs, () => this.#look());
  }

  /** Starts at most one worker a destination in each round, so that a long backlog never takes the slots of others. */
  async #pass(): Promise<void> {
    await this.#mendDue();
    for (let free = this.#free(); this.#phase === "running" && free > 0; free = this.#free()) {
      const now = this.#io.clock.now();
      const due = await this.#store.dueDestinations(now, free, this.#excluded());
      const chosen = this.#choose(due);
      // All at once: a store writes them in one commit.
      const leases = await Promise.allSettled(
        chosen.map(destination => this.#store.lease(destination, now, LEASE_MS, LEASE_FIRST_ITEMS_MAX)),
      );
      let begun = 0;
      for (const [index, lease] of leases.entries()) {
        if (lease.status === "rejected" || lease.value.length === 0) continue;
        this.#begin(chosen[index]!, lease.value);
        begun += 1;
      }
      const failed = leases.find(lease => lease.status === "rejected");
      if (failed) throw failed.reason;
      if (begun === 0) return;
    }
  }

  /** At the start, and where the clock went back: an item may wait for a time that a wrong clock said. */
  async #mendDue(): Promise<void> {
    const now = this.#io.clock.now();
    if (now < this.#seen) {
      const latest = now + Math.ceil(this.#retry.longestMs * (1 + this.#retry.jitter));
      await this.#store.transaction({ changes: [{ change: "mend-due", now, latest }] });
    }
    this.#seen = now;
  }

  /** Places for further workers. */
  #free(): number {
    const { connectionsMax } = this.#limits;
    return connectionsMax - this.#active + Math.min(this.#slow, SLOW_CONNECTIONS_MAX);
  }

  /** Those that may begin now: of what fails, no more than its share. */
  #choose(due: readonly string[]): readonly string[] {
    let failingLeft = this.#limits.connectionsMax * FAILING_SHARE - this.#failingWorkers();
    return due.filter(destination => {
      if (!this.#resting.isFailing(destination)) return true;
      failingLeft -= 1;
      return failingLeft >= 0;
    });
  }

  /** Those that rest, those with all the workers they may have, and, when their share is used up, all that fail. */
  #excluded(): ReadonlySet<string> {
    const excluded = new Set(this.#resting.at(this.#io.clock.monotonic()));
    if (this.#failingWorkers() >= this.#limits.connectionsMax * FAILING_SHARE) {
      for (const destination of this.#resting.failing()) excluded.add(destination);
    }
    for (const [destination, workers] of this.#workers) {
      const most = this.#resting.isFailing(destination) ? 1 : this.#connectionsMax(destination);
      if (workers >= most) excluded.add(destination);
    }
    return excluded;
  }

  #connectionsMax(destination: string): number {
    return entryFor(this.#destinations, destination)?.connectionsMax ?? this.#limits.connectionsPerDestinationMax;
  }

  #failingWorkers(): number {
    let workers = 0;
    for (const [destination, count] of this.#workers) if (this.#resting.isFailing(destination)) workers += count;
    return workers;
  }

  /** Until the next pass without an event: the next item that is due, or the end of a rest. */
  async #pauseMs(): Promise<number> {
    const due = await this.#store.nextDue();
    const untilDue = due === undefined ? POLL_MS : due - this.#io.clock.now();
    const monotonic = this.#io.clock.monotonic();
    const rested = (this.#resting.nextEnd(monotonic) ?? Number.POSITIVE_INFINITY) - monotonic;
    // What is due already belongs to a destination that rests or is worked on: the end of either wakes the loop.
    return Math.min(POLL_MS, rested, untilDue > 0 ? untilDue : POLL_MS);
  }

  #begin(destination: string, items: readonly LeasedRecord[]): void {
    this.#active += 1;
    this.#workers.set(destination, (this.#workers.get(destination) ?? 0) + 1);
    this.#io.metrics.gauge("mta_delivery_workers", this.#active);
    let drop: (() => void) | undefined;
    let waits: "young" | "slow" | "over" = "young";
    const slow = this.#io.timers.set(SLOW_AFTER_MS, () => {
      waits = "slow";
      this.#slow += 1;
      this.#look();
    });
    const reached = (): void => {
      slow.clear();
      if (waits === "slow") this.#slow -= 1;
      waits = "over";
    };
    const control: WorkControl = {
      reached,
      stopping: () => this.#phase !== "running",
      isCut: () => this.#phase === "cut",
      onCut: next => {
        if (drop) this.#drops.delete(drop);
        drop = next;
        if (drop && this.#phase === "cut") drop();
        else if (drop) this.#drops.add(drop);
      },
    };
    void this.#work(destination, items, control).then(
      ended => this.#ended(destination, ended, control),
      error => {
        this.#report(error);
        this.#ended(destination, "unreachable", control);
      },
    );
  }

  #ended(destination: string, ended: "reached" | "unreachable", control: WorkControl): void {
    control.onCut(undefined);
    control.reached();
    this.#active -= 1;
    const workers = (this.#workers.get(destination) ?? 1) - 1;
    if (workers > 0) this.#workers.set(destination, workers);
    else this.#workers.delete(destination);
    if (ended === "reached") this.#resting.succeeded(destination);
    else this.#resting.failed(destination, this.#io.clock.monotonic() + DESTINATION_REST_MS);
    this.#io.metrics.gauge("mta_delivery_workers", this.#active);
    this.#look();
    this.#tellIdle();
  }

  #report(error: unknown): void {
    const level = error instanceof StoreUnavailable ? "warn" : "error";
    this.#io.log.write(level, "delivery pauses", { error: error instanceof Error ? error.message : String(error) });
  }
}
