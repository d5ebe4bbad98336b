import { isJsonObject, type JsonObject, type JsonValue, jsonObject, parseJson } from "@scop/matrix/json";
import type { Instant, Timer } from "@scop/platform";
import { type Sending, type Store, StoreUnavailable } from "@scop/store";
import { assert, hexEncode, RecentMap, utf8Bytes } from "@scop/wire";
import type { HomeserverIo } from "../context.ts";
import {
  HEARD_MS_MIN,
  OUTBOX_PAUSE_MS,
  OUTBOX_POLL_MS,
  RESEND_JITTER,
  RESEND_MS_MAX,
  RESEND_MS_MIN,
  RINGS_MAX,
  SENDING_FAILING_MAX,
  SENDING_MAX,
  TRANSACTION_EDUS_MAX,
  TRANSACTION_EVENTS_MAX,
  TRANSACTION_MS_MAX,
} from "./limits.ts";
import { PeerFault, type Peers } from "./port.ts";

type Which = "reachable" | "failing";

/** How many are sent to at a time. */
const PLACES: Readonly<Record<Which, number>> = { reachable: SENDING_MAX, failing: SENDING_FAILING_MAX };

/** An answer that says that the transaction is at fault: it would be refused for ever, with all that comes after it. */
const AT_FAULT: readonly number[] = [400, 413];

/** Sends what waits in the store for other servers: one transaction at a time to each, in order, until it is taken. */
export class Outbox {
  readonly #io: HomeserverIo;
  readonly #store: Store;
  readonly #peers: Peers;
  readonly #serverName: string;
  readonly #active: Map<string, Which> = new Map();
  readonly #heard: RecentMap<number> = new RecentMap(RINGS_MAX);
  readonly #unwatch: () => void;
  #timer: Timer | undefined;
  #looks: "not" | "looking" | "again" = "not";
  #isClosed = false;

  constructor(io: HomeserverIo, store: Store, peers: Peers, serverName: string) {
    this.#io = io;
    this.#store = store;
    this.#peers = peers;
    this.#serverName = serverName;
    this.#unwatch = store.watch(event => {
      if (event.on === "peers") this.#look();
    });
    this.#look();
  }

  /** A server showed that it is there: what waits for it is tried now. Never rejects. */
  async heardFrom(peer: string): Promise<void> {
    const now = this.#io.clock.monotonic();
    if (this.#active.has(peer) || now - (this.#heard.get(peer) ?? Number.NEGATIVE_INFINITY) < HEARD_MS_MIN) return;
    this.#heard.set(peer, now);
    try {
      const queue = await this.#store.peerQueue(peer);
      if (queue === undefined || queue.due <= this.#io.clock.now()) return;
      await this.#store.transaction({ changes: [{ change: "retry-peer", peer }] });
    } catch (error) {
      this.#report(error);
    }
  }

  /** Begins nothing more. What is under way is sent again by the next start, under the same id. */
  close(): void {
    this.#isClosed = true;
    this.#unwatch();
    this.#timer?.clear();
  }

  /** Looks for work; what comes meanwhile leads to one more look. */
  #look(): void {
    if (this.#isClosed) return;
    const before = this.#looks;
    this.#looks = before === "not" ? "looking" : "again";
    if (before === "not") void this.#lookUntilSeen();
  }

  async #lookUntilSeen(): Promise<void> {
    let pauseMs = OUTBOX_PAUSE_MS;
    do {
      this.#looks = "looking";
      try {
        await this.#begin("reachable");
        await this.#begin("failing");
        pauseMs = await this.#pauseMs();
      } catch (error) {
        this.#report(error);
        pauseMs = OUTBOX_PAUSE_MS;
      }
      // Said by others while this one waited.
    } while ((this.#looks as "looking" | "again") === "again" && !this.#isClosed);
    this.#looks = "not";
    this.#timer?.clear();
    if (!this.#isClosed) this.#timer = this.#io.timers.set(pauseMs, () => this.#look());
  }

  async #begin(which: Which): Promise<void> {
    const active = [...this.#active.values()].filter(each => each === which).length;
    const free = PLACES[which] - active;
    if (free <= 0) return;
    const due = await this.#store.duePeers(this.#io.clock.now(), free, which, new Set(this.#active.keys()));
    for (const peer of due) {
      this.#active.set(peer, which);
      const end = (): void => {
        this.#active.delete(peer);
        this.#look();
      };
      void this.#sendAll(peer).then(end, (error: unknown) => {
        this.#report(error);
        // It is due as before: without a rest a store that can do nothing would be asked again at once.
        if (!this.#isClosed) this.#io.timers.set(OUTBOX_PAUSE_MS, end);
      });
    }
  }

  /** Until the next server is due that nobody sends to. */
  async #pauseMs(): Promise<number> {
    const due = await this.#store.nextPeerDue();
    if (due === undefined) return OUTBOX_POLL_MS;
    const leftMs = due - this.#io.clock.now();
    // What is due already is under way, or waits for a place: the end of one is a reason to look.
    return leftMs > 0 ? Math.min(leftMs, OUTBOX_POLL_MS) : this.#active.size > 0 ? OUTBOX_POLL_MS : OUTBOX_PAUSE_MS;
  }

  /** Transaction after transaction, until nothing waits or one fails. */
  async #sendAll(peer: string): Promise<void> {
    const begin = {
      change: "begin-sending",
      ...{ peer, eventsMax: TRANSACTION_EVENTS_MAX, edusMax: TRANSACTION_EDUS_MAX },
    } as const;
    const first = await this.#store.transaction({ changes: [{ ...begin, transaction: this.#newId() }] });
    let sending = first.ok ? first.results[0].sending : undefined;
    while (sending !== undefined && !this.#isClosed) {
      const { transaction } = sending;
      const isTaken = await this.#isTaken(peer, sending);
      if (this.#isClosed) return;
      if (!isTaken) return void (await this.#retryLater(peer, sending));
      const end = { change: "end-sending", peer, transaction, outcome: { outcome: "sent" } } as const;
      const next = await this.#store.transaction({ changes: [end, { ...begin, transaction: this.#newId() }] });
      sending = next.ok ? next.results[1].sending : undefined;
    }
  }

  /** Whether a transaction needs not be sent again. */
  async #isTaken(peer: string, { transaction, events, edus }: Sending): Promise<boolean> {
    const body = jsonObject({
      origin: this.#serverName,
      origin_server_ts: this.#io.clock.now(),
      pdus: events.map(objectOf),
      ...(edus.length === 0 ? {} : { edus: edus.map(objectOf) }),
    });
    const target = `/_matrix/federation/v1/send/${transaction}`;
    try {
      this.#noteRefusals(
        peer,
        await this.#peers.ask(peer, { method: "PUT", target, body, timeoutMs: TRANSACTION_MS_MAX }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof PeerFault)) throw error;
      const isAtFault = error.kind === "refused" && AT_FAULT.includes(error.status);
      if (isAtFault) this.#io.log.write("warn", "a server refuses a transaction for good", { peer, transaction });
      return isAtFault;
    }
  }

  #noteRefusals(peer: string, answer: JsonObject): void {
    const results = answer.get("pdus");
    for (const [event, result] of isJsonObject(results) ? results : []) {
      const error: JsonValue | undefined = isJsonObject(result) ? result.get("error") : undefined;
      if (error !== undefined)
        this.#io.log.write("info", "a server refuses an event", { peer, event, error: String(error) });
    }
  }

  async #retryLater(peer: string, { transaction, attempts }: Sending): Promise<void> {
    const due: Instant = this.#io.clock.now() + this.#backoffMs(attempts);
    const outcome = { outcome: "retry", due } as const;
    await this.#store.transaction({ changes: [{ change: "end-sending", peer, transaction, outcome }] });
  }

  #backoffMs(attempts: number): number {
    const ms = Math.min(RESEND_MS_MAX, RESEND_MS_MIN * 2 ** Math.min(attempts, 30));
    const [chance = 0] = this.#io.random.bytes(1);
    return Math.round(ms * (1 + RESEND_JITTER * (chance / 127.5 - 1)));
  }

  /** Never used before, also by a store that was restored from a copy. */
  #newId(): string {
    return `${this.#io.clock.now()}-${hexEncode(this.#io.random.bytes(6))}`;
  }

  #report(error: unknown): void {
    if (this.#isClosed) return;
    const level = error instanceof StoreUnavailable ? "warn" : "error";
    this.#io.log.write(level, "sending to other servers pauses", { detail: String(error) });
  }
}

function objectOf(json: string): JsonObject {
  const read = parseJson(utf8Bytes(json), { octetsMax: Number.MAX_SAFE_INTEGER, numbers: "any" });
  assert(read.ok && isJsonObject(read.value), "what waits for other servers is JSON");
  return read.value;
}
