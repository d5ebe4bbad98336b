import type { AckLog } from "./ack-log.ts";
import type { Death } from "./crash-plan.ts";
import { runLoad } from "./load.ts";
import type { MessageMaker } from "./messages.ts";
import { NEXT_HOP_POINTS, type NextHop } from "./next-hop.ts";
import type { Random } from "./random.ts";
import { PATIENT_START_MS_MAX, type RunningServer, withinMs } from "./server-process.ts";
import type { Target } from "./target.ts";

/** What a cycle works with. */
export interface CycleTools {
  readonly target: Target;
  readonly nextHop: NextHop;
  readonly clients: number;
  readonly random: Random;
  readonly makeMessage: MessageMaker;
  readonly log: AckLog;
  readonly complain: (problem: string) => void;
  /** Whether an answer that arrives now is one that the server gave: always, unless its machine is to be thought gone. */
  readonly counts: () => boolean;
}

/** A server under load. */
interface Loaded {
  readonly server: RunningServer;
  /** Resolves when the server ended, however that was. */
  readonly ended: RunningServer["ended"];
  /** Ends the load and waits until the last answer is in the log. */
  unload(): Promise<void>;
}

/** How long the load waits for a named step before the server is killed anyway. */
const POINT_MS_MAX = 3_000;
/** How long it goes on beyond a random time until there are as many messages as asked for. */
const CATCH_UP_MS_MAX = 20_000;
const CATCH_UP_LOOK_MS = 100;

/** Starts the server and its clients; "died" if it killed itself before it was ready. Rejects if it did not start. */
export async function startLoaded(tools: CycleTools, point?: string): Promise<Loaded | "died"> {
  const server = tools.target.start(point);
  let over = false;
  const ended = server.ended.then(ending => {
    over = true;
    return ending;
  });
  const ready = await withinMs(server.ready, PATIENT_START_MS_MAX);
  if (ready !== true) {
    server.kill("SIGKILL");
    const { signal } = await ended;
    if (ready === false && signal === "SIGKILL" && point !== undefined) return "died";
    throw new Error(`The server did not start. It printed:\n${server.output()}`);
  }
  const certificate = await tools.target.certificate();
  const load = runLoad({ ...tools, certificate, over: () => over }, tools.clients);
  const unload = async (): Promise<void> => {
    over = true;
    await load;
  };
  return { server, ended, unload };
}

/**
 * Starts the server, loads it and lets it die; at a random time not before `messages` are acknowledged. Answers whether the planned
 * death happened. Rejects if it did not start, or ended by itself.
 */
export async function runCycle(tools: CycleTools, death: Death, messages: number): Promise<boolean> {
  const ofNextHop = death.at === "point" ? NEXT_HOP_POINTS.find(point => point === death.point) : undefined;
  const own = death.at === "point" && ofNextHop === undefined ? `${death.point}:${death.passing}` : undefined;
  const loaded = await startLoaded(tools, own);
  if (loaded === "died") return true;
  const { server, ended } = loaded;
  const reached = Promise.withResolvers<true>();
  if (death.at === "point" && ofNextHop !== undefined) {
    let left = death.passing;
    tools.nextHop.watch(passed => {
      if (passed !== ofNextHop) return;
      left -= 1;
      if (left !== 0) return;
      server.kill("SIGKILL");
      reached.resolve(true);
    });
  }
  const early = await withinMs(
    Promise.race([ended.then(() => true), reached.promise]),
    death.at === "time" ? death.afterMs : POINT_MS_MAX,
  );
  if (death.at === "time") await caughtUp(tools.log, messages, ended);
  tools.nextHop.watch(undefined);
  server.kill("SIGKILL");
  const { code, signal } = await ended;
  await loaded.unload();
  if (signal !== "SIGKILL")
    throw new Error(`The server ended by itself (${signal ?? code}). It printed:\n${server.output()}`);
  return early === true;
}

/** Waits until so many messages are acknowledged, the server ended, or it takes too long. */
export async function caughtUp(log: AckLog, messages: number, ended: Promise<unknown>): Promise<void> {
  for (let waited = 0; log.acknowledged < messages && waited < CATCH_UP_MS_MAX; waited += CATCH_UP_LOOK_MS) {
    if ((await withinMs(ended, CATCH_UP_LOOK_MS)) !== undefined) return;
  }
}
