import { performance } from "node:perf_hooks";
import { createMta, type Transport } from "@scop/mta";
import { nodePlatform } from "@scop/node-host";
import { fallenTo, fillQueue, openQueue } from "./queue-store.ts";

/**
 * `fill FOLDER MESSAGES live|both` fills a queue for 500 live destinations, or for these and as many dead ones, taking turns.
 * `drain FOLDER SINK SILENT CLOSED` delivers it until only mail for the dead is left.
 */
const [action = "", folder = "", ...rest] = process.argv.slice(2);
const HALF = 500;
const OCTETS = 1_000;

const store = await openQueue(folder);
if (action === "fill") {
  const [messages = "", which = ""] = rest;
  const count = which === "live" ? Number(messages) / 2 : Number(messages);
  await fillQueue(store, count, OCTETS, number => nameOf(which === "live" ? 2 * number : number));
  console.log("filled");
} else {
  const [sink, silent, closed] = rest.map(Number);
  const transports = new Map<string, Transport>();
  for (let number = 0; number < 2 * HALF; number += 1) {
    const port = number % 2 === 0 ? sink! : number % 4 === 1 ? silent! : closed!;
    transports.set(nameOf(number), { host: "127.0.0.1", port });
  }
  const { ready } = await store.queueCounts();
  const isDead = (await store.queue({ limit: 2 })).some(item => item.destination.startsWith("dead"));
  const mta = createMta(nodePlatform(), store, { hostname: "mx.scop.test", transports });
  const start = performance.now();
  const before = process.cpuUsage();
  mta.start();
  await fallenTo(store, isDead ? ready / 2 : 0);
  const { user, system } = process.cpuUsage(before);
  console.log(`drained in ${Math.round(performance.now() - start)} ${Math.round((user + system) / 1_000)}`);
}

function nameOf(number: number): string {
  const place = number % (2 * HALF);
  return place % 2 === 0 ? `live${place}.example` : `dead${place}.example`;
}
