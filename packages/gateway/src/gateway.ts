import { newUserId } from "@scop/matrix/id";
import type { Timer } from "@scop/platform";
import { type AccountId, type AccountRecord, type StoreEvent, StoreUnavailable } from "@scop/store";
import { Bridge } from "./bridge.ts";
import { type GatewayParts, membersOf } from "./desk.ts";
import { AGAIN_MS } from "./limits.ts";

/** Mail and rooms joined. */
export interface Gateway {
  /** Begins; what came while it was not there is shown and sent now. */
  start(): void;
  /** Looks for addresses that another process made a gateway, and for what came for them. */
  wake(): void;
  /** Resolves when what it is doing is done; nothing more is begun. */
  stop(): Promise<void>;
}

/**
 * Makes a gateway of a store, a homeserver and an MTA that share it. Accounts become gateways by their account data (`membersChange`): each has a room
 * of its own, in which mail to it is shown, and from which answers go out. It writes to the store alone, so that a crash at any moment loses nothing
 * and sends nothing twice.
 */
export function createGateway(parts: GatewayParts): Gateway {
  return new Joined(parts);
}

class Joined implements Gateway {
  readonly #parts: GatewayParts;
  readonly #bridges: Map<AccountId, Bridge> = new Map();
  #unwatch: (() => void) | undefined;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  /** Accounts that may be gateways by now. */
  #unknown: Set<AccountId> | "all" = "all";
  #hasNews = false;
  #isOver = false;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#unwatch ??= this.#parts.store.watch(event => this.#hear(event));
    this.wake();
  }

  wake(): void {
    this.#unknown = "all";
    this.#go();
  }

  #go(): void {
    if (this.#isOver || this.#unwatch === undefined) return;
    this.#hasNews = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#hasNews) this.#go();
    });
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#hasNews = false;
    this.#unwatch?.();
    this.#timer?.clear();
    await this.#running;
  }

  /** Most of what happens in a store concerns no gateway. */
  #hear(event: StoreEvent): void {
    const account = "account" in event ? event.account : undefined;
    const isNew = event.on === "account-data" && account !== undefined && !this.#bridges.has(account);
    if (isNew && this.#unknown !== "all") this.#unknown.add(account);
    if (isNew || (account !== undefined && this.#bridges.has(account))) this.#go();
    else if (event.on === "room" && [...this.#bridges.values()].some(({ room }) => room === event.room)) this.#go();
  }

  async #run(): Promise<void> {
    while (this.#hasNews && !this.#isOver) {
      this.#hasNews = false;
      try {
        await this.#look();
        for (const bridge of this.#bridges.values()) while (!this.#isOver && (await bridge.step()));
      } catch (error) {
        const level = error instanceof StoreUnavailable ? "warn" : "error";
        this.#parts.io.log.write(level, "mail and rooms wait for each other", { error: String(error) });
        this.#timer = this.#parts.io.timers.set(AGAIN_MS, () => this.#go());
        return;
      }
    }
  }

  /** Who is a gateway by now. */
  async #look(): Promise<void> {
    const { store } = this.#parts;
    const unknown = this.#unknown;
    this.#unknown = new Set();
    const accounts =
      unknown === "all" ? await store.accounts() : await Promise.all([...unknown].map(id => store.accountById(id)));
    for (const account of accounts) {
      if (account === undefined) continue;
      if (this.#bridges.has(account.id) || (await membersOf(store, account)) === undefined) continue;
      const bridge = await this.#bridgeOf(account);
      if (bridge !== undefined) this.#bridges.set(account.id, bridge);
    }
  }

  async #bridgeOf(account: AccountRecord): Promise<Bridge | undefined> {
    const { store, options } = this.#parts;
    const { address } = account;
    const at = address.lastIndexOf("@");
    const user = newUserId(address.slice(0, at), options.serverName);
    const inbox = await store.mailboxByName(account.id, "INBOX");
    if (!user.ok || inbox === undefined || address.slice(at + 1) !== options.serverName) return undefined;
    const own = { address, tagSeparator: options.tagSeparator };
    return new Bridge({ parts: this.#parts, account, user: user.value.id, own, inbox: inbox.id });
  }
}
