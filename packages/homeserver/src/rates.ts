import type { AccountId } from "@scop/store";
import { RecentMap } from "@scop/wire";
import type { HomeserverIo } from "./context.ts";
import { MatrixFault } from "./http.ts";

/** What somebody may spend at once, and what comes back in a second. */
export interface Rate {
  readonly points: number;
  readonly pointsPerSecond: number;
}

/** What requests may cost. An address is an IPv4 address or an IPv6 /64: several accounts may come from one. */
export interface Rates {
  readonly account: Rate;
  readonly address: Rate;
}

/** A message costs 1 point. Our own: 500 at once and 50 in a second, 4 times as much from one address. */
export const RATES: Rates = {
  account: { points: 500, pointsPerSecond: 50 },
  address: { points: 2_000, pointsPerSecond: 200 },
};

/** No bounds: for who is alone with the server. */
export const NO_RATES: Rates = {
  account: { points: Number.POSITIVE_INFINITY, pointsPerSecond: 1 },
  address: { points: Number.POSITIVE_INFINITY, pointsPerSecond: 1 },
};

/** What operations cost, in points: about a millisecond of this server each, or what others have of it. What is not here costs nothing. */
const COSTS: ReadonlyMap<string, number> = new Map([
  ...of(1, ["sendMessage", "setRoomStateWithKey", "redactEvent", "sendToDevice", "setAccountData"]),
  ...of(1, ["setAccountDataPerRoom", "setRoomTag", "deleteRoomTag", "setTyping", "postReceipt", "setReadMarker"]),
  ...of(2, ["queryKeys", "claimKeys", "uploadKeys", "setRoomAlias", "deleteRoomAlias", "getPublicRooms"]),
  ...of(2, ["createContent", "defineFilter", "setPushRule", "getUserProfile"]),
  ...of(5, ["joinRoom", "joinRoomById", "knockRoom", "inviteUser", "leaveRoom", "kick", "ban", "unban"]),
  ...of(5, ["uploadContent", "uploadContentToMXC", "searchUserDirectory", "getSpaceHierarchy", "reportEvent"]),
  ...of(5, [
    "reportRoom",
    "reportUser",
    "getNotifications",
    "getRelatingEvents",
    "queryPublicRooms",
    "getRoomIdByAlias",
  ]),
  ...of(20, ["createRoom", "search", "login", "setProfileField", "deleteProfileField", "refresh", "register"]),
  ...of(20, ["checkUsernameAvailability", "changePassword", "deleteDevice", "deleteDevices"]),
  ...of(2, ["getKeysChanges", "putRoomKeys", "putRoomKeysByRoomId", "putRoomKeyBySessionId", "deleteRoomKeys"]),
  ...of(5, ["getRoomKeys", "uploadCrossSigningSignatures"]),
  ...of(20, ["uploadCrossSigningKeys"]),
  ...of(100, ["upgradeRoom"]),
]);

function of(points: number, operations: readonly string[]): readonly (readonly [string, number])[] {
  return operations.map(each => [each, points] as const);
}

/** Whose points are counted at a time: those who spent last. Our own bound. */
const SPENDERS_MAX = 20_000;

/** Points that are left, of accounts and addresses. */
export class Spending {
  readonly #io: Pick<HomeserverIo, "clock">;
  readonly #rates: Rates;
  readonly #left: RecentMap<{ readonly points: number; readonly at: number }> = new RecentMap(SPENDERS_MAX);

  constructor(io: Pick<HomeserverIo, "clock">, rates: Rates) {
    this.#io = io;
    this.#rates = rates;
  }

  /** Takes what an operation costs from who asks. Throws `MatrixFault` 429 with the time to wait where that is not there. */
  spend(operation: string, address: string, account: AccountId | undefined): void {
    const cost = COSTS.get(operation);
    if (cost === undefined) return;
    // Before anything of it is taken, so that who has none left of one does not lose the other.
    const waits = [this.#waitMs(`address ${address}`, this.#rates.address, cost)];
    if (account !== undefined) waits.push(this.#waitMs(`account ${account}`, this.#rates.account, cost));
    const waitMs = Math.max(...waits);
    if (waitMs > 0) {
      throw new MatrixFault(429, "M_LIMIT_EXCEEDED", "Too much at once: come again later.", { retry_after_ms: waitMs });
    }
    this.#take(`address ${address}`, this.#rates.address, cost);
    if (account !== undefined) this.#take(`account ${account}`, this.#rates.account, cost);
  }

  #waitMs(key: string, rate: Rate, cost: number): number {
    const missing = cost - this.#points(key, rate);
    return missing <= 0 ? 0 : Math.ceil((missing * 1000) / rate.pointsPerSecond);
  }

  #take(key: string, rate: Rate, cost: number): void {
    this.#left.set(key, { points: this.#points(key, rate) - cost, at: this.#io.clock.monotonic() });
  }

  #points(key: string, { points, pointsPerSecond }: Rate): number {
    const known = this.#left.get(key);
    if (known === undefined) return points;
    const back = ((this.#io.clock.monotonic() - known.at) * pointsPerSecond) / 1000;
    return Math.min(points, known.points + back);
  }
}
