import {
  openSession,
  type Problem,
  problem,
  type Reached,
  reach,
  type SafeHop,
  type Session,
  type Transport,
} from "@scop/mta/parts";
import type { Connection, Platform } from "@scop/platform";
import type { ClientTimeouts } from "@scop/smtp";
import { type TlsPolicies, tlsPolicies } from "@scop/tls-policy/run";
import type { SenderLimits } from "./limits.ts";
import { type Parcel, settleAll, transact } from "./transact.ts";

/** What all connections of a sender have in common. */
interface PoolSettings {
  readonly hostname: string;
  readonly relay: Transport | undefined;
  readonly limits: SenderLimits;
  readonly timeouts: Partial<ClientTimeouts>;
}

/** A parcel that waits. `again`: a connection was lost under it before. */
interface Waiting {
  readonly parcel: Parcel;
  readonly again: "yes" | "no";
}

/** Where parcels go: each has a queue and connections of its own. */
interface Destination {
  readonly name: string;
  readonly queue: Waiting[];
  /** Connections, those that are being made included. */
  workers: number;
  /** Connections that are open. */
  sessions: number;
  /** Wakes workers whose connection has nothing to do. */
  readonly idle: (() => void)[];
}

/** Parcels under way on one connection: with two behind it, each one's end and the next one's commands are one write. RFC 2920 3.1 */
const UNDER_WAY_MAX = 3;

/** A parcel under way. */
interface Flight {
  readonly waiting: Waiting;
  readonly result: Promise<"lost" | "settled">;
}

/** Connections to destinations, and what waits for them. */
export class SenderPool {
  readonly #io: Platform;
  readonly #settings: PoolSettings;
  readonly #policies: TlsPolicies;
  readonly #destinations = new Map<string, Destination>();
  /** Destinations that wait for a connection to become free, the first one first. */
  readonly #starved = new Set<Destination>();
  #connections = 0;
  /** Parcels that were taken and did not end. */
  #open = 0;
  #closing = false;
  #changed: (() => void)[] = [];

  constructor(io: Platform, settings: PoolSettings) {
    this.#io = io;
    this.#policies = tlsPolicies(io);
    this.#settings = settings;
  }

  /** Takes a parcel, or settles it at once where there is no room. */
  take(name: string, parcel: Parcel): void {
    const isFull = this.#open >= this.#settings.limits.waitingMax;
    if (isFull || this.#closing) {
      const why = this.#closing ? "The sender was closed" : "Too many messages wait; room() says when to go on";
      settleAll(parcel, problem("temporary", "4.3.1", why, "caller"));
      return;
    }
    this.#open += 1;
    const destination = this.#destinations.get(name) ?? { name, queue: [], workers: 0, sessions: 0, idle: [] };
    this.#destinations.set(name, destination);
    destination.queue.push({ parcel, again: "no" });
    const wake = destination.idle.shift();
    if (wake !== undefined) wake();
    else this.#employ(destination);
  }

  async room(): Promise<void> {
    while (this.#open >= this.#settings.limits.waitingMax && !this.#closing) await this.#change();
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const destination of this.#destinations.values()) this.#dismissIdle(destination);
    while (this.#connections > 0 || this.#open > 0) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise(resolve => this.#changed.push(resolve));
  }

  #tellChange(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const resume of waiting) resume();
  }

  #dismissIdle(destination: Destination): void {
    for (const wake of destination.idle.splice(0)) wake();
  }

  /** One more connection for a destination, if it may have one. */
  #employ(destination: Destination): void {
    const { connectionsPerDestinationMax, connectionsMax } = this.#settings.limits;
    if (destination.workers >= connectionsPerDestinationMax) return;
    if (this.#connections >= connectionsMax) {
      if (destination.workers > 0) return;
      this.#starved.add(destination);
      for (const other of this.#destinations.values()) this.#dismissIdle(other);
      return;
    }
    destination.workers += 1;
    this.#connections += 1;
    void this.#work(destination).then(() => this.#leave(destination));
  }

  #leave(destination: Destination): void {
    destination.workers -= 1;
    this.#connections -= 1;
    if (destination.queue.length > 0) this.#starved.add(destination);
    else if (destination.workers === 0) this.#destinations.delete(destination.name);
    for (const starved of this.#starved) {
      if (this.#connections >= this.#settings.limits.connectionsMax) break;
      this.#starved.delete(starved);
      if (starved.queue.length > 0) this.#employ(starved);
    }
    this.#tellChange();
  }

  /** One connection after the other, as long as there is something to send. */
  async #work(destination: Destination): Promise<void> {
    let next = destination.queue.shift();
    while (next !== undefined) {
      const reached = await this.#connect(destination);
      if (reached.ok) {
        destination.sessions += 1;
        await this.#use(destination, reached.link, next);
        destination.sessions -= 1;
        await reached.link.client.quit();
      } else {
        // Where nobody answers, the rest need not wait for it one by one.
        const lost = destination.sessions === 0 ? destination.queue.splice(0) : [];
        const unreached = asAnswered(reached.problem);
        for (const { parcel } of [next, ...lost]) {
          settleAll(parcel, unreached);
          this.#ended();
        }
      }
      next = this.#starved.size > 0 ? undefined : destination.queue.shift();
    }
  }

  #connect(destination: Destination): Promise<Reached<Session>> {
    const { hostname, relay, limits, timeouts } = this.#settings;
    const { addressesMax, connectTimeoutMs } = limits;
    const open = async (hop: SafeHop, address: string, until: number): Promise<Reached<Session>> => {
      const connected = (pending: Promise<Connection>): Promise<Connection> => pending;
      const opening = { hostname, address, until, connectTimeoutMs, timeouts, connected };
      const opened = await openSession(this.#io, hop, opening);
      return opened.ok ? { ok: true, link: opened.session } : opened;
    };
    const settings = { hostname, transports: NO_TRANSPORTS, relay, limits: { addressesMax } };
    const policies = this.#policies;
    return reach({ io: this.#io, settings, policies, wait: pending => pending, open }, destination.name);
  }

  /** Sends over one session until there is nothing to send or it has to end. */
  async #use(destination: Destination, session: Session, first: Waiting): Promise<void> {
    const { messagesPerConnectionMax } = this.#settings.limits;
    const flights: Flight[] = [];
    let waiting: Waiting | undefined = first;
    for (let messages = 1; waiting !== undefined; messages += 1) {
      const fitting = this.#fitting(destination, waiting, session);
      const mayBeLost = messages > 1 && fitting.again === "no" ? "yes" : "no";
      flights.push({ waiting: fitting, result: transact(session, fitting.parcel, mayBeLost) });
      const next = (): Waiting | undefined =>
        messages < messagesPerConnectionMax && session.client.isOpen() ? destination.queue.shift() : undefined;
      if (flights.length >= UNDER_WAY_MAX) await this.#land(destination, flights.shift()!);
      waiting = next();
      while (waiting === undefined && flights.length > 0) {
        await this.#land(destination, flights.shift()!);
        waiting = next();
      }
      if (messages < messagesPerConnectionMax && session.client.isOpen()) waiting ??= await this.#idle(destination);
    }
  }

  async #land(destination: Destination, { waiting, result }: Flight): Promise<void> {
    if ((await result) === "lost") destination.queue.unshift({ parcel: waiting.parcel, again: "yes" });
    else this.#ended();
  }

  #ended(): void {
    this.#open -= 1;
    this.#tellChange();
  }

  /** The parcel, or as much of it as the server takes in one transaction; the rest is the next. RFC 9422 */
  #fitting(destination: Destination, waiting: Waiting, { client }: Session): Waiting {
    const { parcel, again } = waiting;
    const most = client.capabilities.recipientsMax ?? parcel.recipients.length;
    if (parcel.recipients.length <= most) return waiting;
    const rest: Parcel = {
      ...parcel,
      recipients: parcel.recipients.slice(most),
      settle: (index, fate) => parcel.settle(index + most, fate),
    };
    this.#open += 1;
    destination.queue.unshift({ parcel: rest, again });
    return { parcel: { ...parcel, recipients: parcel.recipients.slice(0, most) }, again };
  }

  /** Waits for something to send; undefined where the connection had better be closed. */
  async #idle(destination: Destination): Promise<Waiting | undefined> {
    if (this.#closing || this.#starved.size > 0) return undefined;
    await new Promise<void>(resolve => {
      const wake = (): void => {
        timer.clear();
        resolve();
      };
      const timer = this.#io.timers.set(this.#settings.limits.idleMs, () => {
        const at = destination.idle.indexOf(wake);
        if (at >= 0) destination.idle.splice(at, 1);
        resolve();
      });
      destination.idle.push(wake);
    });
    return destination.queue.shift();
  }
}

/** A queue tries again whatever a server says before the first message; who sends once is told what it said. RFC 5321 4.2.1, RFC 4954 6 */
function asAnswered(problem: Problem): Problem {
  const code = problem.failure?.kind === "reply" ? problem.failure.reply.code : 0;
  if (code < 500) return problem;
  const blame = code >= 530 && code <= 538 ? "caller" : "peer";
  return { ...problem, blame, lasting: "permanent", status: `5${problem.status.slice(1)}` };
}

const NO_TRANSPORTS: ReadonlyMap<string, Transport> = new Map();
