/** Reads one hostile family in four sizes, the largest of so many octets, and says what it took: `node hostile-large.ts NAME OCTETS`. */
import { nodeByteWork } from "@scop/node-host/byte-work";
import { installByteWork } from "@scop/wire";
import { families } from "./hostile-families.ts";

/** Ours: seconds of the processor for the largest member. */
const SECONDS_MAX = 2;
/** From one size to the next. */
const GROWTH_MAX = 2.5;
/** Beyond the input and what is decoded of it. */
const ADDED_MB_MAX = 20;
/** Times below this many seconds say nothing of growth. */
const TIME_MIN = 0.05;

installByteWork(nodeByteWork);
const [, , name, octetsText] = process.argv;
const family = families.find(each => each.name === name);
if (family === undefined) throw new Error(`no family is called ${name}`);
const octets = Number(octetsText);

function seconds(bytes: Uint8Array): number {
  const before = process.cpuUsage();
  family!.read(bytes);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

family.read(family.make(octets / 64), {});
const whole = family.make(octets);
const before = process.memoryUsage.rss();
const output = family.read(whole, {}) / 1e6;
/** What the reading with the limits of every day adds to the input, garbage that was not collected yet among it. */
const added = (process.resourceUsage().maxRSS * 1024 - before) / 1e6;
const times = [8, 4, 2, 1].map(part => {
  const bytes = family.make(octets / part);
  return Math.min(...[1, 2, 3, 4, 5].map(() => seconds(bytes)));
});
const growth = Math.max(...times.slice(1).map((time, index) => time / Math.max(times[index]!, TIME_MIN)));
const last = times.at(-1)!;
const isLarge = added > output + ADDED_MB_MAX;
const verdict = last > SECONDS_MAX ? "too slow" : growth > GROWTH_MAX ? "not linear" : isLarge ? "too large" : "fine";
console.log(
  `${name}: ${times.map(time => `${(time * 1000).toFixed(0)} ms`).join(", ")}; x ${growth.toFixed(2)}; + ${added.toFixed(0)} MB for ${output.toFixed(0)} MB; ${verdict}`,
);
