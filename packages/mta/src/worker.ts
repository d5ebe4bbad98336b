import type { Change, LeasedRecord, TlsDemand } from "@scop/store";
import { assert } from "@scop/wire";
import type { DestinationLimits } from "./config.ts";
import { connectTo } from "./connect.ts";
import { Cut } from "./cut.ts";
import type { Work, WorkControl } from "./delivery-loop.ts";
import { entryFor } from "./domain-pattern.ts";
import { LEASE_ITEMS_MAX, LEASE_MS, LEASE_START_MS } from "./limits.ts";
import type { Link, Sent } from "./link.ts";
import { deliverHere } from "./local-delivery.ts";
import type { Problem } from "./problem.ts";
import { queuedMessage, reportOf } from "./report.ts";
import { type Settling, settle } from "./settle.ts";
import { Settlements } from "./settlements.ts";
import type { Stage } from "./stage.ts";

/** Delivers leased items: into mailboxes where the destination is served here, else by SMTP over one connection that is used again. */
export function deliveryWork(stage: Stage): Work {
  return (destination, items, control) => new Worker(stage, destination, control).run(items);
}

/** A message under way. */
interface Flight {
  readonly group: readonly LeasedRecord[];
  /** Whether it was not the first on its connection. */
  readonly isReused: boolean;
  readonly sent: Promise<Sent>;
}

/** How the work on one group leaves the worker. */
type Progress = "go-on" | "batch-over" | "unreachable";

class Worker {
  readonly #stage: Stage;
  readonly #destination: string;
  readonly #control: WorkControl;
  readonly #settling: Settling;
  readonly #settlements: Settlements;
  readonly #limits: DestinationLimits;
  /** Leased, and neither settled nor given back. */
  readonly #unfinished = new Set<LeasedRecord>();
  #link: Link | undefined;
  /** What the mail at hand asks of TLS, and what the connection was made for. */
  #demand: TlsDemand = "usual";
  #linkDemand: TlsDemand = "usual";
  /** Messages of the connection in use. */
  #messages = 0;

  constructor(stage: Stage, destination: string, control: WorkControl) {
    this.#stage = stage;
    this.#destination = destination;
    this.#control = control;
    this.#limits = entryFor(stage.settings.destinations, destination) ?? {};
    this.#settling = {
      io: stage.io,
      store: stage.store,
      retry: stage.settings.retry,
      report: (item, items, now, blob) => reportOf(stage, queuedMessage(stage, item, items), items, now, blob),
      stopping: () => control.stopping(),
    };
    this.#settlements = new Settlements(this.#settling, stage.together, items => this.#finished(items));
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
    const { directory, io } = this.#stage;
    for (const item of items) this.#unfinished.add(item);
    const leasedAt = io.clock.monotonic();
    const isLocal = await directory.isLocal(this.#destination);
    const isOver = (): boolean => this.#control.stopping() || io.clock.monotonic() - leasedAt >= LEASE_START_MS;
    if (isLocal) return this.#deliverHere(items, isOver);
    let progress: Progress = "go-on";
    for (const [demand, some] of Map.groupBy(items, item => item.tls)) {
      if (isOver()) break;
      this.#demand = demand;
      const ended = await this.#sendSome(some, isOver);
      if (ended === "unreachable" || progress === "go-on") progress = ended;
    }
    return progress;
  }

  /** Sends those that ask the same of TLS: each such kind needs a connection of its own. */
  async #sendSome(items: readonly LeasedRecord[], isOver: () => boolean): Promise<Progress> {
    const unreached = await this.#connect();
    if (unreached !== undefined) return this.#nowhere(unreached);
    const progress = await this.#sendAll(grouped(items, this.#recipientsMax()), isOver);
    await this.#settlements.drain();
    return progress;
  }

  /** Two messages are under way at a time, so that the next one's commands go behind the one at hand. RFC 2920 3.1 */
  async #sendAll(groups: readonly (readonly LeasedRecord[])[], isOver: () => boolean): Promise<Progress> {
    let before: Flight | undefined;
    for (const group of groups) {
      if (isOver()) break;
      if (before !== undefined && !this.#hasRoom()) {
        const progress = await this.#land(before);
        before = undefined;
        if (progress !== "go-on") return progress;
      }
      const unreached = await this.#connect();
      if (unreached !== undefined) return this.#nowhere(unreached);
      const flight = this.#start(group);
      const progress = before === undefined ? "go-on" : await this.#land(before);
      if (progress !== "go-on") {
        await this.#abandon(flight);
        return progress;
      }
      before = flight;
    }
    return before === undefined ? "go-on" : this.#land(before);
  }

  async #deliverHere(items: readonly LeasedRecord[], isOver: () => boolean): Promise<Progress> {
    this.#control.reached();
    for (const group of grouped(items, this.#recipientsMax())) {
      if (isOver()) break;
      await deliverHere(this.#stage, this.#settling, group);
      this.#finished(group);
    }
    return "go-on";
  }

  /** The configured limit, unless the server said less. RFC 9422 */
  #recipientsMax(): number {
    const configured = this.#limits.transactionRecipientsMax ?? this.#stage.settings.limits.transactionRecipientsMax;
    return Math.min(configured, this.#link?.recipientsMax ?? configured);
  }

  /** Whether the connection takes a further message. */
  #hasRoom(): boolean {
    const most = this.#limits.messagesPerConnectionMax ?? Number.POSITIVE_INFINITY;
    return this.#link?.isOpen() === true && this.#linkDemand === this.#demand && this.#messages < most;
  }

  /** Makes sure that there is a connection with room, while nothing is under way on one without; the problem, if nobody can be reached. */
  async #connect(): Promise<Problem | undefined> {
    if (this.#hasRoom()) return undefined;
    await this.#link?.close();
    this.#link = undefined;
    const connected = await connectTo(this.#stage, this.#destination, this.#demand, this.#control);
    if (!connected.ok) return connected.problem;
    this.#control.reached();
    this.#link = connected.link;
    this.#linkDemand = this.#demand;
    this.#messages = 0;
    return undefined;
  }

  #start(group: readonly LeasedRecord[]): Flight {
    assert(this.#link !== undefined, "there is a connection");
    const isReused = this.#messages > 0;
    this.#messages += 1;
    return { group, isReused, sent: this.#link.send(group) };
  }

  /** Waits for the end of a message and begins to settle it. */
  async #land({ group, isReused, sent: pending }: Flight): Promise<Progress> {
    const sent = await pending;
    // A server may end a connection after a number of messages. That says nothing about the next message.
    if (sent.ended === "before-data" && isReused && !this.#control.stopping()) {
      const unreached = await this.#connect();
      return unreached === undefined ? this.#land(this.#start(group)) : this.#nowhere(unreached);
    }
    const success = sent.reports === "yes" ? undefined : "relayed";
    const ended = group.map((item, index) => ({ item, problem: sent.problems[index], success }) as const);
    const settled = this.#control.isCut() ? ended.filter(each => each.problem === undefined) : ended;
    const settling = settled.length === 0 ? undefined : this.#settlements.add(settled);
    if (settling !== undefined) await settling;
    return sent.ended === "orderly" ? "go-on" : "unreachable";
  }

  /** The end of the work on this connection came first: what was taken is settled, the rest is given back untried. */
  async #abandon({ group, sent: pending }: Flight): Promise<void> {
    const { problems } = await pending;
    const taken = group.filter((_item, index) => problems[index] === undefined);
    if (taken.length > 0) await this.#settlements.add(taken.map(item => ({ item, problem: undefined })));
  }

  /** Nobody takes mail for the destination: all that was leased and asks the same of TLS shares the answer. */
  async #nowhere(problem: Problem): Promise<Progress> {
    await this.#settlements.drain();
    if (this.#control.isCut()) return "unreachable";
    // All at once: a store writes them in one commit.
    await Promise.all(
      grouped(
        [...this.#unfinished].filter(item => item.tls === this.#demand),
        Number.POSITIVE_INFINITY,
      ).map(async group => {
        await settle(
          this.#settling,
          group.map(item => ({ item, problem })),
        );
        this.#finished(group);
      }),
    );
    return problem.lasting === "permanent" ? "batch-over" : "unreachable";
  }

  #finished(items: readonly LeasedRecord[]): void {
    for (const item of items) this.#unfinished.delete(item);
  }

  async #giveBack(): Promise<void> {
    await this.#settlements.drain();
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
