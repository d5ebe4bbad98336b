import type { JsonObject } from "@scop/matrix/json";
import { checkSignature, KEYS_VALID_MS_MAX, keyIdsOf, keyValidAt, readServerKeys } from "@scop/matrix/sign";
import type { Instant, KeyType, PublicKey } from "@scop/platform";
import { assert, base64Encode, RecentMap } from "@scop/wire";
import type { HomeserverIo } from "../context.ts";
import { formatKeptKeys, type KeptKeys, mergedKeys, readKeptKeys } from "./kept-keys.ts";
import { keysFromNotary, keysFromServer } from "./key-questions.ts";
import {
  KEY_FETCHES_MAX,
  KEYS_AGAIN_MS,
  KEYS_RETRY_MS_MAX,
  KEYS_RETRY_MS_MIN,
  RINGS_MAX,
  SIGNATURES_MAX,
} from "./limits.ts";
import type { PeerParts } from "./peers.ts";

/** When a server may be asked again, and how often in a row it gave nothing. */
interface Rest {
  readonly until: Instant;
  readonly failures: number;
}

/** The keys of other servers: asked for at the server itself, else at notaries, proved by the signature of the server, and kept. */
export class KeyRing {
  readonly #io: HomeserverIo;
  readonly #parts: PeerParts;
  readonly #known: RecentMap<KeptKeys> = new RecentMap(RINGS_MAX);
  /** To make one costs as much as several signatures. */
  readonly #made: RecentMap<PublicKey> = new RecentMap(RINGS_MAX);
  readonly #rests: RecentMap<Rest> = new RecentMap(RINGS_MAX);
  readonly #underWay: Map<string, Promise<KeptKeys | undefined>> = new Map();
  readonly #waiting: (() => void)[] = [];
  #fetching = 0;

  constructor(io: HomeserverIo, parts: PeerParts) {
    this.#io = io;
    this.#parts = parts;
  }

  /** As `Peers.keyOf`. */
  async keyOf(server: string, keyId: string, timeMs: number | undefined): Promise<Uint8Array | undefined> {
    const { signer, publicKey } = this.#parts;
    if (server === signer.entity) return keyId === signer.keyId ? publicKey : undefined;
    // Room versions before 5: with whatever key it ever had.
    const time = timeMs ?? 0;
    const known = await this.#kept(server);
    const key = known && keyValidAt(known.keys, keyId, time);
    if (key !== undefined || !this.#isWorthAsking(server, time)) return key;
    const fetched = await this.#asked(server);
    return fetched && keyValidAt(fetched.keys, keyId, time);
  }

  /** As `Peers.isSignedBy`. */
  async isSignedBy(object: JsonObject, server: string, timeMs: number | undefined): Promise<boolean> {
    const crypto = { publicKey: (type: KeyType, octets: Uint8Array) => this.#publicKey(type, octets) };
    for (const keyId of keyIdsOf(object, server).slice(0, SIGNATURES_MAX)) {
      const key = await this.keyOf(server, keyId, timeMs);
      if (key !== undefined && checkSignature(object, server, keyId, key, crypto) === "signed") return true;
    }
    return false;
  }

  #publicKey(type: KeyType, octets: Uint8Array): PublicKey | undefined {
    const text = base64Encode(octets);
    const known = this.#made.get(text);
    if (known !== undefined) return known;
    const made = this.#io.crypto.publicKey(type, octets);
    if (made !== undefined) this.#made.set(text, made);
    return made;
  }

  async #kept(server: string): Promise<KeptKeys | undefined> {
    const known = this.#known.get(server);
    if (known !== undefined) return known;
    const stored = await this.#parts.store.serverKeys(server);
    const kept = stored === undefined ? undefined : readKeptKeys(stored);
    if (kept !== undefined) this.#known.set(server, kept);
    return kept;
  }

  /** Not where it rests, and not for a time that no key is valid at yet. */
  #isWorthAsking(server: string, time: number): boolean {
    const now = this.#io.clock.now();
    const rest = this.#rests.get(server);
    return time <= now + KEYS_VALID_MS_MAX && (rest === undefined || now >= rest.until);
  }

  /** Equal questions under way are asked once. */
  #asked(server: string): Promise<KeptKeys | undefined> {
    const same = this.#underWay.get(server);
    if (same !== undefined) return same;
    const asked = this.#inTurn(() => this.#fetched(server)).finally(() => this.#underWay.delete(server));
    this.#underWay.set(server, asked);
    return asked;
  }

  /** A place is handed on, so that a newcomer can't take it from one who waits. */
  async #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#fetching >= KEY_FETCHES_MAX) await new Promise<void>(resolve => this.#waiting.push(resolve));
    else this.#fetching += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#fetching -= 1;
      else next();
    }
  }

  async #fetched(server: string): Promise<KeptKeys | undefined> {
    const { store } = this.#parts;
    const before = await this.#kept(server);
    const answer = await this.#answerOf(server);
    const now = this.#io.clock.now();
    if (typeof answer === "string") {
      this.#io.log.write("info", "a server did not give its keys", { server, detail: answer });
      const failures = (this.#rests.get(server)?.failures ?? 0) + 1;
      const restMs = Math.min(KEYS_RETRY_MS_MAX, KEYS_RETRY_MS_MIN * 2 ** Math.min(failures - 1, 20));
      this.#rests.set(server, { until: now + restMs, failures });
      return before;
    }
    const said = readServerKeys(answer, this.#io.crypto);
    assert(said.ok, "the answer was read before");
    const kept = mergedKeys(before, said.value, answer, now);
    await store.transaction({ changes: [{ change: "put-server-keys", server, json: formatKeptKeys(kept) }] });
    this.#known.set(server, kept);
    this.#rests.set(server, { until: now + KEYS_AGAIN_MS, failures: 0 });
    return kept;
  }

  /** What a server says of its keys, or a notary that is believed says for it, proved; or why there is nothing. */
  async #answerOf(server: string): Promise<JsonObject | string> {
    const { transport, notaries } = this.#parts;
    const direct = await keysFromServer(transport, server, this.#io.crypto);
    // Of a notary itself nobody else is believed.
    if (typeof direct !== "string" || notaries.includes(server)) return direct;
    for (const notary of notaries) {
      const found = await keysFromNotary(transport, notary, server, this.#io.crypto);
      const isWitnessed = found !== undefined && (await this.isSignedBy(found, notary, this.#io.clock.now()));
      if (isWitnessed) return found;
    }
    return direct;
  }
}
