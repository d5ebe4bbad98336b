import type { JsonObject } from "@scop/matrix/json";
import type { ObjectSigner } from "@scop/matrix/sign";
import type { Platform } from "@scop/platform";
import type { Authenticator } from "@scop/sasl";
import type { AccountId, Store } from "@scop/store";
import type { KeptKeys } from "./encryption/kept-keys.ts";
import type { Peers } from "./federation/port.ts";
import type { RoomWork } from "./federation/room-work.ts";
import type { Heard } from "./live/heard.ts";
import type { MediaLimits } from "./media/limits.ts";
import type { Rates } from "./rates.ts";

/** What a homeserver is given. */
export type HomeserverIo = Pick<Platform, "clock" | "timers" | "random" | "crypto" | "log">;

/** How a homeserver is set up. */
export interface HomeserverOptions {
  /** The part of user ids behind the colon: one of the store's domains. It can never be changed. */
  readonly serverName: string;
  /** Where clients reach it, without a slash at the end. */
  readonly baseUrl: () => string;
  /** The key that signs events in the name of the server. */
  readonly signer: ObjectSigner;
  /** Checks passwords for one address, an IPv4 address or an IPv6 /64. */
  readonly authenticator: (peer: string) => Authenticator;
  /** The 32 octets of the key of `signer`. */
  readonly publicKey: Uint8Array;
  /** What requests may cost. */
  readonly rates: Rates;
  /** Whether users see who is there. It costs every client an answer for every change. */
  readonly presence: "on" | "off";
  /** What files may take. */
  readonly media: MediaLimits;
  /** Other servers; undefined: there are none, and none are answered. */
  readonly peers: Peers | undefined;
  /** Where other servers reach it, as `host` or `host:port`; undefined: where its name says. */
  readonly federationAt: () => string | undefined;
}

/** What the operations work with. */
export interface Context {
  readonly heard: Heard;
  readonly io: HomeserverIo;
  readonly store: Store;
  readonly options: HomeserverOptions;
  readonly rooms: RoomWork;
  readonly keptKeys: KeptKeys;
}

/** Who asks. */
export interface Who {
  readonly account: AccountId;
  readonly user: string;
  readonly device: string;
}

/** One request of an operation. */
export interface Call {
  readonly path: ReadonlyMap<string, string>;
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly body: JsonObject;
  readonly peer: string;
  onGone(listener: () => void): void;
}

/** A request by somebody who is logged in. */
export interface OwnCall extends Call {
  readonly who: Who;
}

/** A request by another server. */
export interface PeerCall extends Call {
  /** Its name, proved by its signature. */
  readonly origin: string;
}

/** The value that is answered. */
export type Answered = Promise<object>;

/** One value of a query. */
export function queryText(call: Pick<Call, "query">, name: string): string | undefined {
  return call.query.get(name)?.[0];
}
