import { type Log, type Metrics, type Platform, silent } from "@scop/platform";
import { installByteWork } from "@scop/wire";
import { nodeByteWork } from "./byte-work.ts";
import { nodeCrypto } from "./crypto.ts";
import { nodeDns } from "./dns.ts";
import { nodeNet } from "./net.ts";
import { nodeRandom } from "./random.ts";

/** What may be different from process to process. */
export interface NodePlatformOptions {
  /** Where the log and the metrics go; nowhere by default. */
  readonly log?: Log;
  readonly metrics?: Metrics;
  /** Certificates (PEM) that TLS connections out believe, in place of those that Node comes with. */
  readonly trust?: string;
}

/** Every capability, on Node. Installs the native byte loops for this process. */
export function nodePlatform(options: NodePlatformOptions = {}): Platform {
  installByteWork(nodeByteWork);
  return {
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    timers: {
      set: (afterMs, fire) => {
        const timer = setTimeout(fire, afterMs);
        return { clear: () => clearTimeout(timer) };
      },
    },
    random: nodeRandom(),
    crypto: nodeCrypto(),
    dns: nodeDns(),
    net: nodeNet(options.trust),
    log: options.log ?? silent.log,
    metrics: options.metrics ?? silent.metrics,
  };
}
