import type { Change, LeasedRecord } from "@scop/store";
import { connectTo } from "./connect.ts";
import { Cut } from "./cut.ts";
import type { Work, WorkControl } from "./delivery-loop.ts";
import { LEASE_ITEMS_MAX, LEASE_MS, LEASE_START_MS } from "./limits.ts";
import type { Link } from "./link.ts";
import { deliverHere } from "./local-delivery.ts";
import type { Problem } from "./problem.ts";
import { reportOf } from "./report.ts";
import { type Settling, settle } from "./settle.ts";
import type { Stage } from "./stage.ts";

/** Delivers leased items: into mailboxes where the destination is served here, else by SMTP over one connection that is used again. */
export function deliveryWork(stage: Stage): Work {
  return (destination, items, control) => new Worker(stage, destination, control).run(items);
}

/** How the work on one group leaves the worker. */
type Progress = "go-on" | "batch-over" | "unreachable";

class Worker {
  readonly #stage: Stage;
  readonly #destination: string;
  readonly #control: WorkControl;
  readonly #settling: Settling;
  /** Leased, and neither settled nor given back. */
  readonly #unfinished = new Set<LeasedRecord>();
  #link: Link | undefined;

  constructor(stage: Stage, destination: string, control: WorkControl) {
    this.#stage = stage;
    this.#destination = destination;
    this.#control = control;
    this.#settling = {
      io: stage.io,
      store: stage.store,
      retry: stage.settings.retry,
      report: (failed, now, blob) => reportOf(stage, failed, now, blob),
      stopping: () => control.stopping(),
    };
  }

  async run(first: readonly LeasedRecord[]): Promise<"reached" | "unreachable"> {
    const { store, io } = this.#stage;
    try {
      for (let items = first; items.length > 0; ) {
        if ((await this.#batch(items)) === "unreachable") return "unreachable";
        await this.#giveBack();
        if (this.#control.stopping()) break;
        items = await store.lease(this.#destination, io.clock.now(), LEASE_MS, LEASE_ITEMS_MAX);
      }
      return "reached";
    } catch (error) {
      if (error instanceof Cut) return "unreachable";
      throw error;
    } finally {
      await this.#giveBack();
      await this.#link?.close();
      this.#control.onCut(undefined);
    }
  }

  /** Works on what one lease gave, as long as the lease allows to begin. */
  async #batch(items: readonly LeasedRecord[]): Promise<Progress> {
    const { directory, io, settings } = this.#stage;
    for (const item of items) this.#unfinished.add(item);
    const leasedAt = io.clock.monotonic();
    const isLocal = await directory.isLocal(this.#destination);
    for (const group of grouped(items, settings.limits.transactionRecipientsMax)) {
      if (this.#control.stopping() || io.clock.monotonic() - leasedAt >= LEASE_START_MS) return "go-on";
      if (isLocal) {
        await deliverHere(this.#stage, this.#settling, group);
        this.#finished(group);
        continue;
      }
      const progress = await this.#sendGroup(group);
      if (progress !== "go-on") return progress;
    }
    return "go-on";
  }

  async #sendGroup(group: readonly LeasedRecord[]): Promise<Progress> {
    const isReused = this.#link !== undefined;
    if (this.#link === undefined) {
      const connected = await connectTo(this.#stage, this.#destination, this.#control);
      if (!connected.ok) return this.#nowhere(connected.problem);
      this.#link = connected.link;
    }
    const sent = await this.#link.send(group);
    if (!this.#link.isOpen()) {
      await this.#link.close();
      this.#link = undefined;
    }
    // A server may end a connection after a number of messages. That says nothing about the next message.
    if (sent.ended === "before-data" && isReused && !this.#control.stopping()) return this.#sendGroup(group);
    const ended = group.map((item, index) => ({ item, problem: sent.problems[index] }));
    const settled = this.#control.isCut() ? ended.filter(each => each.problem === undefined) : ended;
    await settle(this.#settling, settled);
    this.#finished(settled.map(each => each.item));
    return sent.ended === "orderly" ? "go-on" : "unreachable";
  }

  /** Nobody takes mail for the destination: all that was leased shares the answer. */
  async #nowhere(problem: Problem): Promise<Progress> {
    if (this.#control.isCut()) return "unreachable";
    for (const group of grouped([...this.#unfinished], Number.POSITIVE_INFINITY)) {
      await settle(
        this.#settling,
        group.map(item => ({ item, problem })),
      );
      this.#finished(group);
    }
    return problem.lasting === "permanent" ? "batch-over" : "unreachable";
  }

  #finished(items: readonly LeasedRecord[]): void {
    for (const item of items) this.#unfinished.delete(item);
  }

  async #giveBack(): Promise<void> {
    if (this.#unfinished.size === 0) return;
    const changes: readonly Change[] = [...this.#unfinished].map(item => ({
      change: "release",
      item: item.id,
      token: item.token,
    }));
    this.#unfinished.clear();
    await this.#stage.store.transaction({ changes });
  }
}

/** Items of one submission that stand together, at most so many; the store leases them in that order. */
function grouped(items: readonly LeasedRecord[], most: number): readonly (readonly LeasedRecord[])[] {
  const groups: LeasedRecord[][] = [];
  for (const item of items) {
    const last = groups.at(-1);
    const isSame = last !== undefined && last[0]!.submission === item.submission && last[0]!.utf8 === item.utf8;
    if (isSame && last.length < most) last.push(item);
    else groups.push([item]);
  }
  return groups;
}
