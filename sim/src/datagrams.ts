import type { Datagrams, Endpoint, IpText, Timers } from "@scop/platform";
import type { Weather } from "./network.ts";
import type { SeededRandom } from "./random.ts";

/** Who answers datagrams: what came, from where, and how to send something back. */
export type DatagramService = (octets: Uint8Array, from: Endpoint, reply: (octets: Uint8Array) => void) => void;

/** Datagrams in memory: they may be lost, doubled and overtake each other, as the weather is. */
export interface SimulatedDatagrams {
  /** Sockets of a machine with this address. */
  from(address: string): Datagrams;
  /** Answers datagrams to an address and port until the returned function is called. */
  serve(address: string, port: number, service: DatagramService): () => void;
}

interface World {
  readonly timers: Timers;
  readonly random: SeededRandom;
  readonly weather: Weather;
}

export function simulatedDatagrams({ timers, random, weather }: World): SimulatedDatagrams {
  const services = new Map<string, DatagramService>();
  const carry = (arrive: () => void): void => {
    const chance = (share: number | undefined): boolean => random.integer(1_000) < 1_000 * (share ?? 0);
    if (chance(weather.datagramLossShare)) return;
    const times = chance(weather.datagramDoubleShare) ? 2 : 1;
    for (let left = times; left > 0; left -= 1) {
      timers.set(weather.latencyMs === 0 ? 0 : random.integer(2 * weather.latencyMs), arrive);
    }
  };
  const open = (address: string, to: Endpoint): ReturnType<Datagrams["open"]> => {
    const near: Endpoint = { address: address as IpText, port: 1_024 + random.integer(64_512) };
    const kept: Uint8Array[] = [];
    let phase: "open" | "unreachable" | "closed" = "open";
    let wake: (() => void) | undefined;
    const hear = (octets: Uint8Array): void => {
      kept.push(octets.slice());
      wake?.();
    };
    const end = (as: "unreachable" | "closed"): void => {
      if (phase === "open") phase = as;
      wake?.();
    };
    return {
      send: octets => {
        const sent = octets.slice();
        carry(() => {
          const service = services.get(`${to.address} ${to.port}`);
          if (service === undefined) end("unreachable");
          else service(sent, near, reply => carry(() => hear(reply)));
        });
      },
      receive: async () => {
        while (kept.length === 0 && phase === "open") await new Promise<void>(resolve => (wake = resolve));
        return phase === "closed" ? undefined : kept.shift();
      },
      close: () => end("closed"),
    };
  };
  return {
    from: address => ({ open: to => open(address, to) }),
    serve: (address, port, service) => {
      const key = `${address} ${port}`;
      services.set(key, service);
      return () => void services.delete(key);
    },
  };
}
