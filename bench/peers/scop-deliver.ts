import { createInterface } from "node:readline";
import { createMta, type MtaConfig } from "@scop/mta";
import { nodePlatform } from "@scop/node-host";
import { createLog } from "../../apps/scop/src/server/observe.ts";
import { fallenTo, fillQueue, openQueue } from "./queue-store.ts";

/**
 * A process that fills a queue and, when it is told to on standard input, delivers it: `FOLDER PORT MESSAGES CONNECTIONS OCTETS`. Says `filled` and
 * `empty` on standard output, logs as the daemon does.
 */
const [folder = "", port = "", messages = "", connections = "", octets = ""] = process.argv.slice(2);
const DESTINATION = "sink.example";
const WARM_UP_MESSAGES = 5_000;

const store = await openQueue(folder);
const platform = nodePlatform({ log: createLog("info") });
const config: MtaConfig = {
  hostname: "mx.scop.test",
  transports: new Map([[DESTINATION, { host: "127.0.0.1", port: Number(port) }]]),
  limits: { connectionsPerDestinationMax: Number(connections) },
};
// A server runs for weeks: what is compiled and cached in its first seconds does not count.
await fillQueue(store, WARM_UP_MESSAGES, Number(octets), () => DESTINATION);
const first = createMta(platform, store, config);
first.start();
await fallenTo(store, 0);
await first.stop();
await fillQueue(store, Number(messages), Number(octets), () => DESTINATION);
console.log("filled");
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
await lines.next();
const mta = createMta(platform, store, config);
mta.start();
await fallenTo(store, 0);
console.log("empty");
process.once("SIGTERM", async () => {
  await mta.stop();
  await store.close();
  process.exit();
});
