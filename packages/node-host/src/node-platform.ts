import { randomBytes } from "node:crypto";
import { type Log, type Metrics, type Platform, silent } from "@scop/platform";
import { installByteWork } from "@scop/wire";
import { nodeByteWork } from "./byte-work.ts";
import { nodeCrypto } from "./crypto.ts";
import { nodeDns } from "./dns.ts";
import { nodeNet } from "./net.ts";

/** Where the log and the metrics go; nowhere by default. */
export interface Observers {
  readonly log?: Log;
  readonly metrics?: Metrics;
}

/** Every capability, on Node. Installs the native byte loops for this process. */
export function nodePlatform(observers: Observers = {}): Platform {
  installByteWork(nodeByteWork);
  return {
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    timers: {
      set: (afterMs, fire) => {
        const timer = setTimeout(fire, afterMs);
        return { clear: () => clearTimeout(timer) };
      },
    },
    random: { bytes: octets => randomBytes(octets) },
    crypto: nodeCrypto(),
    dns: nodeDns(),
    net: nodeNet,
    log: observers.log ?? silent.log,
    metrics: observers.metrics ?? silent.metrics,
  };
}
