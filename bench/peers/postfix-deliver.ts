import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FilledQueue } from "../deliver.ts";
import { runSmtpSource } from "../smtp-source.ts";
import { masterConfiguration, runPostfix, SERVICES } from "./postfix.ts";

const EMPTY_MS_MAX = 300_000;
const FILL_CONNECTIONS = 20;
/** As long as nobody starts the queue manager, mail waits where it arrives. */
const WITHOUT_MANAGER = SERVICES.filter(service => !service.startsWith("qmgr"));
const OUT = ["smtp unix - - n - - smtp", "scache unix - - n - 1 scache"];

/** Postfix with messages in its incoming queue, which its queue manager delivers to the sink over connections that are used again. */
export async function fillPostfix(
  folder: string,
  { sinkPort, messages, connections, octets }: Parameters<typeof import("./scop-queue.ts").fillScop>[1],
): Promise<FilledQueue | string> {
  const settings = {
    relay_transport: `smtp:[127.0.0.1]:${sinkPort}`,
    // Without the queue manager nobody says that mail leaves as fast as it comes.
    in_flow_delay: "0",
    initial_destination_concurrency: String(connections),
    default_destination_concurrency_limit: String(connections),
    smtp_connection_cache_destinations: "127.0.0.1",
  };
  const running = await runPostfix(folder, settings, [...WITHOUT_MANAGER, ...OUT]);
  if (typeof running === "string") return running;
  await runSmtpSource({ port: running.port, connections: FILL_CONNECTIONS, messages, octets });
  return {
    name: "Postfix",
    pid: running.pid,
    deliver: async () => {
      await writeFile(
        join(running.configuration, "master.cf"),
        masterConfiguration(running.port, [...SERVICES, ...OUT]),
      );
      execFileSync("postfix", ["-c", running.configuration, "reload"], { stdio: "ignore" });
      await sleep(1);
      if (!(await running.queueEmpty(EMPTY_MS_MAX))) throw new Error("Postfix did not empty its queue in time");
    },
    stop: () => running.stop(),
  };
}
