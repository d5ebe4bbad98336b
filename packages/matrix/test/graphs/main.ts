/** `npm run matrix:graphs -- --graphs 10000`: random rooms, whose events are judged and whose states are resolved by us and by Synapse. The last line is the verdict. */
import { parseArgs } from "node:util";
import { measureConflict } from "./conflict.ts";
import { randomRoom } from "./random-room.ts";
import { compare, startSynapse } from "./synapse.ts";

const USAGE =
  "npm run matrix:graphs [-- --graphs N] [--seed N] [--version V]    N rooms from this seed on, in room versions 1 to 12 by turns or in V alone\nnpm run matrix:graphs -- --conflict N    what it costs to resolve a conflict of N events in a room of 10,000 members";
const VERSIONS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "12", "12"];
const PROGRESS = 500;

const { values } = parseArgs({
  options: {
    graphs: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    version: { type: "string" },
    conflict: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const [graphs, first] = [Number(values.graphs), Number(values.seed)];

/** Compares so many rooms; whether all states were the same. */
async function compareAll(): Promise<boolean> {
  const synapse = startSynapse();
  let [judged, problems, faults] = [0, 0, 0];
  let unresolved = 0;
  for (let seed = first; seed < first + graphs; seed += 1) {
    const version = values.version ?? VERSIONS[seed % VERSIONS.length]!;
    const room = randomRoom(seed, version);
    const { differences, unresolved: lost } = await compare(synapse, room);
    judged += room.judged.length;
    problems += room.problems.length;
    faults += differences.length;
    unresolved += lost;
    for (const line of differences) console.log(`seed ${seed}, room version ${version}, ${line}`);
    const done = seed - first + 1;
    if (done % PROGRESS === 0) console.log(`${done} of ${graphs} rooms, ${problems} resolutions, ${faults} differ`);
  }
  synapse.stop();
  const what = `${graphs} rooms, ${judged} events judged, ${problems} states resolved, ${unresolved} of them not by Synapse`;
  console.log(faults === 0 ? `${what}: all as Synapse` : `${what}: ${faults} differ from Synapse`);
  return faults === 0;
}

if (values.help || !Number.isInteger(graphs) || graphs < 1 || !Number.isInteger(first)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (values.conflict !== undefined) {
  const { first, median } = measureConflict(Number(values.conflict), 10_000);
  console.log(`${values.conflict} events: ${first.toFixed(0)} ms of CPU at first, ${median.toFixed(0)} ms after`);
} else process.exitCode = (await compareAll()) ? 0 : 1;
