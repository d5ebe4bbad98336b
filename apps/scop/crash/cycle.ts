import { readFile } from "node:fs/promises";
import type { AckLog } from "./ack-log.ts";
import type { Death } from "./crash-plan.ts";
import { runLoad } from "./load.ts";
import type { LoadMessage, MessageSize } from "./messages.ts";
import type { Random } from "./random.ts";
import { certificatePath, type ServerPorts, START_MS_MAX, startServer, withinMs } from "./server-process.ts";

/** What a cycle works with. */
export interface CycleTools {
  readonly data: string;
  readonly ports: ServerPorts;
  readonly clients: number;
  readonly random: Random;
  readonly makeMessage: (size: MessageSize) => LoadMessage;
  readonly log: AckLog;
  readonly complain: (problem: string) => void;
}

/** How long the load waits for a named step before the server is killed anyway. */
const POINT_MS_MAX = 3_000;

/** Starts the server, loads it and lets it die; answers whether the planned death happened. Rejects if it did not start. */
export async function runCycle(tools: CycleTools, death: Death): Promise<boolean> {
  const environment = death.at === "point" ? { SCOP_CRASH_AT: `${death.point}:${death.passing}` } : {};
  const server = startServer({ data: tools.data, ports: tools.ports, environment });
  let over = false;
  const ended = server.ended.then(ending => {
    over = true;
    return ending;
  });
  const ready = await withinMs(server.ready, START_MS_MAX);
  if (ready !== true) {
    server.kill("SIGKILL");
    const { signal } = await ended;
    if (ready === false && signal === "SIGKILL" && death.at === "point") return true;
    throw new Error(`The server did not start. It printed:\n${server.output()}`);
  }
  const certificate = await readFile(certificatePath(tools.data));
  const load = runLoad({ ...tools, certificate, over: () => over }, tools.clients);
  const early = await withinMs(ended, death.at === "time" ? death.afterMs : POINT_MS_MAX);
  if (early === undefined) server.kill("SIGKILL");
  over = true;
  const { code, signal } = await ended;
  await load;
  if (signal !== "SIGKILL")
    throw new Error(`The server ended by itself (${signal ?? code}). It printed:\n${server.output()}`);
  return early !== undefined;
}
