import { join } from "node:path";
import { AckLog } from "../crash/ack-log.ts";
import { type CycleTools, caughtUp, startLoaded } from "../crash/cycle.ts";
import { messageMaker } from "../crash/messages.ts";
import { type NextHop, startNextHop } from "../crash/next-hop.ts";
import { type Progress, progressLine } from "../crash/progress.ts";
import { type Random, seededRandom } from "../crash/random.ts";
import type { Findings } from "../crash/report.ts";
import { withinMs } from "../crash/server-process.ts";
import { targetsOf } from "../crash/servers.ts";
import { type Audited, auditOnce, lossesOf, type Watched, watchedIn } from "../crash/watched.ts";
import { type Disk, FILE_SYSTEMS, makeDisk } from "./disk.ts";
import type { PowerOptions } from "./options.ts";

/** Whether there is power. */
interface Supply {
  isOn: boolean;
}

/** A disk with the server that lives on it. */
interface Powered {
  readonly disk: Disk;
  readonly supply: Supply;
  readonly watched: Watched;
  readonly tools: CycleTools;
}

const LOAD_MS_MIN = 300;
const LOAD_MS_MAX = 2_000;
/** A cut shows nothing where nothing was promised before it. */
const MESSAGES_MIN = 25;
/** A server without a disk has so long to end. */
const END_MS_MAX = 30_000;
/** What of its log is shown if it did not end as it should. */
const SAID_CHARACTERS = 2_000;

/** Cuts the power and audits as often as asked, in a folder of its own. */
export async function powerRun(options: PowerOptions, folder: string): Promise<Findings> {
  const random = seededRandom(options.seed);
  const nextHop = await startNextHop({ random, pipelining: options.server === "scop" });
  const progress = progressLine();
  const faults = new Set<string>();
  try {
    const all: Powered[] = [];
    for (const fileSystem of FILE_SYSTEMS.slice(0, options.rounds)) {
      all.push(await powered(makeDisk(folder, fileSystem), options, folder, random, nextHop));
    }
    for (let round = 1; round <= options.rounds; round += 1) {
      const each = all[round % all.length]!;
      const wrong = await cutOnce(each, options.server === "scop", random);
      const audited = await auditOnce(each.watched, nextHop, "what is new");
      for (const fault of [...wrong, ...audited.faults]) faults.add(`${each.disk.fileSystem}: ${fault}`);
      report(progress, `round ${round} of ${options.rounds}, ${each.disk.fileSystem}`, each.tools.log, audited);
    }
    const audits: Audited[] = [];
    for (const { watched, tools } of all) {
      await tools.log.close();
      audits.push(await auditOnce(watched, nextHop, "everything"));
    }
    for (const audited of audits) for (const fault of audited.faults) faults.add(fault);
    for (const { disk } of all) await disk.unmount();
    progress.end();
    // What the next hop took just before the power went may come again: our record of it had no time to be synced.
    const repeated = { times: nextHop.repeated(), max: undefined };
    return {
      deaths: `${options.rounds} cuts`,
      audits,
      repeated,
      faults: [...faults],
      complaints: new Map(),
      unreached: [],
    };
  } finally {
    nextHop.close();
  }
}

async function powered(
  disk: Disk,
  options: PowerOptions,
  folder: string,
  random: Random,
  nextHop: NextHop,
): Promise<Powered> {
  const make = targetsOf(options.server, { SCOP_DANGEROUS_SYNCHRONOUS: options.synchronous });
  const target = await make(join(disk.folder, "data"), nextHop.port);
  // The log stays on a disk that keeps its power.
  const watched = watchedIn(target, join(folder, `${disk.fileSystem}.log`));
  const run = `${options.seed.toString(36)}-${Date.now().toString(36)}${disk.fileSystem}`;
  const supply = { isOn: true };
  const tools: CycleTools = {
    ...{ target, nextHop, random, clients: options.clients, log: await AckLog.open(watched.logPath) },
    makeMessage: messageMaker(random, run),
    complain: () => undefined,
    counts: () => supply.isOn,
  };
  return { disk, supply, watched, tools };
}

/** Loads the server, takes its disk away, and gives it back after what it was; answers what the server did wrong meanwhile. */
async function cutOnce({ disk, supply, tools }: Powered, mustEnd: boolean, random: Random): Promise<readonly string[]> {
  const loaded = await startLoaded(tools);
  if (loaded === "died") throw new Error("nobody told the server to die");
  const { server, ended } = loaded;
  const messages = tools.log.acknowledged + MESSAGES_MIN;
  await withinMs(ended, random.between(LOAD_MS_MIN, LOAD_MS_MAX));
  await caughtUp(tools.log, messages, ended);
  // Without power nobody gets an answer any more; and a sync that runs into the shutdown may be told that it succeeded.
  supply.isOn = false;
  disk.cutPower();
  const ending = await withinMs(ended, mustEnd ? END_MS_MAX : LOAD_MS_MIN);
  const unloaded = loaded.unload();
  server.kill("SIGKILL");
  await ended;
  await unloaded;
  await disk.unmount();
  disk.mount();
  supply.isOn = true;
  if (!mustEnd || (ending?.code === 1 && server.output().includes("the disk failed; stopping"))) return [];
  const said = `it said last: ${server.output().slice(-SAID_CHARACTERS)}`;
  return [`the server ${ending === undefined ? "went on without a disk" : `ended with ${ending.code}`}; ${said}`];
}

function report(progress: Progress, round: string, log: AckLog, audited: Audited): void {
  progress.show(`${round}: ${log.acknowledged} acknowledged, ${lossesOf(audited).length} lost`);
}
