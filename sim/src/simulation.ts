import type { Dns, DnsAnswer, IpText, Log, LogFields, LogLevel, MxRecord, Net, Platform } from "@scop/platform";
import { simulatedCrypto } from "./crypto.ts";
import { type SimulatedNet, simulatedNet, type Weather } from "./network.ts";
import { type SeededRandom, seededRandom } from "./random.ts";
import { type VirtualTime, virtualTime } from "./virtual-time.ts";

/** What the simulated DNS knows: names in lower case. A missing name does not exist. */
export interface Zone {
  readonly mx: Map<string, readonly MxRecord[]>;
  readonly addresses: Map<string, readonly string[]>;
  /** Names whose lookups fail for now. */
  readonly failing: Set<string>;
}

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
  readonly zone: Zone;
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
  const zone: Zone = { mx: new Map(), addresses: new Map(), failing: new Set() };
  const logged: LoggedLine[] = [];
  const counted = new Map<string, number>();
  const network = simulatedNet({ timers: time.timers, random, weather, elapsed: time.clock.monotonic });
  const log: Log = { write: (level, event, fields = {}) => void logged.push({ level, event, fields }) };
  const bump = (name: string, labels: object, by: number): void => {
    const key = `${name}${JSON.stringify(labels)}`;
    counted.set(key, (counted.get(key) ?? 0) + by);
  };
  const platform = (net: Net): Platform => ({
    clock: time.clock,
    timers: time.timers,
    random,
    crypto: simulatedCrypto,
    dns: simulatedDns(zone),
    net,
    log,
    metrics: { count: (name, labels = {}, by = 1) => bump(name, labels, by), gauge: () => undefined },
  });
  return {
    ...time,
    seed,
    random,
    network,
    zone,
    logged,
    counted,
    platform: address => platform(network.from(address)),
  };
}

function simulatedDns(zone: Zone): Dns {
  const answer = <T>(name: string, records: readonly T[] | undefined): DnsAnswer<T> => {
    if (zone.failing.has(name)) return { found: "failure", detail: "the name servers do not answer" };
    if (records) return { found: "records", records };
    return { found: zone.mx.has(name) || zone.addresses.has(name) ? "no-data" : "no-name" };
  };
  return {
    mx: async domain => answer(domain, zone.mx.get(domain)),
    addresses: async host => answer(host, zone.addresses.get(host) as readonly IpText[] | undefined),
  };
}
