// Run as a program of its own: a peer, the folder of the inputs, what to do and one input are its arguments. It prints what it needed.
import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { openMessageReader } from "@scop/mime";
import { nodeByteWork } from "@scop/node-host/byte-work";
import { installByteWork } from "@scop/wire";
import type { MemoryResult } from "../mime.ts";
import type { InputName } from "./inputs.ts";
import { readInput } from "./inputs.ts";

const CHUNK_OCTETS = 65_536;
const [peerName, folder, work, input] = process.argv.slice(2);

/** Octets that decoded content takes, as bytes or as a string of one or two octets a unit. */
function octetsOf(value: unknown): number {
  if (typeof value === "string") return /^[\0-\xff]*$/.test(value.slice(0, 100_000)) ? value.length : value.length * 2;
  if (value instanceof Uint8Array) return value.length;
  return Array.isArray(value) ? value.reduce((sum: number, each: unknown) => sum + octetsOf(each), 0) : 0;
}

/** Reads a file in chunks, and answers the largest heap that was seen. */
function stream(path: string): number {
  const reader = openMessageReader({ content: "decoded" });
  const chunk = new Uint8Array(CHUNK_OCTETS);
  const file = openSync(path, "r");
  let heap = 0;
  let octets = 0;
  for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
    for (const event of reader.feed(chunk.subarray(0, read))) if (event.on === "content") octets += event.bytes.length;
    heap = Math.max(heap, process.memoryUsage().heapUsed);
  }
  for (const event of reader.end()) if (event.on === "content") octets += event.bytes.length;
  closeSync(file);
  if (octets === 0) throw new Error("nothing was decoded");
  return heap;
}

/**
 * The most memory that this program had, in octets. `maxRSS` counts what the process was before it became this program too, which is the
 * bench with all its messages: so it is only for systems that do not tell the peak of the program alone.
 */
function peakOctets(): number {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return (kibibytes === undefined ? process.resourceUsage().maxRSS : Number(kibibytes)) * 1_024;
}

let heap = 0;
let kept: unknown;
if (work === "stream") {
  // Nothing but what streaming needs is loaded.
  if (peerName === "SCoP") installByteWork(nodeByteWork);
  heap = stream(join(folder!, input!, "0000.eml"));
} else {
  const { LIBRARIES } = await import("./peers.ts");
  const peer = await LIBRARIES[peerName!]!();
  if (work === "full") kept = await peer.full(readInput(folder!, input as InputName)[0]!);
}
const result: MemoryResult = { peak: peakOctets(), heap, output: octetsOf(kept) };
console.log(JSON.stringify(result));
