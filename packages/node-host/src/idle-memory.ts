import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** When memory is given back. */
export interface IdleMemoryOptions {
  /** How often it is looked at. Default: 5 s. */
  readonly everyMs?: number;
  /** What has to have been taken since the last time, in octets. Default: 48 MiB. */
  readonly grownBy?: number;
}

const EVERY_MS = 5_000;
const GROWN_BY = 48 * 1024 * 1024;
/** The share of the time in which the process does something, up to which it idles. */
const IDLE_MAX = 0.05;

/**
 * Gives memory back while there is nothing else to do, until the returned function is called. V8 looks for what nobody needs when something new is
 * taken: a server that did something large once and then idles would keep hundreds of megabytes for hours. The process stands still meanwhile, for
 * some tens of milliseconds.
 */
export function giveBackWhenIdle({ everyMs = EVERY_MS, grownBy = GROWN_BY }: IdleMemoryOptions = {}): () => void {
  const collect = collector();
  let before = performance.eventLoopUtilization();
  let least = process.memoryUsage.rss();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    const resident = process.memoryUsage.rss();
    least = Math.min(least, resident);
    if (utilization > IDLE_MAX || resident - least < grownBy) return;
    collect();
    // What is still there is needed.
    least = process.memoryUsage.rss();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** V8 names its collector to contexts that are made while this flag is set. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  return collect;
}
