import { gzipSync } from "node:zlib";
import type { Datagrams, HttpsAnswer, HttpsPost, Log, LogFields, LogLevel, Net, Platform } from "@scop/platform";
import { simulatedCrypto } from "./crypto.ts";
import { type SimulatedDatagrams, simulatedDatagrams } from "./datagrams.ts";
import { emptyZone, simulatedDns, type Zone } from "./dns.ts";
import { type SimulatedNet, simulatedNet, type Weather } from "./network.ts";
import { type SeededRandom, seededRandom } from "./random.ts";
import { type VirtualTime, virtualTime } from "./virtual-time.ts";

/** One line that was logged. */
export interface LoggedLine {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

/** A world of its own: time, chance, network, names. The same seed gives the same run. */
export interface Simulation extends VirtualTime {
  readonly seed: number;
  readonly random: SeededRandom;
  readonly network: SimulatedNet;
  readonly datagrams: SimulatedDatagrams;
  readonly zone: Zone;
  /** What web servers answer, by `host/path`; everything else can't be reached. */
  readonly web: Map<string, HttpsAnswer>;
  /** What web servers were given, whatever they answered to it. */
  readonly posted: readonly HttpsPost[];
  readonly logged: readonly LoggedLine[];
  /** Counters of the metrics capability, by name and labels. */
  readonly counted: ReadonlyMap<string, number>;
  /** The capabilities that a machine at this address is given. */
  platform(address: string): Platform;
}

const CALM: Weather = { latencyMs: 0, pieceOctetsMax: 0 };

/** Starts a world at 2026-01-01T00:00:00Z. */
export function simulation(seed = 1, weather: Weather = CALM): Simulation {
  const time = virtualTime();
  const random = seededRandom(seed);
  const zone = emptyZone();
  const web = new Map<string, HttpsAnswer>();
  const posted: HttpsPost[] = [];
  const answerOf = (host: string, path: string): HttpsAnswer =>
    web.get(`${host}${path}`) ?? { got: "failure", kind: "other", detail: "nobody listens" };
  const logged: LoggedLine[] = [];
  const counted = new Map<string, number>();
  const network = simulatedNet({ timers: time.timers, random, weather, elapsed: time.clock.monotonic });
  const datagrams = simulatedDatagrams({ timers: time.timers, random, weather });
  const log: Log = { write: (level, event, fields = {}) => void logged.push({ level, event, fields }) };
  const bump = (name: string, labels: object, by: number): void => {
    const key = `${name}${JSON.stringify(labels)}`;
    counted.set(key, (counted.get(key) ?? 0) + by);
  };
  const platform = (net: Net, sockets: Datagrams): Platform => ({
    clock: time.clock,
    timers: time.timers,
    random,
    crypto: simulatedCrypto,
    dns: simulatedDns(zone),
    net,
    datagrams: sockets,
    https: {
      get: async ({ host, path }) => answerOf(host, path),
      post: async given => {
        posted.push(given);
        return answerOf(given.host, given.path);
      },
    },
    gzip: { pack: async bytes => gzipSync(bytes) },
    log,
    metrics: { count: (name, labels = {}, by = 1) => bump(name, labels, by), gauge: () => undefined },
  });
  return {
    ...time,
    seed,
    random,
    network,
    datagrams,
    zone,
    web,
    posted,
    logged,
    counted,
    platform: address => platform(network.from(address), datagrams.from(address)),
  };
}
