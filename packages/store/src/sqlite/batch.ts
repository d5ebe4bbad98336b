import type { Instant } from "@scop/platform";
import { StoreUnavailable } from "../index.ts";
import type { Database } from "./database.ts";
import { sqliteKind } from "./failure.ts";
import type { CrashPoint } from "./options.ts";
import { refreshDestinations } from "./queue-changes.ts";
import { State } from "./state.ts";
import { forgetOldKeys } from "./transaction.ts";
import { type Brought, mergeTouched, nothingTouched, type Touched, type Work } from "./work.ts";

/** Transactions of one commit: the event loop stands still for about a millisecond. */
const BATCH_TRANSACTIONS_MAX = 64;
/** Octets of one commit, for the same reason. */
const BATCH_OCTETS_MAX = 4 * 1024 * 1024;
/** What a commit may stand idle for the sake of more: a share of the time that the last one took, and so many milliseconds at most. */
interface Patience {
  readonly share: number;
  readonly msMax: number;
}

/** While those who were answered by the last commit are not all back. Who is near is back by then; the processor does nothing else meanwhile. */
const FOR_THE_SAME: Patience = { share: 0.5, msMax: 0.2 };
/** When they are back, and it were more that come. */
const FOR_FURTHER: Patience = { share: 0.1, msMax: 0.05 };
/** For the sake of a lone writer nobody waits. */
const NO_PATIENCE: Patience = { share: 0, msMax: 0 };
/** Transactions that may wait: far more than connections do. Beyond it the store is `busy`. */
const WAITING_TRANSACTIONS_MAX = 65_536;
/** Octets that may wait. */
const WAITING_OCTETS_MAX = 64 * 1024 * 1024;

/** One transaction that waits for its commit. */
interface Job {
  readonly octets: number;
  readonly brought: readonly Brought[];
  /** Does the work and says whether it is kept. What it gives goes to `answer` after the commit. */
  readonly perform: (work: Work) => Performed<unknown>;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** What a job gives: undone again unless `keep`. */
interface Performed<Value> {
  readonly keep: boolean;
  readonly value: Value;
}

/** What became of the jobs of one commit. */
interface Done {
  readonly values: readonly (readonly [Job, unknown])[];
  readonly failures: readonly (readonly [Job, Error])[];
  readonly touched: Touched;
}

/** What the batches need from the store around them. */
interface BatchHost {
  readonly now: () => Instant;
  readonly stopwatch: () => number;
  readonly crashPoint: (name: CrashPoint) => void;
  /** After each commit, with everything that it touched. */
  readonly committed: (touched: Touched) => void;
  /** What a caller of the port gets for an error. */
  readonly explained: (error: unknown) => Error;
  /** The disk failed: nothing may be tried again. */
  readonly failed: (error: Error) => void;
}

/**
 * Group commit by natural batches: what arrived while the last commit ran goes into the next one. There is no timer, so that a lone
 * sender waits for nothing.
 */
export class Batches {
  readonly #db: Database;
  readonly #host: BatchHost;
  #waiting: Job[] = [];
  #waitingOctets = 0;
  #isScheduled = false;
  /** Jobs of the last commit, and how long it took. */
  #lastSize = 0;
  #lastMs = 0;
  #whenIdle: (() => void)[] = [];

  constructor(db: Database, host: BatchHost) {
    this.#db = db;
    this.#host = host;
  }

  /** Resolves after the commit. */
  submit<Value>(
    octets: number,
    brought: readonly Brought[],
    perform: (work: Work) => Performed<Value>,
  ): Promise<Value> {
    if (this.#waiting.length >= WAITING_TRANSACTIONS_MAX || this.#waitingOctets + octets > WAITING_OCTETS_MAX) {
      return Promise.reject(new StoreUnavailable("busy", "Too many transactions wait for the disk: try again."));
    }
    return new Promise<Value>((resolve, reject) => {
      this.#waiting.push({ octets, brought, perform, answer: value => resolve(value as Value), fail: reject });
      this.#waitingOctets += octets;
      this.#schedule();
    });
  }

  /** Resolves when nothing waits. */
  idle(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise(resolve => this.#whenIdle.push(resolve));
  }

  /** Rejects everything that waits. */
  abandon(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingOctets = 0;
    for (const job of waiting) job.fail(error);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    this.#lookAfterTurn(0, this.#host.stopwatch(), 0);
  }

  /** After a turn of the event loop: commits, or gives those who are about to bring something one more turn. */
  #lookAfterTurn(known: number, before: number, idleMs: number): void {
    setImmediate(() => {
      const now = this.#host.stopwatch();
      const idle = this.#waiting.length > known ? idleMs : idleMs + now - before;
      if (this.#hasMoreToCome(known, idle)) return this.#lookAfterTurn(this.#waiting.length, now, idle);
      this.#isScheduled = false;
      this.#commitTimed(this.#take());
      this.#schedule();
      if (this.#waiting.length > 0) return;
      const whenIdle = this.#whenIdle;
      this.#whenIdle = [];
      for (const resolve of whenIdle) resolve();
    });
  }

  /**
   * Whether it pays to wait: something came in the turn that just ended, or those that were answered last are not back yet and all turns
   * that brought nothing were still short beside a commit. A lone writer waits for nothing.
   */
  #hasMoreToCome(known: number, idleMs: number): boolean {
    const waiting = this.#waiting.length;
    if (waiting >= BATCH_TRANSACTIONS_MAX || this.#waitingOctets >= BATCH_OCTETS_MAX) return false;
    if (waiting > known) return true;
    const { share, msMax } = waiting < this.#lastSize ? FOR_THE_SAME : this.#lastSize > 1 ? FOR_FURTHER : NO_PATIENCE;
    return idleMs < Math.min(this.#lastMs * share, msMax);
  }

  #commitTimed(jobs: readonly Job[]): void {
    const begin = this.#host.stopwatch();
    this.#lastSize = jobs.length;
    this.#commit(jobs);
    this.#lastMs = this.#host.stopwatch() - begin;
  }

  #take(): Job[] {
    let octets = 0;
    let count = 0;
    for (const job of this.#waiting) {
      if (count === BATCH_TRANSACTIONS_MAX || (count > 0 && octets + job.octets > BATCH_OCTETS_MAX)) break;
      octets += job.octets;
      count += 1;
    }
    this.#waitingOctets -= octets;
    return this.#waiting.splice(0, count);
  }

  #commit(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    this.#host.crashPoint("before-transaction");
    let done: Done;
    try {
      done = this.#performAll(jobs) ?? this.#performApart(jobs);
      this.#host.crashPoint("after-statements-before-commit");
      this.#db.run("COMMIT");
    } catch (error) {
      this.#giveUp(jobs, error);
      return;
    }
    this.#host.crashPoint("after-commit-before-answer");
    for (const [job, value] of done.values) job.answer(value);
    for (const [job, error] of done.failures) job.fail(error);
    this.#host.committed(done.touched);
  }

  /**
   * All jobs in the open transaction as if they were one; undefined, with nothing done, if one of them is not to be kept. Most batches
   * have none such, and a savepoint for each job makes SQLite copy each page before it changes it.
   */
  #performAll(jobs: readonly Job[]): Done | undefined {
    const work = this.#begin();
    const values: [Job, unknown][] = [];
    try {
      for (const job of jobs) {
        const { keep, value } = job.perform({ ...work, brought: job.brought });
        if (!keep) return this.#startAgain();
        values.push([job, value]);
      }
    } catch (error) {
      if (endsBatch(error) || !this.#db.isOpenTransaction) throw error;
      return this.#startAgain();
    }
    finishBatch(work);
    return { values, failures: [], touched: work.touched };
  }

  #startAgain(): undefined {
    this.#db.rollBack();
  }

  /** Each job in a savepoint of its own, so that it alone is undone if it is refused or fails. */
  #performApart(jobs: readonly Job[]): Done {
    const work = this.#begin();
    const done = { values: [] as [Job, unknown][], failures: [] as [Job, Error][], touched: work.touched };
    for (const job of jobs) {
      for (const one of job.brought) one.stored = undefined;
      try {
        done.values.push([job, this.#performOne(job, work)]);
      } catch (error) {
        if (endsBatch(error) || !this.#db.isOpenTransaction) throw error;
        this.#undo();
        done.failures.push([job, this.#host.explained(error)]);
      }
    }
    finishBatch(work);
    return done;
  }

  #performOne(job: Job, work: Work): unknown {
    this.#db.run("SAVEPOINT job");
    const own = nothingTouched();
    const { keep, value } = job.perform({ ...work, brought: job.brought, touched: own });
    if (keep) {
      this.#db.run("RELEASE job");
      mergeTouched(work.touched, own);
    } else this.#undo();
    return value;
  }

  #begin(): Work {
    this.#db.run("BEGIN IMMEDIATE");
    return { db: this.#db, state: new State(this.#db), now: this.#host.now(), brought: [], touched: nothingTouched() };
  }

  #undo(): void {
    this.#db.run("ROLLBACK TO job");
    this.#db.run("RELEASE job");
  }

  /** Nothing of the batch happened, unless the disk failed: then nobody knows. */
  #giveUp(jobs: readonly Job[], error: unknown): void {
    const answer = this.#host.explained(error);
    const isSync = sqliteKind(error) === "sync";
    if (!isSync) this.#db.rollBack();
    for (const job of jobs) job.fail(answer);
    if (isSync) this.#host.failed(answer);
  }
}

/** What ends a transaction of the database, whatever its jobs were. */
export function finishBatch(work: Work): void {
  refreshDestinations(work);
  if (work.touched.keys) forgetOldKeys(work);
  work.state.count(work.touched.counts);
  work.state.addTallies(work.touched.tallies);
  work.state.save();
}

/** Whether an error concerns the whole batch: SQLite's own, but for a broken rule, which is the job's. */
function endsBatch(error: unknown): boolean {
  const kind = sqliteKind(error);
  return kind !== undefined && kind !== "constraint";
}
