import { installBodyWork } from "@scop/dkim";
import type { ResolverServer } from "@scop/dns";
import type { ResolverIo } from "@scop/dns/run";
import { type Dns, type Log, type Metrics, type Platform, silent } from "@scop/platform";
import { installByteWork } from "@scop/wire";
import { nodeByteWork } from "./byte-work.ts";
import { nodeGzip } from "./compression.ts";
import { nodeCrypto } from "./crypto.ts";
import { nodeDatagrams } from "./datagrams.ts";
import { nodeBodyWork } from "./dkim-body-work.ts";
import { scopDns } from "./dns.ts";
import { nodeHttps } from "./https.ts";
import { nodeNet } from "./net.ts";
import { nodeRandom } from "./random.ts";

/** What may be different from process to process. */
export interface NodePlatformOptions {
  /** Where the log and the metrics go; nowhere by default. */
  readonly log?: Log;
  readonly metrics?: Metrics;
  /** Certificates (PEM) that TLS connections out believe, in place of those that Node comes with. */
  readonly trust?: string;
  /** Whom to ask for names; by default the servers that the machine is configured with. */
  readonly resolvers?: readonly ResolverServer[];
  /** Look-ups in place of asking servers, as those of a zone. */
  readonly dns?: Dns;
  /** For laboratories: documents come from this port, and from addresses that are not of the open Internet too. */
  readonly httpsPort?: number;
}

/** Every capability, on Node. Installs the native byte loops for this process. */
export function nodePlatform(options: NodePlatformOptions = {}): Platform {
  installByteWork(nodeByteWork);
  installBodyWork(nodeBodyWork);
  const io: ResolverIo = {
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    timers: {
      set: (afterMs, fire) => {
        const timer = setTimeout(fire, afterMs);
        return { clear: () => clearTimeout(timer) };
      },
    },
    random: nodeRandom(),
    net: nodeNet(options.trust),
    datagrams: nodeDatagrams,
  };
  const dns = options.dns ?? scopDns(io, options.resolvers).dns;
  const { trust, httpsPort } = options;
  return {
    ...io,
    crypto: nodeCrypto(),
    dns,
    https: nodeHttps(dns, { addresses: httpsPort === undefined ? "public" : "any", port: httpsPort ?? 443, trust }),
    gzip: nodeGzip,
    log: options.log ?? silent.log,
    metrics: options.metrics ?? silent.metrics,
  };
}
