import { openKeyCache } from "@scop/dkim";
import { runResolver } from "@scop/dns/run";
import { createRelay, type VerifyStage } from "@scop/mta/inline-relay";
import { createConnectionLimits, serveSmtp } from "@scop/smtp/run";
import { type MxBoot, readMxBoot } from "./boot.ts";
import type { Native } from "./native.ts";
import { stopOnBootError } from "./options.ts";
import { type UnikernelPlatform, unikernelPlatform } from "./platform.ts";

/** How long the next hop may take to be reached, in milliseconds. */
const CONNECT_MS_MAX = 30_000;
/** Of the free memory at start, what messages may take: the rest is for connections, and for the pieces that messages are cut in. */
const BUDGET_SHARE = 0.75;
/** Of that, what one message may take, so that a few large ones do not keep all others out. */
const MESSAGE_SHARE = 0.25;

const SECOND_MS = 1000;
/** Of answers of DNS that are remembered: a thousand of them, and what they are held in is a few times as large. */
const CACHE_OCTETS_MAX = 131_072;

/** The role `mx`: takes mail from the network and hands it on in line. Stops the machine with one line where it was told nonsense. */
export function runMx(native: Native): void {
  const io = unikernelPlatform(native);
  const boot = stopOnBootError(native, () => readMxBoot(native.commandLine(), native.bootParts()));
  loadTls(native);
  const free = native.memoryTotal() - native.memory();
  const budgetOctets = boot.budgetOctets ?? Math.floor(free * BUDGET_SHARE);
  if (budgetOctets > free) native.stop(`option budget-octets: ${budgetOctets}, allowed are ${free} in this machine`);
  const messageOctets = boot.messageOctets ?? Math.floor(budgetOctets * MESSAGE_SHARE);
  const { hostname, nextHop, domains, connections, perSource, offersTls } = boot;
  const connect = () => io.net.connect({ ...nextHop, timeoutMs: CONNECT_MS_MAX });
  const verify = verifyStage(io, boot);
  const handler = createRelay(io, { hostname, connect, tls: boot.nextHopTls, budgetOctets, domains, verify });
  const admission = createConnectionLimits({ total: connections, perPeer: perSource });
  native.network(boot.address, boot.prefix, boot.gateway);
  io.listen(boot.port, connections, connection => {
    void serveSmtp(io, connection, {
      hostname,
      handler,
      admission,
      authRequired: "no",
      tls: offersTls ? "offered" : "none",
      limits: { messageOctets, recipients: 1 },
    });
  });
  if (boot.figuresSeconds !== undefined) tellFigures(native, io, boot.figuresSeconds * SECOND_MS);
  native.say("listening");
}

/** Tells the console of the memory that is in use, again and again. */
function tellFigures(native: Native, io: UnikernelPlatform, everyMs: number): void {
  io.timers.set(everyMs, () => {
    io.log.write("info", "memory", { octets: native.memory(), peakOctets: native.memoryPeak() });
    tellFigures(native, io, everyMs);
  });
}

/** Verifies by the stage of a server on Node; undefined where there is nobody to ask for names. */
function verifyStage(io: UnikernelPlatform, { resolvers, onReject }: MxBoot): VerifyStage | undefined {
  if (resolvers.length === 0) return undefined;
  const { dns } = runResolver(io, resolvers, { cacheOctetsMax: CACHE_OCTETS_MAX });
  const settings = {
    verify: { receivedSpf: "no", onReject, onQuarantine: "quarantine", trustedSealers: [] },
    reports: { about: [] },
  } as const;
  return { io: { ...io, dns }, settings, keys: openKeyCache(io.crypto) };
}

/** Hands what came beside the image to the base, which alone knows the key. */
function loadTls(native: Native): void {
  const parts = native.bootParts().split(" ");
  for (const [part, load] of [
    ["certificate", () => native.loadServer()],
    ["trust", () => native.loadTrust()],
  ] as const) {
    const wrong = parts.includes(part) ? load() : "";
    if (wrong !== "") native.stop(wrong);
  }
}
