/** `npm run pressure:unikernel`: the image `mx` under attack, and many messages one after the other. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { wholeNumber } from "../../../crash/options.ts";
import { buildImage } from "../../../src/image/build.ts";
import { startPressed } from "./pressure.ts";

const USAGE = `npm run pressure:unikernel -- [--syns N] [--connections N] [--messages N] [--memory MB]

Runs the image mx in a network where everybody else is this program, and sends mail as one should
  --syns N         while N handshakes are begun that nobody ends; 100000
  --connections N  while N connections from 20 addresses say little and then nothing; 2000
  --messages N     N times, and looks at what the heap has grown by meanwhile; 10000
  --memory MB      of the machine; 32

Example: npm run pressure:unikernel -- --syns 5000 --connections 200 --messages 500
The last line is the verdict; exit status 0 held, 1 not, 2 wrong use.`;

/** Messages that are sent under each attack, and before the heap is first looked at. */
const UNDER_ATTACK = 20;
/** Share of the heap that it may grow by. */
const GROWTH_MAX = 0.05;

const { values } = parseArgs({
  options: {
    syns: { type: "string", default: "100000" },
    connections: { type: "string", default: "2000" },
    messages: { type: "string", default: "10000" },
    memory: { type: "string", default: "32" },
    help: { type: "boolean" },
  },
});
const numbers = [values.syns, values.connections, values.messages, values.memory].map(text =>
  wholeNumber(text, 0, 10_000_000),
);
const [syns, connections, messages, memoryMb] = numbers;
if (
  values.help ||
  syns === undefined ||
  connections === undefined ||
  messages === undefined ||
  memoryMb === undefined
) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const folder = await mkdtemp(join(tmpdir(), "scop-pressure-"));
  try {
    const image = join(folder, "mx.elf");
    await buildImage("mx", image, { probes: "no" });
    process.exitCode = (await run(image, { syns, connections, messages, memoryMb })) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Counts {
  readonly syns: number;
  readonly connections: number;
  readonly messages: number;
  readonly memoryMb: number;
}

async function run(image: string, { syns, connections, messages, memoryMb }: Counts): Promise<boolean> {
  const machine = await startPressed(image, memoryMb);
  process.once("exit", () => void machine.stop());
  const good = (heard: readonly string[]): number => heard.filter(each => each.startsWith("250 ")).length;
  const seconds = async (work: () => Promise<unknown>): Promise<string> => {
    const start = performance.now();
    await work();
    return `${((performance.now() - start) / 1000).toFixed(1)} s`;
  };
  let sent = 0;
  const flooded = await seconds(async () => {
    const [heard] = await Promise.all([machine.send(UNDER_ATTACK), machine.flood(syns)]);
    sent += good(heard) + good(await machine.send(UNDER_ATTACK));
  });
  console.log(`${syns} handshakes begun in ${flooded}: ${sent} of ${2 * UNDER_ATTACK} messages taken`);
  const slowed = await seconds(async () => {
    const [, heard] = await Promise.all([machine.slow(connections), machine.send(UNDER_ATTACK)]);
    sent += good(heard) + good(await machine.send(UNDER_ATTACK));
  });
  console.log(
    `${connections} slow connections in ${slowed}: ${sent - 2 * UNDER_ATTACK} of ${2 * UNDER_ATTACK} messages taken`,
  );
  machine.dropAll();
  const early = Math.ceil(messages / 10);
  sent += good(await machine.send(early));
  const before = await machine.heapOctets();
  const soaked = await seconds(async () => {
    sent += good(await machine.send(messages - early));
  });
  const after = await machine.heapOctets();
  const growth = after / before - 1;
  console.log(
    `${messages - early} messages in ${soaked}: heap ${before} octets, then ${after}: ${(100 * growth).toFixed(2)} %`,
  );
  const expected = 4 * UNDER_ATTACK + messages;
  const held = sent === expected && machine.taken() === expected && growth < GROWTH_MAX;
  console.log(
    `${sent} of ${expected} messages taken, heap growth ${(100 * growth).toFixed(2)} %: ${held ? "held" : "NOT HELD"}`,
  );
  await machine.stop();
  return held;
}
