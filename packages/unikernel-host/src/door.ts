import type { UnikernelConnection } from "./connection.ts";

/** A peer that leaves us waiting for so long gives way to another, when there is no room. */
const PATIENCE_MS = 15_000;

/**
 * Who gives way to a newcomer when no more connections may be held: of the address with the most, where that has more than the newcomer's own, the
 * one that leaves us waiting longest; else whoever leaves us waiting for 15 seconds. Undefined where nobody does. What is being worked on never gives way.
 */
export function givesWay(
  held: Iterable<UnikernelConnection>,
  newcomer: UnikernelConnection,
  nowMs: number,
): UnikernelConnection | undefined {
  const counts = new Map<string, number>();
  const all = [...held];
  for (const { remote } of all) counts.set(remote.address, (counts.get(remote.address) ?? 0) + 1);
  const own = counts.get(newcomer.remote.address) ?? 0;
  let chosen:
    | { readonly connection: UnikernelConnection; readonly count: number; readonly waitedMs: number }
    | undefined;
  for (const connection of all) {
    const waitedMs = connection === newcomer ? undefined : connection.waitedMs(nowMs);
    if (waitedMs === undefined) continue;
    const held = counts.get(connection.remote.address) ?? 0;
    // Those who hold no more than the newcomer are all alike.
    const count = held > own ? held : 0;
    if (count === 0 && waitedMs < PATIENCE_MS) continue;
    if (chosen !== undefined && (count < chosen.count || (count === chosen.count && waitedMs <= chosen.waitedMs)))
      continue;
    chosen = { connection, count, waitedMs };
  }
  return chosen?.connection;
}
