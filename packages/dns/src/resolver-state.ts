import type { DnsAnswer, Random } from "@scop/platform";
import { assert, type IpText } from "@scop/wire";
import { Cache } from "./cache.ts";
import { CACHE_OCTETS_MAX } from "./limits.ts";
import type { Name } from "./name.ts";
import type { Query } from "./query.ts";
import type { RecordData, RecordType } from "./record.ts";

/** A recursive resolver that may be asked. */
export interface ResolverServer {
  readonly address: IpText;
  readonly port: number;
  /** `plain`: UDP, and TCP where that is not enough. `tls`: DNS over TLS alone, to a server whose certificate has this name. RFC 7858 3, RFC 8310 8 */
  readonly transport: { readonly by: "plain" } | { readonly by: "tls"; readonly serverName: string };
  /**
   * `trusted`: it validates, and nobody stands between: on this machine, by TLS, or because the operator says so. Only then its AD flag
   * means something. RFC 6698 A.3, RFC 7672 2.2
   */
  readonly word: "trusted" | "untrusted";
}

/** What happens to a resolver. `now`: milliseconds of a clock that never goes back. */
export type ResolverInput = { readonly now: number } & (
  | { readonly on: "ask"; readonly id: number; readonly name: Name; readonly type: RecordType }
  /** From the socket of an exchange, and so from the server that it was sent to. */
  | { readonly on: "datagram"; readonly exchange: number; readonly octets: Uint8Array }
  /** The exchange's datagram could not be sent, or the server's host said that nobody listens. */
  | { readonly on: "unreachable"; readonly exchange: number }
  | { readonly on: "opened"; readonly stream: number }
  | { readonly on: "octets"; readonly stream: number; readonly octets: Uint8Array }
  /** The stream could not be opened, or has ended. */
  | { readonly on: "ended"; readonly stream: number }
  | { readonly on: "tick" }
);

/** What a resolver wants done. */
export type ResolverEffect =
  /** Send from a socket of its own, with a port that nobody can foresee, and hear that server alone. RFC 5452 9.2 */
  | { readonly do: "send"; readonly exchange: number; readonly server: ResolverServer; readonly octets: Uint8Array }
  /** The socket of the exchange is not needed any more. */
  | { readonly do: "release"; readonly exchange: number }
  /** Connect, with TLS where the server wants it; then `opened`, or `ended`. */
  | { readonly do: "open"; readonly stream: number; readonly server: ResolverServer }
  | { readonly do: "write"; readonly stream: number; readonly octets: Uint8Array }
  | { readonly do: "close"; readonly stream: number }
  | { readonly do: "answer"; readonly id: number; readonly answer: DnsAnswer<RecordData> }
  /** A `tick` at this time, in place of the one that was wanted before; undefined for none. */
  | { readonly do: "wake"; readonly at: number | undefined };

/** What is known of a server. */
export interface ServerState {
  readonly config: ResolverServer;
  readonly clientCookie: Uint8Array;
  serverCookie: Uint8Array | undefined;
  /** Until then, others are asked first. */
  avoidUntil: number;
  /** Until then, it is asked without EDNS. */
  noEdnsUntil: number;
  stream: Stream | undefined;
}

/** A byte stream to a server. */
export interface Stream {
  readonly id: number;
  readonly server: ServerState;
  phase: "opening" | "open";
  /** What arrived of messages that are not whole. */
  heard: Uint8Array;
  /** Searches by the id of the message that asks. */
  readonly requests: Map<number, Search>;
  idleSince: number;
}

/** One message to one server, and the wait for its answer. */
export interface Attempt {
  readonly exchange: number;
  readonly server: ServerState;
  readonly query: Query;
  readonly until: number;
  readonly stream: Stream | undefined;
  /** `forged`: without checking, to tell a forged answer from one that is not there. */
  readonly asks: "answer" | "forged";
  mismatches: number;
}

/** One question under way, for everybody who asked it. */
export interface Search {
  readonly key: string;
  readonly type: RecordType;
  readonly ids: number[];
  readonly until: number;
  /** The name to ask for: the one that was asked, or what it is an alias of. */
  name: Name;
  aliases: number;
  /** Every step so far was. */
  authentic: boolean;
  ttlS: number;
  octets: number;
  attempt: Attempt | undefined;
  exchanges: number;
  readonly tries: Map<ServerState, number>;
  /** Servers that said that they can't answer. */
  readonly refusedBy: Set<ServerState>;
  /** The last reason why there is no answer yet. */
  why: string;
}

/** A stub resolver. Its parts change with every step. */
export interface ResolverState {
  readonly servers: readonly ServerState[];
  readonly random: Random;
  readonly cache: Cache;
  readonly searches: Map<string, Search>;
  /** Searches that wait for a place, the oldest first. */
  readonly waiting: Map<string, Search>;
  readonly exchanges: Map<number, Search>;
  readonly streams: Map<number, Stream>;
  /** The last number of an exchange or a stream. */
  lastNumber: number;
  /** No deadline is earlier. */
  wakeAt: number;
}

const CLIENT_COOKIE_OCTETS = 8;
const RESOLVER_LIMITS: ResolverLimits = { cacheOctetsMax: CACHE_OCTETS_MAX };

/** What a resolver may take. */
export interface ResolverLimits {
  /** Octets of the messages whose answers are remembered. */
  readonly cacheOctetsMax: number;
}

/** A resolver that asks these servers, in this order as long as they answer. There is at least one. */
export function openResolver(
  servers: readonly ResolverServer[],
  random: Random,
  limits: ResolverLimits = RESOLVER_LIMITS,
): ResolverState {
  assert(servers.length > 0, "a resolver has a server");
  return {
    // RFC 9018 3: a cookie for each server, so that it tells none of them what another knows
    servers: servers.map(config => ({
      config,
      clientCookie: random.bytes(CLIENT_COOKIE_OCTETS),
      serverCookie: undefined,
      avoidUntil: -Infinity,
      noEdnsUntil: -Infinity,
      stream: undefined,
    })),
    random,
    cache: new Cache(limits.cacheOctetsMax),
    searches: new Map(),
    waiting: new Map(),
    exchanges: new Map(),
    streams: new Map(),
    lastNumber: 0,
    wakeAt: Infinity,
  };
}
